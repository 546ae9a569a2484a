#include "compare/markdown_escape.h"

#include <fmt/format.h>

#include "compare/humane.h"

namespace spate::compare {

std::string escaped(std::string_view text) {
  std::string result;
  for (const char c : one_line(text)) {
    if (std::string_view("\\`*_{}[]<>()#+!|~&").find(c) != std::string_view::npos) {
      result += '\\';
    }
    result += c;
  }
  return result;
}

std::string code(std::string_view text) { return fmt::format("<code>{}</code>", escaped(text)); }

}  // namespace spate::compare
