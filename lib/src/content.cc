#include "spate/content.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <fstream>
#include <utility>

#include "spate/error.h"

namespace spate {
namespace {

// Text is copied in blocks of fixed size, which a compiler turns into a move or two; a memcpy of
// unknown length would cost a call for every few bytes.
constexpr std::size_t kBlock = ContentTemplate::kSlack;
constexpr std::size_t kMaxFieldBytes = 32;  // "Agent-" and 20 digits

constexpr std::size_t rounded_up(std::size_t bytes) {
  return (bytes + kBlock - 1) / kBlock * kBlock;
}

char* put_number(char* out, std::uint64_t number) {
  if (number < 10) {
    *out = static_cast<char>('0' + number);
    return out + 1;
  }
  return std::to_chars(out, out + kMaxFieldBytes, number).ptr;
}

char* put_agent(char* out, AgentId agent) {
  static constexpr std::string_view kPrefix = "Agent-";
  std::memcpy(out, kPrefix.data(), kPrefix.size());
  return put_number(out + kPrefix.size(), std::uint64_t{agent} + 1);
}

std::string_view trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t\r");
  if (begin == std::string_view::npos) {
    return {};
  }
  return text.substr(begin, text.find_last_not_of(" \t\r") - begin + 1);
}

}  // namespace

ContentTemplate::ContentTemplate(std::string_view text) {
  std::string literal;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    const bool doubled = at + 1 < text.size() && text[at + 1] == c;
    if ((c == '{' || c == '}') && doubled) {
      literal += c;
      ++at;
    } else if (c == '{') {
      const std::size_t close = std::min(text.find('}', at), text.size());
      const std::string_view name = text.substr(at + 1, close - at - 1);
      const Field field = name == "sender"      ? Field::sender
                          : name == "recipient" ? Field::recipient
                          : name == "sequence"  ? Field::sequence
                                                : Field::none;
      if (field == Field::none || close == text.size()) {
        throw Error(fmt::format(
            "template '{}': unknown placeholder '{{{}'; use {{sender}}, {{recipient}} or "
            "{{sequence}}, and {{{{ or }}}} for a brace",
            text, text.substr(at + 1, close - at)));
      }
      add_piece(std::exchange(literal, {}), field);
      at = close;
    } else if (c == '}') {
      throw Error(fmt::format("template '{}': stray '}}'; write }}}} for a brace", text));
    } else {
      literal += c;
    }
  }
  add_piece(std::move(literal), Field::none);
}

void ContentTemplate::add_piece(std::string text, Field field) {
  const std::size_t text_bytes = text.size();
  text.resize(std::max(kBlock, rounded_up(text_bytes)));
  pieces_.push_back({std::move(text), text_bytes, field});
}

std::size_t ContentTemplate::render(const Message& message, std::byte* out) const noexcept {
  char* const begin = reinterpret_cast<char*>(out);
  char* end = begin;
  for (const Piece& piece : pieces_) {
    // The first block always, so that the usual short text takes no branch.
    std::memcpy(end, piece.padded_text.data(), kBlock);
    for (std::size_t at = kBlock; at < piece.text_bytes; at += kBlock) {
      std::memcpy(end + at, piece.padded_text.data() + at, kBlock);
    }
    end += piece.text_bytes;
    switch (piece.field) {
      case Field::none:
        break;
      case Field::sender:
        end = put_agent(end, message.sender);
        break;
      case Field::recipient:
        end = put_agent(end, message.recipient);
        break;
      case Field::sequence:
        end = put_number(end, message.sequence);
        break;
    }
  }
  return static_cast<std::size_t>(end - begin);
}

std::size_t ContentTemplate::length(const Message& message) const {
  std::size_t text_bytes = 0;
  for (const Piece& piece : pieces_) {
    text_bytes += piece.text_bytes;
  }
  std::vector<std::byte> out(text_bytes + pieces_.size() * kMaxFieldBytes + kSlack);
  return render(message, out.data());
}

ContentTemplates ContentTemplates::built_in() {
  ContentTemplates templates;
  const auto set = [&](MessageType type, std::initializer_list<std::string_view> texts) {
    for (const std::string_view text : texts) {
      templates.by_type_[index_of(type)].emplace_back(text);
    }
  };
  // All about a cache line long.
  set(MessageType::text, {"Hello {recipient}, this is message {sequence} from {sender} to you.",
                          "Dear {recipient}, step {sequence} is finished; regards from {sender}.",
                          "Hi {recipient}, is there any news on item {sequence}? {sender} waits."});
  set(MessageType::broadcast,
      {"To all from {sender}: please take note of announcement {sequence}.",
       "{sender} tells all of you: plan number {sequence} has been changed."});
  set(MessageType::system,
      {"SYSTEM heartbeat {sequence} of {sender} for {recipient}: all well.",
       "SYSTEM {sender} asks {recipient} for its state by request {sequence}."});
  set(MessageType::urgent,
      {"URGENT {recipient}: alarm {sequence} raised by {sender}, act at once!",
       "URGENT {sender} needs {recipient} at once because of case {sequence}!"});
  return templates;
}

ContentTemplates ContentTemplates::load(const std::string& path) {
  std::ifstream file(path);
  if (!file) {
    throw Error(fmt::format("template file '{}' cannot be read; give a readable text file", path));
  }
  ContentTemplates templates = built_in();
  std::array<bool, kMessageTypes> own{};
  std::string line;
  for (int number = 1; std::getline(file, line); ++number) {
    const std::string_view text = trimmed(line);
    if (text.empty() || text.front() == '#') {
      continue;
    }
    const std::size_t colon = text.find(':');
    const auto* const name = std::find(kMessageTypeNames.begin(), kMessageTypeNames.end(),
                                       trimmed(text.substr(0, colon)));
    if (colon == std::string_view::npos || name == kMessageTypeNames.end()) {
      throw Error(fmt::format(
          "{}:{}: '{}' does not begin with a message type; write 'text: …', 'broadcast: …', "
          "'system: …' or 'urgent: …'",
          path, number, text));
    }
    const auto type = static_cast<std::size_t>(name - kMessageTypeNames.begin());
    if (!std::exchange(own[type], true)) {
      templates.by_type_[type].clear();
    }
    try {
      templates.by_type_[type].emplace_back(trimmed(text.substr(colon + 1)));
    } catch (const Error& error) {
      throw Error(fmt::format("{}:{}: {}", path, number, error.what()));
    }
  }
  if (file.bad()) {
    throw Error(fmt::format("template file '{}' cannot be read; give a readable text file", path));
  }
  return templates;
}

std::size_t ContentTemplates::longest(const Message& message) const {
  std::size_t most = 0;
  for (const auto& choices : by_type_) {
    for (const ContentTemplate& choice : choices) {
      most = std::max(most, choice.length(message));
    }
  }
  return most;
}

Message ContentTemplates::with_longest(Message message) const {
  const std::size_t most = longest(message);
  for (std::size_t type = 0; type < by_type_.size(); ++type) {
    for (std::size_t index = 0; index < by_type_[type].size(); ++index) {
      if (by_type_[type][index].length(message) == most) {
        message.type = static_cast<MessageType>(type);
        message.sequence = index;
        return message;
      }
    }
  }
  return message;
}

}  // namespace spate
