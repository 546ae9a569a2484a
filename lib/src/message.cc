#include "spate/message.h"

namespace spate {

std::string agent_name(AgentId agent) {
  return "Agent-" + std::to_string(std::uint64_t{agent} + 1);
}

}  // namespace spate
