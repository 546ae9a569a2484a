#include "compare/mode_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "compare/humane.h"
#include "compare/metrics.h"
#include "compare/terminal/table.h"

namespace spate::compare {
namespace {

using nlohmann::ordered_json;

// Text.

constexpr std::size_t kMaxMode = 13;  // the width of its column

std::string column_title(const std::string& mode) { return one_line(mode).substr(0, kMaxMode); }

std::string in_points(double difference) { return fmt::format("{:+.3g}", difference * 100); }

template <class Text>
std::string span_of(const std::optional<Interval>& interval, Text text) {
  return interval ? fmt::format("{} to {}", text(interval->low), text(interval->high)) : "-";
}

void add_ratio(Table& table, const std::string& label, Unit unit, const RatioPair& pair) {
  table.add({fmt::format("  {}", label), humane(unit, pair.reference), humane(unit, pair.other),
             humane_ratio(pair.ratio),
             span_of(pair.interval, [](double ratio) { return humane_ratio(ratio); })});
}

void add_spread(Table& table, const std::string& label, const SidePair& pair) {
  table.add({fmt::format("  {}", label), humane(Unit::share, pair.reference),
             humane(Unit::share, pair.other)});
}

std::string quantile_name(double quantile) { return fmt::format("p{:.6g}", quantile * 100); }

std::string count_text(std::optional<double> count) {
  return count ? fmt::format("{:.13g}", *count) : "-";
}

std::string distance_text(const std::optional<ShapeDistance>& distance) {
  return distance ? fmt::format("{:.2f} (Kolmogorov-Smirnov), {:.2f} means (Wasserstein)",
                                distance->kolmogorov_smirnov, distance->wasserstein_over_mean)
                  : "-";
}

std::string_view name_of(Digests digests) {
  switch (digests) {
    case Digests::unknown:
      return "unknown";
    case Digests::equal:
      return "equal";
    case Digests::different:
      return "different";
  }
  return "unknown";
}

std::string title(const ModeComparison& comparison, const std::string& cell) {
  const auto& [reference, other] = comparison.runs;
  return reference == 1 && other == 1
             ? fmt::format("{}  (a run each; intervals over its windows)", one_line(cell))
             : fmt::format("{}  (medians of {} and {} runs)", one_line(cell), reference, other);
}

// JSON.

ordered_json or_null(std::optional<double> value) {
  return value ? ordered_json(*value) : ordered_json(nullptr);
}

ordered_json interval_json(const std::optional<Interval>& interval) {
  return interval ? ordered_json{{"low", interval->low},
                                 {"high", interval->high},
                                 {"level", interval->level}}
                  : ordered_json(nullptr);
}

ordered_json side_json(const SidePair& pair) {
  return {{"reference", or_null(pair.reference)}, {"other", or_null(pair.other)}};
}

ordered_json ratio_json(const RatioPair& pair) {
  ordered_json result = side_json(pair);
  result["ratio"] = or_null(pair.ratio);
  result["interval"] = interval_json(pair.interval);
  return result;
}

ordered_json success_json(const SuccessPair& pair) {
  ordered_json result = side_json(pair);
  result["difference"] = or_null(pair.difference);
  result["interval"] = interval_json(pair.interval);
  return result;
}

ordered_json distance_json(const std::optional<ShapeDistance>& distance) {
  return distance ? ordered_json{{"kolmogorov_smirnov", distance->kolmogorov_smirnov},
                                 {"wasserstein_over_mean", distance->wasserstein_over_mean}}
                  : ordered_json(nullptr);
}

// The line to quote.

template <class Get>
std::vector<double> values_of(std::span<const ModeComparison> cells, Get get) {
  std::vector<double> values;
  for (const ModeComparison& cell : cells) {
    if (const std::optional<double> value = get(cell)) {
      values.push_back(*value);
    }
  }
  return values;
}

template <class Text>
std::string with_range(const std::vector<double>& values, Text text) {
  if (values.empty()) {
    return "-";
  }
  std::string middle = text(*median(values));
  if (values.size() == 1) {
    return middle;
  }
  const auto [least, most] = std::minmax_element(values.begin(), values.end());
  return fmt::format("{} ({} to {})", middle, text(*least), text(*most));
}

std::optional<double> ratio_at(const ModeComparison& cell, double quantile) {
  const auto found =
      std::find_if(cell.quantiles.begin(), cell.quantiles.end(),
                   [quantile](const QuantilePair& pair) { return pair.quantile == quantile; });
  return found == cell.quantiles.end() ? std::nullopt : found->ratio;
}

template <class Get>
std::string median_distance(std::span<const ModeComparison> cells, Get get) {
  const std::optional<double> middle =
      median(values_of(cells, [&](const ModeComparison& cell) -> std::optional<double> {
        const std::optional<ShapeDistance>& distance = get(cell.shapes);
        return distance ? std::optional(distance->kolmogorov_smirnov) : std::nullopt;
      }));
  return middle ? fmt::format("{:.2f}", *middle) : "-";
}

std::string count_digests(std::span<const ModeComparison> cells) {
  std::string text;
  for (const Digests state : {Digests::equal, Digests::different, Digests::unknown}) {
    const auto count =
        std::count_if(cells.begin(), cells.end(),
                      [state](const ModeComparison& cell) { return cell.digests == state; });
    if (count > 0) {
      text += fmt::format("{}{} in {}", text.empty() ? "" : ", ", name_of(state), count);
    }
  }
  return text;
}

}  // namespace

std::string mode_text(const ModeComparison& comparison, const std::string& cell, const Modes& modes,
                      std::size_t columns) {
  Table table({{"", true},
               {column_title(modes[0])},
               {column_title(modes[1])},
               {"ratio"},
               {"95% interval", true}});
  add_ratio(table, "throughput", Unit::per_second, comparison.throughput);
  add_ratio(table, "cpu/message", Unit::nanoseconds, comparison.cpu_ns);
  add_ratio(table, "mean response", Unit::nanoseconds, comparison.mean_ns);
  for (const QuantilePair& pair : comparison.quantiles) {
    add_ratio(table, quantile_name(pair.quantile) + " response", Unit::nanoseconds, pair);
  }
  const SuccessPair& success = comparison.success;
  table.add({"  success", humane(Unit::share, success.reference),
             humane(Unit::share, success.other),
             success.difference ? in_points(*success.difference) + " points" : "-",
             span_of(success.interval, in_points)});
  add_spread(table, "spread of response", comparison.agent_spread.response_ns_mean);
  add_spread(table, "spread of delivered", comparison.agent_spread.delivered);
  for (const LedgerDifference& difference : comparison.ledger) {
    table.add({fmt::format("  {}", difference.counter), count_text(difference.reference),
               count_text(difference.other)});
  }
  std::string out = wrapped(title(comparison, cell), columns, 4) + '\n';
  for (const std::string& line : table.lines(columns)) {
    out += line + '\n';
  }
  for (const auto& [what, distance] : {std::pair{"  shapes differ by", &comparison.shapes.measured},
                                       {"    without scale", &comparison.shapes.scale_removed}}) {
    out += wrapped(fmt::format("{:<22} {}", what, distance_text(*distance)), columns, 23) + '\n';
  }
  out += fmt::format("  digests {}\n", name_of(comparison.digests));
  return out;
}

ordered_json mode_json(const ModeComparison& comparison) {
  ordered_json quantiles = ordered_json::array();
  for (const QuantilePair& pair : comparison.quantiles) {
    ordered_json& entry = quantiles.emplace_back(ordered_json{{"quantile", pair.quantile}});
    entry.update(ratio_json(pair));
  }
  ordered_json ledger = ordered_json::object();
  for (const LedgerDifference& difference : comparison.ledger) {
    ledger[std::string(difference.counter)] = side_json(difference);
  }
  return {{"runs", comparison.runs},
          {"throughput", ratio_json(comparison.throughput)},
          {"cpu_ns", ratio_json(comparison.cpu_ns)},
          {"response_ns_mean", ratio_json(comparison.mean_ns)},
          {"success", success_json(comparison.success)},
          {"response_ns_quantiles", std::move(quantiles)},
          {"shape_distance",
           {{"measured", distance_json(comparison.shapes.measured)},
            {"scale_removed", distance_json(comparison.shapes.scale_removed)}}},
          {"agent_spread",
           {{"response_ns_mean", side_json(comparison.agent_spread.response_ns_mean)},
            {"delivered", side_json(comparison.agent_spread.delivered)}}},
          {"ledger_differences", std::move(ledger)},
          {"digests", name_of(comparison.digests)}};
}

std::string mode_summary(std::span<const ModeComparison> cells, const Modes& modes) {
  const std::string sides = fmt::format("{} against {}", one_line(modes[1]), one_line(modes[0]));
  if (cells.empty()) {
    return sides + ": no cell has both";
  }
  const auto ratios = [&](auto get) {
    return with_range(values_of(cells, get), [](double ratio) { return humane_ratio(ratio); });
  };
  const std::string success = with_range(
      values_of(cells, [](const ModeComparison& c) { return c.success.difference; }), in_points);
  return fmt::format(
      "{} over {}: throughput {}, p50 {}, p99 {}, success {} points; shapes differ by {} "
      "({} once scale is removed); digests {}",
      sides, plural(cells.size(), "cell"),
      ratios([](const ModeComparison& c) { return c.throughput.ratio; }),
      ratios([](const ModeComparison& c) { return ratio_at(c, 0.5); }),
      ratios([](const ModeComparison& c) { return ratio_at(c, 0.99); }), success,
      median_distance(
          cells, [](const ShapePair& s) -> const auto& { return s.measured; }),
      median_distance(
          cells, [](const ShapePair& s) -> const auto& { return s.scale_removed; }),
      count_digests(cells));
}

}  // namespace spate::compare
