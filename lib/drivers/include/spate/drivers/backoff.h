// How long to wait before a lost connection is tried again, and how long an attempt may take.
#pragma once

#include <algorithm>
#include <cstdint>

#include "spate/delivery.h"
#include "spate/random.h"

namespace spate::drivers {

// So long an attempt to come back, or a step of one, goes on without a word from the server, where
// the connection may be away for `timeout_ns` and has been for `away_ns` when it begins: half of
// what is left. So an answer that takes up to half of the timeout is waited for by the first
// attempt, and after one that nobody answers there is time for another. They begin with the longest
// because a connection that TCP has made seldom loses anything for good: what it holds is late, and
// whoever leaves just before the answer comes has to wait for it from the beginning. What is too
// short for two is left to one.
constexpr std::int64_t attempt_limit_ns(std::int64_t timeout_ns, std::int64_t away_ns) {
  constexpr std::int64_t kLeastNs = 500'000'000;
  const std::int64_t left_ns = std::max<std::int64_t>(timeout_ns - away_ns, 0);
  return left_ns < 2 * kLeastNs ? left_ns : left_ns / 2;
}

// Exponential, with a bound and with full jitter (Brooker, "Exponential Backoff And Jitter", AWS
// Architecture Blog, 2015): before each attempt a time that is uniform over 0 … the bound, which
// doubles from attempt to attempt up to the cap. So those who lost their server at the same moment
// do not come back at the same moment, again and again.
//
// A pure function of the run, the handle and how many times it has been asked. One thread.
class Backoff {
 public:
  static constexpr std::int64_t kBaseNs = 20'000'000;
  // How much later than it could at the most a connection comes back.
  static constexpr std::int64_t kCapNs = 500'000'000;

  enum class Of : std::uint8_t { producer, consumer };

  Backoff(std::uint64_t run_key, Of handle, WorkerId worker)
      : run_key_(run_key), handle_(2 * worker + (handle == Of::consumer ? 1 : 0)) {}

  // Before the next attempt.
  std::int64_t next_ns() {
    const std::int64_t bound_ns = std::min(kCapNs, kBaseNs << attempts_);
    attempts_ = std::min(attempts_ + 1, kMostDoublings);
    const std::uint64_t draw = MessageDraws(run_key_, handle_, drawn_++).draw(Purpose::reconnect);
    return static_cast<std::int64_t>(scaled(draw, static_cast<std::uint64_t>(bound_ns) + 1));
  }
  // The connection stands: the next one that is lost is tried again soon.
  void succeeded() { attempts_ = 0; }

 private:
  static constexpr int kMostDoublings = 5;  // the next is beyond the cap
  static_assert(kBaseNs << kMostDoublings >= kCapNs);

  std::uint64_t run_key_;
  AgentId handle_;
  int attempts_ = 0;  // since the connection stood, up to where nothing doubles any more
  std::uint64_t drawn_ = 0;
};

}  // namespace spate::drivers
