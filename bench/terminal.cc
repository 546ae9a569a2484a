#include "terminal.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdlib>

namespace spate::bench {

bool is_terminal(std::FILE* out) {
  const char* const type = std::getenv("TERM");
  return isatty(fileno(out)) == 1 && !(type != nullptr && std::string_view(type) == "dumb");
}

std::size_t terminal_columns(std::FILE* out) {
  constexpr std::size_t kUsual = 80;
  winsize size{};
  return ioctl(fileno(out), TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : kUsual;
}

Palette Palette::of(std::FILE* out) {
  const char* const no_colour = std::getenv("NO_COLOR");
  return Palette(is_terminal(out) && (no_colour == nullptr || *no_colour == '\0'));
}

std::string Palette::paint(const char* code, std::string_view text) const {
  return colours_ ? fmt::format("\x1b[{}m{}\x1b[0m", code, text) : std::string(text);
}

}  // namespace spate::bench
