#include "display.h"

#include <fmt/format.h>

#include "compare/terminal/columns.h"
#include "spate/bench/modes.h"
#include "units.h"

namespace spate::bench {

double value_of(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_number() ? found->get<double>() : 0.0;
}

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

std::string too_short_text(const Json& row) {
  const Json& cell = row.at("spate").at("cell");
  const double rate = value_of(row, "messages_per_second");
  if (cell.at("rate") != 0 || rate <= 0 ||
      mode_named(cell.at("mode").get<std::string>()).simulated()) {
    return "";
  }
  const double asked_ns = value_of(cell, "duration_ns");  // null where the number was given
  const double sent = value_of(row, "sent");
  const double took_ns = sent / rate * 1e9;
  return took_ns < asked_ns / 2
             ? fmt::format("only {} messages, in {} of {}: too short, give --messages",
                           show_whole(static_cast<std::uint64_t>(sent)), show_ns(took_ns),
                           exact_time(static_cast<std::int64_t>(asked_ns)))
             : "";
}

}  // namespace spate::bench
