// What one part of a simulation writes down.
#pragma once

#include <cstdint>

#include "../receipt_tally.h"
#include "../report_assembly.h"
#include "../send_tally.h"
#include "latest_events.h"
#include "spate/chaos.h"
#include "spate/ledger.h"
#include "spate/message.h"
#include "spate/run_plan.h"

namespace spate {

// One writer. Times are those of the virtual clock, which begins at 0 with the schedule.
struct SimulationRecord {
  SimulationRecord(const RunPlan& plan, WorkerId own_part, std::uint32_t parts)
      : part(own_part), sends(plan.agents, own_part, parts), receipts(plan) {}

  void log(const Message& message, ChaosEvent::Kind kind, std::int64_t extra_ns = 0) {
    events.record({message.sent_ns, message.sequence, extra_ns, message.sender, kind});
  }
  // For how long chaos holds the message back, if it does.
  void note_hold(const Message& message, const ChaosVerdict& verdict) {
    if (verdict.spike_ns > 0) {
      ++chaos.spiked;
      log(message, ChaosEvent::Kind::spike, verdict.spike_ns);
    }
    if (verdict.reorder_ns > 0) {
      ++chaos.reordered;
      log(message, ChaosEvent::Kind::reorder, verdict.reorder_ns);
    }
  }

  WorkerId part;
  SendTally sends;
  ReceiptTally receipts;
  Account account;  // but for `reordered`, which is below
  LatestEvents events;
  ChaosCounts chaos;
  std::uint64_t shed = 0;
  std::uint64_t reordered = 0;
  std::uint64_t digest = 0;
  std::uint64_t mock_digest = 0;
  std::int64_t last_due_ns = 0;
  std::int64_t end_ns = 0;  // when the last delivery ended
};

}  // namespace spate
