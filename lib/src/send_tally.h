// Counts of what one thread's agents sent, by agent and by type.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

#include "spate/clock.h"
#include "spate/delivery.h"
#include "spate/message.h"
#include "spate/run_plan.h"

namespace spate {

// One writer; read when that has ended. Agents a with a mod parts == part are the thread's own.
class SendTally {
 public:
  SendTally(std::uint32_t agents, std::uint32_t part, std::uint32_t parts)
      : parts_(parts), agents_((agents + parts - 1 - part) / parts) {}

  struct Group {
    std::uint64_t sent = 0;      // messages
    std::uint64_t expected = 0;  // deliveries
    std::uint64_t refused = 0;
    std::int64_t last_sent_ns = kNotYet;
  };

  // The delivery took `message`, at message.sent_ns.
  void taken(const Message& message) {
    taken(of(message.sender), message.type, opens(message) ? 1 : 0, 1, message.sent_ns);
  }
  // So many messages and deliveries of one type at once; `sender` is of(that sender).
  void taken(Group& sender, MessageType type, std::uint64_t messages, std::uint64_t deliveries,
             std::int64_t sent_ns) {
    for (Group* const group : {&sender, &of(type)}) {
      group->sent += messages;
      group->expected += deliveries;
      // Not simply sent_ns: a simulation does not go in the order of time.
      group->last_sent_ns = std::max(group->last_sent_ns, sent_ns);
    }
    last_sent_ns_ = std::max(last_sent_ns_, sent_ns);
  }
  // Whether the delivery has thereby ended without being received.
  bool settled(AgentId sender, MessageType type, Outcome outcome) {
    if (outcome == Outcome::acked || outcome == Outcome::unknown) {
      return false;
    }
    refused(of(sender), type, outcome);
    return true;
  }
  // Precondition: failed, crashed or rejected.
  void refused(Group& sender, MessageType type, Outcome outcome) {
    ++refused_[static_cast<std::size_t>(outcome)];
    ++sender.refused;
    ++of(type).refused;
  }

  // Precondition: as for refused().
  std::uint64_t refused(Outcome outcome) const {
    return refused_[static_cast<std::size_t>(outcome)];
  }
  const Group& group(AgentId sender) const { return agents_[sender / parts_]; }
  const Group& group(MessageType type) const { return types_[index_of(type)]; }
  std::int64_t last_sent_ns() const { return last_sent_ns_; }

  static constexpr std::size_t kOutcomes = 5;

  // Stays where it is.
  Group& of(AgentId sender) { return agents_[sender / parts_]; }

 private:
  Group& of(MessageType type) { return types_[index_of(type)]; }

  std::uint32_t parts_;
  std::vector<Group> agents_;  // by sender / parts
  std::array<Group, kMessageTypes> types_;
  std::array<std::uint64_t, kOutcomes> refused_{};
  std::int64_t last_sent_ns_ = kNotYet;
};

}  // namespace spate
