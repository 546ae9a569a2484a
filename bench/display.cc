#include "display.h"

#include <fmt/format.h>

#include "compare/terminal/columns.h"

namespace spate::bench {

std::string delivery_lines(const Json& context) {
  std::string lines;
  if (const auto deliveries = context.find("deliveries"); deliveries != context.end()) {
    for (const auto& [mode, version] : deliveries->items()) {
      const std::string line = fmt::format("{}: {}", mode, version.get<std::string>());
      lines += compare::wrapped(line, compare::kUsualColumns, 4) + '\n';
    }
  }
  return lines;
}

}  // namespace spate::bench
