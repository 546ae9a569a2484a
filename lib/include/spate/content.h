// What agents say: templates per message type, with placeholders.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "spate/message.h"

namespace spate {

// One template, compiled: literal text and placeholders in turn.
//
// Placeholders: {sender} and {recipient} (an agent's name), {sequence} (the sender's message
// number). A brace for itself is doubled: {{ and }}.
class ContentTemplate {
 public:
  // Throws Error on an unknown placeholder or a stray brace.
  explicit ContentTemplate(std::string_view text);

  // render() copies in whole blocks: it may touch so many bytes behind the content's end.
  static constexpr std::size_t kSlack = 32;

  // Writes the content to `out` and returns its length.
  std::size_t render(const Message& message, std::byte* out) const noexcept;
  // The length of what render() makes of it.
  std::size_t length(const Message& message) const;

 private:
  enum class Field : std::uint8_t { none, sender, recipient, sequence };
  struct Piece {  // literal text, then a field
    std::string padded_text;
    std::size_t text_bytes = 0;
    Field field = Field::none;
  };
  void add_piece(std::string text, Field field);

  std::vector<Piece> pieces_;
};

// The templates of every type; a message takes the one that its sequence number points at.
class ContentTemplates {
 public:
  static ContentTemplates built_in();
  // A file with lines `type: template`; blank lines and lines that begin with # are skipped. A type
  // that the file leaves out keeps its built-in templates. Throws Error with file and line.
  static ContentTemplates load(const std::string& path);

  const ContentTemplate& of(const Message& message) const {
    const auto& choices = by_type_[index_of(message.type)];
    return choices[static_cast<std::uint32_t>(message.sequence) %
                   static_cast<std::uint32_t>(choices.size())];
  }
  // The length of the longest content that any template makes of such a message.
  std::size_t longest(const Message& message) const;
  // `message`, but of the type and with a sequence number by which it has that content.
  Message with_longest(Message message) const;

 private:
  std::array<std::vector<ContentTemplate>, kMessageTypes> by_type_;
};

}  // namespace spate
