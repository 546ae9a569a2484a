// How many bytes may go now, where there is a bandwidth.
#pragma once

#include <cstddef>
#include <cstdint>

#include "spate/clock.h"

namespace spate::proxy {

// In any span of t ns no more than bytes_per_second * (t + 10 ms) may go, or one byte where that is
// less. Each byte takes its time; what was not used of it can be made up for within 10 ms. One
// thread.
class Pacer {
 public:
  // Unused time does not count across a change, nor before the first. 0: as fast as it goes.
  void set_rate(std::int64_t now_ns, std::uint64_t bytes_per_second);
  // So many bytes may go now; at most `wanted`.
  std::size_t allowed(std::int64_t now_ns, std::size_t wanted) const;
  void spend(std::int64_t now_ns, std::size_t count);
  // When `wanted` bytes may go, or as many as are worth a wake-up: 5 ms.
  std::int64_t ready_ns(std::size_t wanted) const;

 private:
  std::int64_t time_of(std::size_t count) const;  // rounded up
  std::int64_t slack_ns() const;

  std::uint64_t rate_ = 0;
  std::int64_t free_ns_ = 0;  // the bytes so far have taken until then
};

}  // namespace spate::proxy
