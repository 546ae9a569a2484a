#include <algorithm>

#include "documents/documents.h"

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
  std::string text = flag.text.substr(0, std::min(flag.text.find("; "), flag.text.find(": ")));
  if (text.size() > kMost) {
    text = text.substr(0, std::min(text.find(", "), text.rfind(' ', kMost)));
  }
  return text;
}

}  // namespace spate::documents
