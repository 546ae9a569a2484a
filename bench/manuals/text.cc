#include "bench/manuals/documents.h"

namespace spate::documents {

std::string quoted(const std::string& text) {
  std::string result = "'";
  for (const char c : text) {
    result += c == '\'' ? std::string("'\\''") : std::string(1, c);
  }
  return result + "'";
}

std::string short_text(const compare::Flag& flag) {
  constexpr std::size_t kMost = 70;
  std::string text = flag.text.substr(0, flag.text.find("; "));
  if (text.size() <= kMost) {
    return text;
  }
  const std::size_t clause = text.find_last_of(",:", kMost);
  return text.substr(0, clause == std::string::npos ? text.rfind(' ', kMost) : clause);
}

}  // namespace spate::documents
