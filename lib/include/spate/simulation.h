// A run in virtual time: the mock, with nobody waiting for it.
#pragma once

#include <atomic>
#include <cstdint>

#include "spate/report.h"
#include "spate/run_plan.h"

namespace spate {

// How the simulation goes through a run. The report is the same, whichever is taken.
enum class SimulationWay : std::uint8_t {
  best,    // direct where it may be, else the queue that suits the number of pending events
  direct,  // each delivery by itself, sender by sender; see may_go_direct(). Without a trace.
  // In the order of time. A closed loop waits for ends, in a binary heap or a timing wheel; an open
  // one does not, so there these two are the same.
  heap,
  wheel,
};

struct SimulationOptions {
  SimulationWay way = SimulationWay::best;
  // When it becomes true the simulation ends soon, with a report of what it has done by then. May
  // be null, may be set by a signal handler.
  const std::atomic<bool>* stop = nullptr;
};

// The run of `plan` over the mock, on a virtual clock: the same messages, chaos, draws, ledger and
// report as StressRun's over MockDelivery, in which everything takes exactly the time that it
// should take. So the plan and its seed fix the report to the bit, on every machine. plan.workers:
// over so many threads at the most; the report does not depend on it. (That is also why the
// in-flight limit is not shared out among workers here.)
//
// At one moment, first what has arrived is received, then what chaos held back goes on, then new
// messages are sent; each by sender, sequence and recipient.
//
// A trace, which keeps the latest deliveries, goes by when they came to the mock.
//
// The plan must have passed check(); its mode does not matter. Throws Error when the machine
// refuses a thread, and when a delivery would end after 146 years.
RunReport simulate(const RunPlan& plan, const SimulationOptions& options = {});

// Whether each delivery of the plan can be followed by itself: an open loop without capacity,
// order, downtime, bursts, duplicates and dropped acks, which stays below its in-flight limit
// whatever chance does (but for one case in 10^30).
bool may_go_direct(const RunPlan& plan);
// What `best` is for the plan.
SimulationWay best_way(const RunPlan& plan);

}  // namespace spate
