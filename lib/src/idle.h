// How a worker waits when there is nothing to do.
#pragma once

#include <cstdint>

#include "spate/clock.h"

namespace spate {

// Sleeps where the next moment is known and far enough, spins where it is near or unknown: sleeping
// costs a wake-up of some 50 µs, which would count as latency. While it spins it offers the core to
// others, since there may be more workers than cores. One thread.
class Idle {
 public:
  // Call on the worker's own thread: asks the kernel to wake it without slack.
  Idle();

  // Something was done.
  void reset() { rounds_ = 0; }
  // Returns by next_due_ns at the latest (but for the machine), or earlier.
  void wait(std::int64_t now_ns, std::int64_t next_due_ns);

 private:
  static constexpr std::int64_t kWakeUpNs = 100'000;      // sleep ends so long before
  static constexpr std::int64_t kWorthwhileNs = 200'000;  // shorter waits are spun
  // Stops, limits and the end of other workers' work are looked for so often.
  static constexpr std::int64_t kLongestSleepNs = 2'000'000;
  static constexpr std::uint32_t kRoundsBeforeYield = 64;

  std::uint32_t rounds_ = 0;
};

}  // namespace spate
