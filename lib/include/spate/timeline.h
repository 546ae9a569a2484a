// A run from slice to slice of its time.
#pragma once

#include <cstdint>
#include <vector>

namespace spate {

// What happened between two moments of a run, over all workers.
struct TimelineSlice {
  std::uint64_t sent = 0;       // messages that the delivery took
  std::uint64_t attempted = 0;  // deliveries that were expected of them
  std::uint64_t delivered = 0;  // seen by their recipients, whenever they were sent
  // Settled, whenever they were sent.
  std::uint64_t acked = 0;
  std::uint64_t failed = 0;    // by chance or chaos: failed or crashed
  std::uint64_t rejected = 0;  // by the delivery itself
  std::uint64_t unknown = 0;
  // Response times of what was delivered; at most 1/32 above the exact ones. 0 where nothing was.
  std::int64_t response_p50_ns = 0;
  std::int64_t response_p99_ns = 0;
};

struct Timeline {
  std::int64_t slice_ns = 0;
  std::vector<TimelineSlice> slices;  // from the run's start on, without a gap
};

}  // namespace spate
