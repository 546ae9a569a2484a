// What the timeline says about a run's faults.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "spate/fault_report.h"
#include "spate/schedule.h"
#include "timeline_recorder.h"

namespace spate {

// A run as slices, of `slice_ns` each and at most a second, with what was asked of it.
struct AssessedRun {
  std::span<const RecordedSlice> slices;
  std::int64_t slice_ns = 0;
  std::int64_t schedule_ns = 0;  // so long messages were due; what follows is the drain
  std::uint64_t rate = 0;        // messages a second
  Arrivals arrivals = Arrivals::constant;
  bool chaos_drops_acks = false;  // so that some are unknown with no fault at all
  std::int64_t recover_within_ns = 0;
};

FaultsReport assess(const AssessedRun& run, std::vector<ExecutedFault> executed);

}  // namespace spate
