// What real faults did to a run.
#pragma once

#include <cstdint>
#include <vector>

#include "spate/fault_plan.h"

namespace spate {

// One fault, and what came of it. Each delivery is counted with one fault: with the last that had
// begun when it was sent, until the run had recovered from that; afterwards with the next one,
// since what was sent in the calm before a fault can be lost by no other. (What came twice counts
// by when it came again.) So the counts of all faults add up to those of the run.
struct FaultOutcome {
  ExecutedFault executed;
  // Until somebody noticed: a driver spoke of trouble, or a sender was told of a message that was
  // rejected or, where chaos drops no acks, unknown (to the slice of the timeline). -1: nobody did
  // before the next fault began.
  std::int64_t detected_after_ns = -1;
  // Until the first second, behind the last that was not so and began within the fault, in which
  // messages were sent at 95 % of the asked rate or more (of Poisson arrivals, less three standard
  // deviations of their number), as many deliveries arrived as 95 % of those that were sent and
  // not failed by chaos, the p99 of the response times was at most twice that of before the first
  // fault (where that is known), and of what was sent nothing is lost or unknown in the end. -1:
  // not within the run.
  std::int64_t recovered_after_ns = -1;
  std::uint64_t lost = 0;
  std::uint64_t recovered = 0;
  std::uint64_t unknown = 0;
  std::uint64_t duplicated = 0;
};

// The run up to the end of its last fault is its safety phase, in which nothing may be lost; what
// follows is its liveness phase, in which everything must flow again.
struct Liveness {
  std::int64_t last_fault_end_ns = -1;  // after the start; -1: there was no fault
  std::int64_t wanted_within_ns = 0;
  // From that end until the first second that flows, as above but for the p99, and from which on
  // all the rest does so on average, with what is sent late after the schedule, and nothing that
  // was sent is lost or unknown. -1: there was none.
  std::int64_t flows_after_ns = -1;

  bool holds() const {
    return last_fault_end_ns < 0 || (flows_after_ns >= 0 && flows_after_ns <= wanted_within_ns);
  }
};

struct FaultsReport {
  std::vector<FaultOutcome> faults;  // in the order of their schedule
  Liveness liveness;
  std::int64_t response_p99_before_ns = -1;  // of the calm before the first; -1: there was none
};

}  // namespace spate
