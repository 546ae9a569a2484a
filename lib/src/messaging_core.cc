#include "spate/messaging_core.h"

#include <fmt/format.h>

#include "spate/error.h"
#include "spate/run_plan.h"

namespace spate {

CoreSettings checked(CoreSettings settings) {
  check_agents(settings.agents);
  check(settings.mock);
  check_slow_agents(settings.mock, settings.agents);
  check(settings.chaos);
  if (settings.chaos.downtime_ns > 0) {
    throw Error(fmt::format(
        "crash downtime {} ns: it goes by a schedule, which the core does not have; give 0",
        settings.chaos.downtime_ns));
  }
  if (settings.mock.station.shared()) {
    throw Error(
        "servers or inboxes in order: each call of the core is served by itself; leave them out");
  }
  const ChaosProfile& chaos = settings.chaos;
  if (!chaos.bursts.never() || !chaos.reorder.never() || !chaos.duplicate.never() ||
      !chaos.drop_ack.never()) {
    throw Error(fmt::format(
        "chaos profile '{}': the core knows crashes and spikes, but no bursts, reordering, "
        "duplicates or dropped acks; set those to 0",
        chaos.name));
  }
  return settings;
}

void refuse_message(std::uint32_t agents, AgentId sender, AgentId recipient, MessageType type) {
  if (sender >= agents || recipient >= agents) {
    const bool no_sender = sender >= agents;
    throw Error(fmt::format("{} {}: no such agent; give 0 to {}",
                            no_sender ? "sender" : "recipient", no_sender ? sender : recipient,
                            agents - 1));
  }
  if (sender == recipient) {
    throw Error(fmt::format("recipient {} is the sender; give another agent", recipient));
  }
  throw Error(
      fmt::format("message type {}: unknown; give 0 to {}", index_of(type), kMessageTypes - 1));
}

}  // namespace spate
