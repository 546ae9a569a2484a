// How a worker waits when there is nothing to do.
#pragma once

#include <cstdint>

#include "spate/clock.h"

namespace spate {

inline constexpr std::int64_t kWorthwhileSleepNs = 200'000;  // shorter waits are spun

// When a worker that waits for another process must leave it the core. Linux may keep a thread that
// only yields on its core for half a second while a broker's thread is runnable there; one that
// sleeps it does not.
class Naps {
 public:
  static constexpr std::int64_t kLengthNs = 50'000;
  static constexpr std::int64_t kEveryNs = 1'000'000;  // no more often, and after so long a silence
  static constexpr std::int64_t kDeafNs =
      10'000'000;  // then also where a message is about to be sent

  void acted(std::int64_t now_ns) { acted_ns_ = now_ns; }  // sent or heard something
  void heard(std::int64_t now_ns) { heard_ns_ = now_ns; }  // from the other process
  void napped(std::int64_t now_ns) { napped_ns_ = now_ns; }

  // `own_due_ns`: when the worker itself has something to do.
  bool due(std::int64_t now_ns, std::int64_t own_due_ns) const {
    if (now_ns < napped_ns_ + kEveryNs) {
      return false;
    }
    return now_ns >= heard_ns_ + kDeafNs ||
           (now_ns >= acted_ns_ + kEveryNs && own_due_ns > now_ns + kWorthwhileSleepNs);
  }

 private:
  std::int64_t acted_ns_ = 0;
  std::int64_t heard_ns_ = 0;
  std::int64_t napped_ns_ = 0;
};

// Sleeps where the next moment is known and far enough, spins where it is near or unknown: sleeping
// costs a wake-up of some 50 µs, which would count as latency. While it spins it offers the core to
// others, since there may be more workers than cores. One thread.
class Idle {
 public:
  // Call on the worker's own thread: asks the kernel to wake it without slack.
  Idle();

  // Something was done; whether the delivery had something to say.
  void reset(std::int64_t now_ns, bool heard) {
    rounds_ = 0;
    naps_.acted(now_ns);
    if (heard) {
      naps_.heard(now_ns);
    }
  }
  // Returns by either time at the latest (but for the machine, and naps), or earlier.
  // `own_due_ns`: of what the worker does itself; `arrival_due_ns`: as its consumer says.
  void wait(std::int64_t now_ns, std::int64_t own_due_ns, std::int64_t arrival_due_ns);

 private:
  static constexpr std::int64_t kWakeUpNs = 100'000;  // sleep ends so long before
  // Stops, limits and the end of other workers' work are looked for so often.
  static constexpr std::int64_t kLongestSleepNs = 2'000'000;
  static constexpr std::uint32_t kRoundsBeforeYield = 64;

  std::uint32_t rounds_ = 0;
  Naps naps_;
};

}  // namespace spate
