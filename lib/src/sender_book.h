// What one worker writes down about the messages that its agents send.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "progress.h"
#include "spate/delivery.h"
#include "spate/latency_recorder.h"
#include "spate/ledger.h"
#include "spate/report.h"
#include "spate/run_plan.h"

namespace spate {

// One writer: the worker. Read after the join.
class SenderBook {
 public:
  SenderBook(const RunPlan& plan, WorkerId worker, Progress& progress)
      : worker_(worker),
        workers_(plan.workers),
        agents_count_(plan.agents),
        progress_(progress),
        agents_((plan.agents + plan.workers - 1 - worker) / plan.workers) {}

  SentLedger& ledger() { return ledger_; }
  const SentLedger& ledger() const { return ledger_; }

  // The delivery took `message`, at message.sent_ns.
  void taken(const Message& message) {
    ++taken_;
    lateness_.record(message.sent_ns - message.intended_ns);
    for (Group* const group : {&agent(message.sender), &types_[index_of(message.type)]}) {
      group->sent += opens(message) ? 1U : 0U;
      ++group->expected;
      group->last_sent_ns = message.sent_ns;
    }
    last_sent_ns_ = message.sent_ns;
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
      ++outcomes_[static_cast<std::size_t>(settlement.outcome)];
      if (settlement.outcome != Outcome::acked && settlement.outcome != Outcome::unknown) {
        ++agent(settlement.sender).refused;
        ++types_[index_of(settlement.type)].refused;
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

  struct Group {
    std::uint64_t sent = 0;
    std::uint64_t expected = 0;
    std::uint64_t refused = 0;
    std::int64_t last_sent_ns = kNotYet;
  };

  std::uint64_t misreported() const { return misreported_; }
  std::uint64_t unsettled() const { return taken_ - settled_; }
  std::uint64_t outcomes(Outcome outcome) const {
    return outcomes_[static_cast<std::size_t>(outcome)];
  }
  const Group& group(AgentId sender) const { return agents_[sender / workers_]; }
  const Group& group(MessageType type) const { return types_[index_of(type)]; }
  const LatencyRecorder& lateness() const { return lateness_; }
  std::int64_t last_sent_ns() const { return last_sent_ns_; }

 private:
  bool possible(const Settlement& settlement) const {
    return settlement.ordinal < taken_ && settlement.sender < agents_count_ &&
           settlement.sender % workers_ == worker_ && index_of(settlement.type) < kMessageTypes &&
           static_cast<std::size_t>(settlement.outcome) < outcomes_.size();
  }
  Group& agent(AgentId sender) { return agents_[sender / workers_]; }

  WorkerId worker_;
  std::uint32_t workers_;
  std::uint32_t agents_count_;
  Progress& progress_;
  SentLedger ledger_;
  LatencyRecorder lateness_;
  std::vector<Group> agents_;  // own agents only: sender / workers
  std::array<Group, kMessageTypes> types_;
  std::array<std::uint64_t, 5> outcomes_{};
  std::uint64_t taken_ = 0;
  std::uint64_t settled_ = 0;
  std::uint64_t misreported_ = 0;
  std::int64_t last_sent_ns_ = kNotYet;
};

}  // namespace spate
