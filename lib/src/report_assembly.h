// Puts a report together from what the threads of a run, on whatever clock, wrote down.
#pragma once

#include <cstdint>
#include <span>

#include "receipt_tally.h"
#include "send_tally.h"
#include "spate/chaos.h"
#include "spate/ledger.h"
#include "spate/report.h"
#include "spate/run_plan.h"

namespace spate {

// One thread's. Agent a was sent for by part a mod parts; any part may have received for it.
struct RunPart {
  const SendTally* sends;
  const ReceiptTally* receipts;
  // The ledgers: of all parts or of none.
  const SentLedger* sent = nullptr;
  const SeenLedger* seen = nullptr;
  const SeenLedger* copies = nullptr;  // of chaos's duplicates; null where none can be doubled
  Account findings;                    // that are not in the ledgers
  ChaosCounts chaos = {};
  std::uint64_t shed = 0;
  std::uint64_t digest = 0;
  std::uint64_t mock_digest = 0;
  std::int64_t last_due_ns = 0;  // of its schedule, after the start
};

// The run's time: when it began, and how long after that its last thread ended.
struct RunSpan {
  std::int64_t start_ns = 0;
  std::int64_t length_ns = 0;
};

// All of the report but `service`, `lateness`, `interrupted` (which is read) and the chaos events.
// At least one part. `sink` is told what the ledgers only find now; may be null.
void assemble(const RunPlan& plan, std::span<const RunPart> parts, const RunSpan& span,
              RunReport& report, FindingSink* sink = nullptr);

}  // namespace spate
