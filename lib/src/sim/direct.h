// The direct way through a simulation: where deliveries do not influence each other, each can be
// followed to its end by itself, and nothing needs to be kept in the order of time.
#pragma once

#include <atomic>
#include <cstdint>
#include <vector>

#include "ledger_tail.h"
#include "overtaking.h"
#include "record.h"
#include "spate/agents.h"
#include "spate/run_plan.h"

namespace spate {

// When each message is due. Constant arrivals are computed, Poisson arrivals kept: 8 bytes a
// message. Immutable; any thread.
class DueTable {
 public:
  explicit DueTable(const RunPlan& plan);

  std::int64_t due_ns(std::uint64_t index) const {
    return times_.empty() ? due_offset_ns(index, rate_) : times_[index];
  }

 private:
  std::uint64_t rate_;
  std::vector<std::int64_t> times_;
};

// The senders a with a mod parts == part, one after the other, so that what belongs to a sender
// stays in the cache; each from its last message to its first, which is what Overtaking wants. One
// thread.
class DirectPart {
 public:
  DirectPart(const RunPlan& plan, const DueTable& due, std::uint32_t part, std::uint32_t parts,
             const std::atomic<bool>& stop);

  void run();

  const SimulationRecord& record() const { return record_; }

 private:
  void run_sender(AgentId sender);
  void run_message(std::uint64_t sequence);
  void run_delivery(const Message& message, const MessageDraws& draws);
  void log(const Message& message, ChaosEvent::Kind kind, std::int64_t extra_ns);

  const RunPlan& plan_;
  const DueTable& due_;
  std::uint32_t parts_;
  const std::atomic<bool>& stop_;
  Agents agents_;
  SimulationRecord record_;
  LedgerTail ledger_;

  // Of the sender that is being followed.
  AgentId sender_ = 0;
  MessageDraws::Sender draws_{};
  SendTally::Group* group_ = nullptr;
  Overtaking overtaking_;
};

}  // namespace spate
