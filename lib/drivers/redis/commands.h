// Redis's wire format for commands (RESP2): an array of strings.
#pragma once

#include <array>
#include <charconv>
#include <string>
#include <string_view>

namespace spate::drivers::redis {

inline void append_count(std::string& out, char mark, std::size_t count) {
  std::array<char, 24> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), count).ptr;
  out += mark;
  out.append(digits.data(), end);
  out += "\r\n";
}

// Appends to `out` how a command of so many words begins.
inline void begin_command(std::string& out, std::size_t words) { append_count(out, '*', words); }
inline void append_word(std::string& out, std::string_view word) {
  append_count(out, '$', word.size());
  out += word;
  out += "\r\n";
}

template <class... Words>
void append_command(std::string& out, const Words&... words) {
  begin_command(out, sizeof...(words));
  (append_word(out, words), ...);
}

// Makes a stream with a group that reads it from its beginning; BUSYGROUP where that is there.
inline void append_group_creation(std::string& out, std::string_view stream,
                                  std::string_view group) {
  append_command(out, "XGROUP", "CREATE", stream, group, "0", "MKSTREAM");
}

}  // namespace spate::drivers::redis
