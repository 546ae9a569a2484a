#include "idle.h"

#include <algorithm>
#include <chrono>
#include <thread>

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

void Idle::wait(std::int64_t now_ns, std::int64_t next_due_ns) {
  if (next_due_ns > now_ns + kWorthwhileNs) {
    const std::int64_t until = std::min(next_due_ns - kWakeUpNs, now_ns + kLongestSleepNs);
    std::this_thread::sleep_for(std::chrono::nanoseconds(until - now_ns));
    return;
  }
  if (++rounds_ < kRoundsBeforeYield) {
    pause();
  } else {
    std::this_thread::yield();
  }
}

}  // namespace spate
