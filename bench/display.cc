#include "display.h"

#include <fmt/format.h>

namespace spate::bench {

std::string delivery_lines(const Json& context) {
  std::string lines;
  if (const auto deliveries = context.find("deliveries"); deliveries != context.end()) {
    for (const auto& [mode, version] : deliveries->items()) {
      lines += fmt::format("{}: {}\n", mode, version.get<std::string>());
    }
  }
  return lines;
}

}  // namespace spate::bench
