#include "compare/terminal/columns.h"

#include <fmt/format.h>

#include <algorithm>

namespace spate::compare {

std::size_t columns_of(std::string_view text) {
  // fmt knows how wide each character is, and tells by what it fills up: a character takes at most
  // as many columns as bytes.
  return 2 * text.size() - fmt::formatted_size("{:<{}}", text, text.size());
}

std::string wrapped(std::string_view text, std::size_t columns, std::size_t hanging) {
  std::string out;
  std::size_t used = 0;
  bool has_word = false;  // in this line
  while (!text.empty()) {
    const std::size_t blanks = std::min(text.find_first_not_of(' '), text.size());
    const std::size_t end = std::min(text.find(' ', blanks), text.size());
    const std::string_view word = text.substr(blanks, end - blanks);
    const std::size_t width = columns_of(word);
    if (has_word && used + blanks + width > columns) {
      out += fmt::format("\n{:{}}{}", "", hanging, word);
      used = hanging + width;
    } else {
      out += text.substr(0, end);
      used += blanks + width;
    }
    has_word = true;
    text.remove_prefix(end);
  }
  return out;
}

}  // namespace spate::compare
