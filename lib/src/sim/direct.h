// The direct way through a simulation: where deliveries do not influence each other, each can be
// followed to its end by itself, and nothing needs to be kept in the order of time. The account is
// counted as it goes: what becomes of a delivery is known before the next one is looked at.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <vector>

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

  // Those of one sender, from its last message to its first.
  class Backwards {
   public:
    // `messages`: of that sender. The table must outlive this.
    Backwards(const DueTable& table, AgentId sender, std::uint64_t messages)
        : table_(table), index_(messages * table.agents_ + sender) {
      if (table_.times_.empty()) {
        const std::uint64_t product = index_ * kSecond;
        due_ns_ = product / table_.rate_;
        rest_ = product % table_.rate_;
      }
    }

    // Of the message before. A step is a subtraction: divisions cost more than all the rest.
    std::int64_t next() {
      index_ -= table_.agents_;
      if (!table_.times_.empty()) {
        return table_.times_[index_];
      }
      due_ns_ -= table_.step_ns_;
      const std::uint64_t borrows = rest_ < table_.step_rest_ ? 1 : 0;
      rest_ = rest_ - table_.step_rest_ + borrows * table_.rate_;
      due_ns_ -= borrows;
      return static_cast<std::int64_t>(due_ns_);
    }

   private:
    const DueTable& table_;
    std::uint64_t index_;
    std::uint64_t due_ns_ = 0;  // with rest_ / rate: exactly index / rate
    std::uint64_t rest_ = 0;
  };

 private:
  static constexpr std::uint64_t kSecond = 1'000'000'000;

  std::uint64_t rate_;
  std::uint64_t agents_;
  std::uint64_t step_ns_;  // with step_rest_ / rate: exactly agents / rate
  std::uint64_t step_rest_;
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
  void count_sent();
  void run_message(std::uint64_t sequence, std::int64_t due_ns);
  void run_delivery(const Message& message, const MessageDraws& draws);

  const RunPlan& plan_;
  const DueTable& due_;
  std::uint32_t parts_;
  const std::atomic<bool>& stop_;
  Agents agents_;
  SimulationRecord record_;

  struct Sent {
    std::uint64_t messages = 0;
    std::int64_t last_ns = 0;  // when the last one was sent, which comes first here
  };

  // Of the sender that is being followed.
  AgentId sender_ = 0;
  MessageDraws::Sender draws_{};
  SendTally::Group* group_ = nullptr;
  std::array<Sent, kMessageTypes> sent_{};  // by type
  Overtaking overtaking_;
};

}  // namespace spate
