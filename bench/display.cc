#include "display.h"

#include <fmt/format.h>

#include "compare/terminal/columns.h"
#include "units.h"

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

std::string too_short_text(const Json& row) {
  const Json& cell = row.at("spate").at("cell");
  const auto asked_ns = cell.find("duration_ns");  // null where the number was given
  if (cell.at("rate") != 0 || asked_ns == cell.end() || !asked_ns->is_number()) {
    return "";
  }
  const auto sent = row.find("sent");
  const auto rate = row.find("messages_per_second");
  if (sent == row.end() || rate == row.end() || !rate->is_number() || *rate <= 0) {
    return "";
  }
  const double took_ns = sent->get<double>() / rate->get<double>() * 1e9;
  if (took_ns >= asked_ns->get<double>() / 2) {
    return "";
  }
  return fmt::format("only {} messages, in {} of {}: too short, give --messages",
                     show_whole(sent->get<std::uint64_t>()), show_ns(took_ns),
                     exact_time(asked_ns->get<std::int64_t>()));
}

}  // namespace spate::bench
