#include "interrupt.h"

#include <csignal>
#include <cstdint>

#include "spate/clock.h"

namespace spate::bench {
namespace {

constexpr std::int64_t kGraceNs = 500'000'000;

std::atomic<bool> stop{false};
std::atomic<std::int64_t> first_ns{0};  // when the first signal came
static_assert(std::atomic<bool>::is_always_lock_free &&
                  std::atomic<std::int64_t>::is_always_lock_free,
              "a signal handler may only touch those");

// Reading the clock is allowed here: clock_gettime is async-signal-safe (POSIX.1-2008, 2.4.3).
extern "C" void on_signal(int signal) {
  const std::int64_t now_ns = SteadyClock{}.now_ns();
  std::int64_t before_ns = 0;
  if (first_ns.compare_exchange_strong(before_ns, now_ns)) {
    stop.store(true);
  } else if (now_ns - before_ns > kGraceNs) {
    (void)std::signal(signal, SIG_DFL);
    (void)std::raise(signal);
  }
}

}  // namespace

void catch_interrupts() {
  struct sigaction action {};
  action.sa_handler = on_signal;
  sigemptyset(&action.sa_mask);
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
}

const std::atomic<bool>& interrupted() { return stop; }

}  // namespace spate::bench
