// What one worker writes down about the messages that its agents send.
#pragma once

#include <cstdint>
#include <span>

#include "progress.h"
#include "send_tally.h"
#include "spate/delivery.h"
#include "spate/latency_recorder.h"
#include "spate/ledger.h"
#include "spate/run_plan.h"
#include "timeline_recorder.h"

namespace spate {

// One writer: the worker. Read after the join.
class SenderBook {
 public:
  // `timeline`: null where nobody asked for one.
  SenderBook(const RunPlan& plan, WorkerId worker, Progress& progress, TimelineRecorder* timeline)
      : worker_(worker),
        workers_(plan.workers),
        agents_count_(plan.agents),
        progress_(progress),
        timeline_(timeline),
        ledger_(plan.ledger_window_of_run()),
        tally_(plan.agents, worker, plan.workers) {}

  SentLedger& ledger() { return ledger_; }
  const SentLedger& ledger() const { return ledger_; }

  // The delivery took `message`, at message.sent_ns.
  void taken(const Message& message) {
    ++taken_;
    lateness_.record(message.sent_ns - message.intended_ns);
    tally_.taken(message);
    if (timeline_ != nullptr) {
      timeline_->sent(message.ordinal, opens(message));
    }
  }

  // A settlement that cannot be (of no open send) is counted and otherwise ignored.
  void settle(std::span<const Settlement> settlements) {
    Ended refused;
    for (const Settlement& settlement : settlements) {
      if (!possible(settlement) || !ledger_.settle(settlement.ordinal, settlement.outcome)) {
        ++misreported_;
        continue;
      }
      ++settled_;
      if (timeline_ != nullptr) {
        timeline_->settled(settlement.outcome);
      }
      if (tally_.settled(settlement.sender, settlement.type, settlement.outcome)) {
        refused.add(settlement.ordinal);
        if (progress_.by_agent()) {
          progress_.add_completed_of_agent(worker_, settlement.sender);
        }
      }
    }
    if (refused.count > 0) {
      progress_.add_completed(worker_, worker_, refused);  // nothing more will come of them
    }
  }

  // Ends the account; what was taken and never settled stays unknown.
  void close() { ledger_.close(taken_); }

  std::uint64_t misreported() const { return misreported_; }
  std::uint64_t settled() const { return settled_; }
  std::uint64_t unsettled() const { return taken_ - settled_; }
  const SendTally& tally() const { return tally_; }
  const LatencyRecorder& lateness() const { return lateness_; }

 private:
  bool possible(const Settlement& settlement) const {
    return settlement.ordinal < taken_ && settlement.sender < agents_count_ &&
           settlement.sender % workers_ == worker_ && index_of(settlement.type) < kMessageTypes &&
           static_cast<std::size_t>(settlement.outcome) < SendTally::kOutcomes;
  }

  WorkerId worker_;
  std::uint32_t workers_;
  std::uint32_t agents_count_;
  Progress& progress_;
  TimelineRecorder* timeline_;
  SentLedger ledger_;
  LatencyRecorder lateness_;
  SendTally tally_;
  std::uint64_t taken_ = 0;
  std::uint64_t settled_ = 0;
  std::uint64_t misreported_ = 0;
};

}  // namespace spate
