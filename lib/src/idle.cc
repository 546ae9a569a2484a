#include "idle.h"

#include <algorithm>
#include <chrono>
#include <thread>

#include "spate/delivery.h"

#ifdef __linux__
#include <sys/prctl.h>
#endif

namespace spate {
namespace {

void pause() {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("isb");
#endif
}

}  // namespace

Idle::Idle() {
#ifdef __linux__
  prctl(PR_SET_TIMERSLACK, 1UL);  // best effort: without it a sleep ends up to 50 µs late
#endif
}

void Idle::wait(std::int64_t now_ns, std::int64_t own_due_ns, std::int64_t arrival_due_ns) {
  const std::int64_t due_ns = std::min(own_due_ns, arrival_due_ns);
  if (due_ns > now_ns + kWorthwhileSleepNs) {
    const std::int64_t until = std::min(due_ns - kWakeUpNs, now_ns + kLongestSleepNs);
    std::this_thread::sleep_for(std::chrono::nanoseconds(until - now_ns));
    return;
  }
  if (arrival_due_ns == kFromOutside && naps_.due(now_ns, own_due_ns)) {
    std::this_thread::sleep_for(std::chrono::nanoseconds(Naps::kLengthNs));
    naps_.napped(now_ns);
    return;
  }
  if (++rounds_ < kRoundsBeforeYield) {
    pause();
  } else {
    std::this_thread::yield();
  }
}

}  // namespace spate
