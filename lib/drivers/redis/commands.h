// Redis's wire format for commands (RESP2): an array of strings.
#pragma once

#include <fmt/format.h>

#include <iterator>
#include <string>
#include <string_view>

namespace spate::drivers::redis {

// Appends to `out` how a command of so many words begins.
inline void begin_command(std::string& out, std::size_t words) {
  fmt::format_to(std::back_inserter(out), "*{}\r\n", words);
}
inline void append_word(std::string& out, std::string_view word) {
  fmt::format_to(std::back_inserter(out), "${}\r\n", word.size());
  out += word;
  out += "\r\n";
}

template <class... Words>
void append_command(std::string& out, const Words&... words) {
  begin_command(out, sizeof...(words));
  (append_word(out, words), ...);
}

}  // namespace spate::drivers::redis
