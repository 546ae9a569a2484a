// A message as a program hands it to a delivery of its own: with its content, and by value.
#pragma once

#include <string>

#include "spate/message.h"

namespace spate {

// One expected delivery: a broadcast is one of these for each recipient. (Message, of the stress
// run, carries no bytes.)
struct AgentMessage {
  AgentId sender = 0;
  AgentId recipient = 0;
  std::string content;
  MessageType type = MessageType::text;
};

}  // namespace spate
