#include "compare/terminal/columns.h"

#include <fmt/format.h>

#include <algorithm>

namespace spate::compare {

std::size_t columns_of(std::string_view text) {
  // fmt knows how wide each character is, and tells by what it fills up: a character takes at most
  // as many columns as bytes.
  return 2 * text.size() - fmt::formatted_size("{:<{}}", text, text.size());
}

namespace {

// How much of a word goes into a line of so much room: all of it, or up to a sign that it may be
// broken behind; 0 where there is none. (These signs are a byte and a column each.)
std::size_t piece_of(std::string_view word, std::size_t room) {
  if (columns_of(word) <= room) {
    return word.size();
  }
  std::size_t piece = 0;
  for (std::size_t at = word.find_first_of(",|&]"); at != std::string_view::npos;
       at = word.find_first_of(",|&]", at + 1)) {
    if (columns_of(word.substr(0, at + 1)) > room) {
      break;
    }
    piece = at + 1;
  }
  return piece;
}

}  // namespace

std::string wrapped(std::string_view text, std::size_t columns, std::size_t hanging) {
  std::string out;
  std::size_t used = 0;
  bool has_word = false;  // in this line
  while (!text.empty()) {
    const std::size_t blanks = std::min(text.find_first_not_of(' '), text.size());
    const std::size_t word_end = std::min(text.find(' ', blanks), text.size());
    std::string_view word = text.substr(blanks, word_end - blanks);
    if (const std::size_t piece = piece_of(word, columns - std::min(columns, hanging)); piece > 0) {
      word = word.substr(0, piece);
    }
    const std::size_t end = blanks + word.size();
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
