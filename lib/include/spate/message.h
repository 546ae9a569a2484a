// What travels: identities, types, lanes and the message itself.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace spate {

// Agents count from 0 here; for people they are Agent-1 … Agent-N (see agent_name).
using AgentId = std::uint32_t;
using WorkerId = std::uint32_t;

enum class MessageType : std::uint8_t {
  text,       // one recipient
  broadcast,  // every other agent, one expected delivery each
  system,     // one recipient
  urgent,     // one recipient, in the lane that is drained before the normal one
};
inline constexpr std::size_t kMessageTypes = 4;
inline constexpr std::array<std::string_view, kMessageTypes> kMessageTypeNames{"text", "broadcast",
                                                                               "system", "urgent"};

constexpr std::size_t index_of(MessageType type) { return static_cast<std::size_t>(type); }
constexpr std::string_view name_of(MessageType type) { return kMessageTypeNames[index_of(type)]; }

// Agent a has inbox a mod this; an inbox has two lanes.
inline constexpr std::uint32_t kMaxInboxes = 256;
enum class Lane : std::uint8_t { urgent, normal };
inline constexpr std::size_t kLanes = 2;

constexpr Lane lane_of(MessageType type) {
  return type == MessageType::urgent ? Lane::urgent : Lane::normal;
}

// One expected delivery: a broadcast to five agents is five of these that share their sequence.
// Trivially copyable; carries no bytes. Who needs the content renders it (see payload.h).
struct Message {
  std::int64_t intended_ns = 0;  // when the schedule wanted it sent, on the run's clock
  std::int64_t sent_ns = 0;      // when it was handed to the delivery, on the same clock
  std::uint64_t sequence = 0;    // per sender, from 0
  // With `worker` the ledger's key: per worker, from 0. Chaos marks its highest bits on the way to
  // the delivery (chaos_marks.h), which carries all of it as it is.
  std::uint64_t ordinal = 0;
  AgentId sender = 0;
  AgentId recipient = 0;
  std::uint16_t worker = 0;  // the sender's
  MessageType type = MessageType::text;
};

// A broadcast is one message: its first delivery stands for it.
constexpr bool opens(const Message& message) {
  return message.type != MessageType::broadcast ||
         message.recipient == (message.sender == 0 ? 1U : 0U);
}

std::string agent_name(AgentId agent);

// Ties between equal times: by sender, sequence, recipient. For messages, and what else has these.
struct EarlierIdentity {
  template <class T>
  bool operator()(const T& a, const T& b) const {
    if (a.sender != b.sender) {
      return a.sender < b.sender;
    }
    return a.sequence != b.sequence ? a.sequence < b.sequence : a.recipient < b.recipient;
  }
};

}  // namespace spate
