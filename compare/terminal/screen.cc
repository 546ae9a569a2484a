#include "compare/terminal/screen.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdlib>
#include <string_view>

#include "compare/terminal/columns.h"

namespace spate::compare {

bool is_terminal(int descriptor) {
  const char* const type = std::getenv("TERM");
  return isatty(descriptor) == 1 && !(type != nullptr && std::string_view(type) == "dumb");
}

bool has_colours(int descriptor) {
  const char* const no_colour = std::getenv("NO_COLOR");
  return is_terminal(descriptor) && (no_colour == nullptr || *no_colour == '\0');
}

std::size_t columns_on(int descriptor) {
  winsize size{};
  return ioctl(descriptor, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : kUsualColumns;
}

}  // namespace spate::compare
