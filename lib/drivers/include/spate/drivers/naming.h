// What a run calls its streams, subjects, queues and topics.
#pragma once

#include <string>
#include <string_view>

#include "spate/message.h"
#include "spate/payload.h"

namespace spate::drivers {

// "spate-" and the run's key: no other run has it, on whichever machine.
std::string run_name(const Payloads& payloads);

constexpr std::string_view name_of(Lane lane) { return lane == Lane::urgent ? "urgent" : "normal"; }

// Worker w receives what is for the inboxes i with i mod workers == w.
constexpr WorkerId receiving_worker(AgentId recipient, std::uint32_t workers) {
  return recipient % kMaxInboxes % workers;
}

// Where a message goes: each receiving worker has a place for each lane.
constexpr std::size_t place_of(const Message& message, std::uint32_t workers) {
  return receiving_worker(message.recipient, workers) * kLanes +
         static_cast<std::size_t>(lane_of(message.type));
}

}  // namespace spate::drivers
