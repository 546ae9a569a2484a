// What the timeline says about a run's faults.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "spate/fault_report.h"
#include "timeline_recorder.h"

namespace spate {

// A run as slices, of `slice_ns` each, with how many messages a second were asked for.
struct AssessedRun {
  std::span<const RecordedSlice> slices;
  std::int64_t slice_ns = 0;
  std::uint64_t rate = 0;
  std::int64_t recover_within_ns = 0;
};

FaultsReport assess(const AssessedRun& run, std::vector<ExecutedFault> executed);

}  // namespace spate
