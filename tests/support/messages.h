// Small things that many tests need: messages, and the line that an error says.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "spate/error.h"
#include "spate/message.h"

namespace spate::testing_support {

constexpr Message message_of(AgentId sender, AgentId recipient, std::uint64_t sequence,
                             MessageType type = MessageType::text) {
  Message message;
  message.sender = sender;
  message.recipient = recipient;
  message.sequence = sequence;
  message.ordinal = sequence;
  message.type = type;
  return message;
}

// `count` messages of agent 0 to agent 1, numbered from 0, a nanosecond apart.
inline std::vector<Message> numbered_messages(std::uint64_t count,
                                              MessageType type = MessageType::text) {
  std::vector<Message> messages;
  for (std::uint64_t number = 0; number < count; ++number) {
    messages.push_back(message_of(0, 1, number, type));
  }
  return messages;
}

// What the Error of `action` says; fails the test when there is none.
template <class Action>
std::string error_of(Action&& action) {
  try {
    std::forward<Action>(action)();
  } catch (const Error& error) {
    return error.what();
  }
  ADD_FAILURE() << "no error was thrown";
  return {};
}

// An error is one line, and says each of `parts`.
inline void expect_line_with(const std::string& line, const std::vector<std::string_view>& parts) {
  EXPECT_EQ(line.find('\n'), std::string::npos) << line;
  for (const std::string_view part : parts) {
    EXPECT_NE(line.find(part), std::string::npos) << "'" << part << "' is not in: " << line;
  }
}

}  // namespace spate::testing_support
