// Which inbox is whose.
#pragma once

#include <cstdint>

#include "spate/message.h"

namespace spate {

// Where a recipient's messages wait. Worker w empties the inboxes i with i mod workers == w.
struct InboxLayout {
  std::uint32_t agents;
  std::uint32_t workers;

  constexpr std::uint32_t inboxes() const { return agents < kMaxInboxes ? agents : kMaxInboxes; }
  constexpr std::uint32_t inbox_of(AgentId recipient) const {
    return recipient < kMaxInboxes ? recipient : recipient % kMaxInboxes;
  }
  // Its lanes stand in a row, by inbox, the urgent one of each first.
  constexpr std::uint32_t lanes() const { return inboxes() * static_cast<std::uint32_t>(kLanes); }
  constexpr std::uint32_t lane_at(const Message& message) const {
    return inbox_of(message.recipient) * static_cast<std::uint32_t>(kLanes) +
           static_cast<std::uint32_t>(lane_of(message.type));
  }
};

}  // namespace spate
