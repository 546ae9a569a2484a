#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "compare/comparison.h"
#include "compare/humane.h"
#include "compare/mode_report.h"

namespace spate::compare {
namespace {

std::string cells_matched(const Comparison& comparison) {
  const auto metrics = static_cast<std::size_t>(
      std::count_if(comparison.unmatched.begin(), comparison.unmatched.end(),
                    [](const Unmatched& one) { return !one.metric.empty(); }));
  return fmt::format(
      "{} matched, {} unmatched{}, {} broken", plural(comparison.cells.size(), "cell"),
      comparison.unmatched.size() - metrics,
      metrics == 0 ? "" : fmt::format(", {} on one side alone", plural(metrics, "metric")),
      comparison.breaks.size());
}

std::string verdicts(const Tally& tally) {
  std::string line =
      fmt::format("; of {} metrics {} worse, {} better, {} the same, {} cannot be told",
                  tally.judged(), tally.worse, tally.better, tally.same, tally.cannot_tell);
  if (tally.acknowledged > 0) {
    line += fmt::format(", {} acknowledged", tally.acknowledged);
  }
  return line;
}

}  // namespace

std::string summary(const Comparison& comparison) {
  std::string line = fmt::format("{}: ", outcome_name(comparison));
  if (!comparison.is_comparable) {
    line += "the sides differ in ";
    for (std::size_t i = 0; i < comparison.context_differences.size(); ++i) {
      line += fmt::format("{}{}", i == 0 ? "" : ", ", comparison.context_differences[i].name);
    }
    return line;
  }
  if (comparison.form == Form::show) {
    return line + fmt::format("{}, {} broken", plural(comparison.cells.size(), "cell"),
                              comparison.breaks.size());
  }
  line += cells_matched(comparison);
  if (comparison.form == Form::exact) {
    const auto [demanded, different] = count_exact(comparison);
    return line + fmt::format("; {} compared exactly, {} differ{}", demanded, different,
                              different == 1 ? "s" : "");
  }
  if (comparison.form == Form::files) {
    return line + verdicts(comparison.tally);
  }
  if (!comparison.cells.empty()) {
    std::vector<ModeComparison> cells;
    for (const CellResult& cell : comparison.cells) {
      cells.push_back(*cell.modes);
    }
    line += fmt::format("; {}", mode_summary(cells, comparison.sides));
  }
  return line;
}

std::string_view outcome_name(const Comparison& comparison) {
  switch (comparison.exit_code) {
    case ExitCode::fine:
      return comparison.tally.worse > 0 ? "worse, and allowed" : "fine";
    case ExitCode::finding:
      return comparison.form == Form::exact || comparison.tally.worse > 0 ? "regression"
                                                                          : "finding";
    case ExitCode::unusable:
      return "unusable";
    case ExitCode::inconclusive:
      return comparison.is_comparable ? "inconclusive" : "incomparable";
    case ExitCode::broken:
      return "invariant broken";
    case ExitCode::coverage_lost:
      return "coverage lost";
  }
  return "unknown";
}

}  // namespace spate::compare
