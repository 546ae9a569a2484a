#include "terminal.h"

#include <fmt/format.h>

#include "compare/terminal/screen.h"

namespace spate::bench {

bool is_terminal(std::FILE* out) { return compare::is_terminal(fileno(out)); }

std::size_t terminal_columns(std::FILE* out) { return compare::columns_on(fileno(out)); }

Palette Palette::of(std::FILE* out) { return Palette(compare::has_colours(fileno(out))); }

std::string Palette::paint(const char* code, std::string_view text) const {
  return colours_ ? fmt::format("\x1b[{}m{}\x1b[0m", code, text) : std::string(text);
}

}  // namespace spate::bench
