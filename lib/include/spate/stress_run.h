// A run on the wall clock.
#pragma once

#include <atomic>
#include <functional>
#include <memory>

#include "spate/delivery.h"
#include "spate/fault_plan.h"
#include "spate/live_report.h"
#include "spate/payload.h"
#include "spate/report.h"
#include "spate/run_plan.h"

namespace spate {

// Whether a run may be looked at while it goes on. That costs its workers some 40 KiB each, and a
// nanosecond or two a message.
enum class Observed : bool { no, yes };

// What a run may be given besides.
struct RunExtras {
  // When it becomes true the workers stop at once. May be null; must be lock-free; may be set by a
  // signal handler.
  const std::atomic<bool>* stop = nullptr;
  Observed observed = Observed::no;
  // Lets the plan's real faults happen, from the schedule's zero on until the workers have ended.
  // Null: they do not happen. Must outlive execute().
  FaultInjector* faults = nullptr;
};

// Called on the thread of execute(), around the sending: who times it wants neither the start of
// the threads nor the wait for what is under way.
struct SendingHooks {
  std::function<void()> begins = [] {};  // every worker is ready, and waits for this
  std::function<void()> ended = [] {};   // no worker has anything left to send
};

// One stress of one cell. The three steps are separate so that a benchmark can time the middle one.
//
//   StressRun run(plan, delivery, payloads);  // allocates; makes the handles
//   run.execute();                            // the workers send and receive
//   RunReport report = run.report();          // merges what they kept
//
// Each worker is a thread that owns the agents a with a mod workers == w, its handles, recorders
// and ledger. In the steady state it takes no lock and allocates nothing; workers tell each other
// only how far they are, in counters with one writer each.
class StressRun {
 public:
  // The plan must have passed check(). `delivery` must outlive the run and be made for the plan's
  // agents and workers.
  StressRun(const RunPlan& plan, AnyDelivery& delivery, std::shared_ptr<const Payloads> payloads,
            const RunExtras& extras = {});
  ~StressRun();
  StressRun(const StressRun&) = delete;
  StressRun& operator=(const StressRun&) = delete;

  // Once. Returns when everything has arrived, at a limit of the plan, or when stopped. Throws
  // Error when the machine refuses a thread.
  void execute(const SendingHooks& hooks = {});
  // After execute().
  RunReport report() const;

  // How far the run is, and the chaos events since the look that `cursor` remembers. Any thread
  // with a cursor of its own, before, during and after execute(); never holds a worker up.
  // Precondition: the run was made with Observed::yes.
  LiveReport observe(LiveCursor& cursor) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// The content key of the run with this plan; deliveries that carry bytes need it.
std::shared_ptr<const Payloads> payloads_for(const RunPlan& plan);

}  // namespace spate
