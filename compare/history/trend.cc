#include "compare/history/trend.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <iterator>
#include <set>
#include <string_view>
#include <utility>

#include "compare/cell_judge.h"
#include "compare/error.h"
#include "compare/history/known_step.h"
#include "compare/history/recent.h"
#include "compare/history/series.h"
#include "compare/humane.h"
#include "compare/metrics.h"
#include "compare/parallel.h"
#include "compare/statistics/change_points.h"

namespace spate::compare {
namespace {

bool is_wanted(const std::vector<std::string>& patterns, std::string_view text) {
  return patterns.empty() || std::any_of(patterns.begin(), patterns.end(),
                                         [&](const auto& one) { return matches(one, text); });
}

std::optional<LinePoint> value_at(std::size_t point, const std::vector<const Row*>& rows,
                                  std::string_view key) {
  const std::vector<double> values = plain_values(values_of(rows, key, Replication::process));
  const std::optional<double> middle = median(values);
  if (!middle) {
    return std::nullopt;
  }
  const auto [low, high] = std::minmax_element(values.begin(), values.end());
  return LinePoint{point, *middle, *low, *high, values.size()};
}

bool is_finding(const Step& step, const FailOn& fail_on) {
  return step.is_worse ? fail_on.worse : fail_on.better;
}

// A line of one metric; its steps are found by whoever has time.
TrendLine line_of(const Metric& metric, const SeriesRows& series) {
  TrendLine line;
  line.metric = metric;
  for (const auto& [point, rows] : series.rows) {
    if (const std::optional<LinePoint> value = value_at(point, rows, metric.key)) {
      line.points.push_back(*value);
    }
  }
  return line;
}

bool is_virtual(const SeriesRows& series, const Metric& metric) {
  return series.cell.is_delivery() && series.cell.rows.front()->delivery->mode == kVirtualTime &&
         metric.key != kCpuTime;
}

void step_through(const Trend& trend, const Recent& recent, const SeriesRows& series,
                  TrendLine& line) {
  const Settings& settings = trend.settings.settings;
  const bool deterministic = is_virtual(series, line.metric);
  const std::size_t needed = deterministic ? 2 : fewest_values(settings.alpha);
  if (line.points.size() < needed) {
    line.points_needed = needed;
    return;
  }
  std::vector<double> values(line.points.size());
  std::transform(line.points.begin(), line.points.end(), values.begin(),
                 [](const LinePoint& point) { return point.value; });
  const Steps found = find_steps({line.metric, values, deterministic}, settings.alpha);
  const auto known = [&](const Step& step) {
    return TrendStep{step, false, reason_of(settings, series.cell.name, trend.points, line, step)};
  };
  for (const Step& step : found.shown) {
    line.steps.push_back(known(step));
  }
  for (const Step& step : found.doubtful) {
    if (recent.has(line, step.at)) {
      line.doubtful.push_back(known(step));
    }
  }
  recent.mark(line);
}

class TrendMaker {
 public:
  explicit TrendMaker(const TrendSettings& settings) : settings_(settings) {}

  TrendSeries series_of(const SeriesRows& rows) {
    TrendSeries series{rows.cell.name, rows.setup, {}, {}};
    std::vector<const Row*> all;
    for (const auto& [point, of_point] : rows.rows) {
      all.insert(all.end(), of_point.begin(), of_point.end());
    }
    for (const Metric& metric : metrics_of(rows, counter_names(all))) {
      TrendLine line = line_of(metric, rows);
      if (!line.points.empty()) {
        series.lines.push_back(std::move(line));
      }
    }
    return series;
  }

  // Counters of which nobody said what they are.
  std::vector<std::string> unclassified() const {
    return {unclassified_.begin(), unclassified_.end()};
  }

 private:
  std::vector<Metric> metrics_of(const SeriesRows& rows,
                                 const std::vector<std::string_view>& keys) {
    std::vector<Metric> metrics;
    for (const std::string_view key : keys) {
      const ResolvedMetric resolved =
          settings_.settings.schema.resolve(key, rows.cell.is_delivery(), rows.cell.name);
      if (!resolved.is_known) {
        unclassified_.emplace(key);
      }
      if (is_judged(resolved.metric.metric_class) && is_wanted(settings_.metrics, key)) {
        metrics.push_back(resolved.metric);
      }
    }
    std::stable_sort(metrics.begin(), metrics.end(),
                     [](const Metric& a, const Metric& b) { return a.rank < b.rank; });
    return metrics;
  }

  const TrendSettings& settings_;
  std::set<std::string> unclassified_;
};

// Cells that were measured once, and lately no more on any setup.
std::vector<std::string> ended_cells(const Trend& trend, const Recent& recent) {
  std::set<std::string> ended;
  std::set<std::string> lasting;
  for (const TrendSeries& series : trend.series) {
    const bool lasts = std::any_of(series.lines.begin(), series.lines.end(),
                                   [&](const TrendLine& line) { return recent.goes_on(line); });
    (lasts ? lasting : ended).insert(series.cell);
  }
  for (const TrendBounds& bounds : trend.bounds) {  // as measured as a value
    if (recent.has(bounds.points.back())) {
      lasting.insert(bounds.cell);
    }
  }
  std::vector<std::string> result;
  std::set_difference(ended.begin(), ended.end(), lasting.begin(), lasting.end(),
                      std::back_inserter(result));
  return result;
}

// What not all series have in common.
void tell_setups_apart(std::vector<TrendSeries>& all) {
  std::map<std::string, std::set<std::string>> values;
  for (const TrendSeries& series : all) {
    for (const auto& [name, value] : series.setup) {
      values[name].insert(value);
    }
  }
  for (TrendSeries& series : all) {
    for (const auto& [name, value] : series.setup) {
      if (values.at(name).size() > 1) {
        series.setup_phrase +=
            fmt::format("{}{} {}", series.setup_phrase.empty() ? "" : ", ", name, value);
      }
    }
  }
}

struct Count {
  std::size_t lines = 0;
  std::size_t too_short = 0;
  std::size_t worse = 0;
  std::size_t better = 0;
  std::size_t findings = 0;
  std::size_t doubtful = 0;
};

Count count(const Trend& trend) {
  Count result;
  const auto counts = [&](const TrendStep& step) {
    return step.is_new && !step.acknowledged &&
           is_finding(step.step, trend.settings.settings.fail_on);
  };
  for (const TrendSeries& series : trend.series) {
    for (const TrendLine& line : series.lines) {
      ++result.lines;
      result.too_short += line.points_needed > 0 ? 1U : 0U;
      for (const TrendStep& step : line.steps) {
        ++(step.step.is_worse ? result.worse : result.better);
        result.findings += counts(step) ? 1U : 0U;
      }
      result.doubtful += std::any_of(line.doubtful.begin(), line.doubtful.end(), counts) ? 1U : 0U;
    }
  }
  return result;
}

std::size_t count_bounds(const Trend& trend) {
  std::size_t all = 0;
  for (const TrendBounds& bounds : trend.bounds) {
    all += bounds.points.size();
  }
  return all;
}

bool is_broken_lately(const Trend& trend, const Recent& recent) {
  return trend.last_broken && recent.has(*trend.last_broken);
}

// What it was really, nobody knows.
bool is_bounded_lately(const Trend& trend, const Recent& recent) {
  return std::any_of(trend.bounds.begin(), trend.bounds.end(),
                     [&](const TrendBounds& bounds) { return recent.has(bounds.points.back()); });
}

// A pattern that is of nothing is a typing error, and would be a gate that is never shut.
void require_match(const std::vector<std::string>& patterns, std::string_view flag, bool found) {
  if (!patterns.empty() && !found) {
    throw Error(fmt::format("{} {}: nothing in this history has such a name; give another pattern",
                            flag, fmt::join(patterns, ", ")));
  }
}

ExitCode code_of(const Trend& trend, const Recent& recent) {
  const Count counted = count(trend);
  if (trend.settings.is_gate && is_broken_lately(trend, recent)) {
    return ExitCode::broken;
  }
  if (trend.settings.is_gate && counted.findings > 0) {
    return ExitCode::finding;
  }
  const bool nothing_told = counted.too_short == counted.lines;
  const bool in_doubt = nothing_told || counted.doubtful > 0 || is_bounded_lately(trend, recent) ||
                        (trend.settings.settings.fail_on.cannot_tell && counted.too_short > 0);
  return !trend.unreadable.empty() || (trend.settings.is_gate && in_doubt) ? ExitCode::inconclusive
                                                                           : ExitCode::fine;
}

}  // namespace

Trend trend_of(const History& history, TrendSettings settings) {
  Trend trend;
  trend.folder = history.folder;
  trend.settings = std::move(settings);
  trend.unreadable = history.unreadable;
  trend.results = history.results.size();
  std::vector<SeriesRows> gathered = gather_series(history, trend);
  std::erase_if(gathered, [&](const SeriesRows& series) {
    return !is_wanted(trend.settings.cells, series.cell.name);
  });
  std::erase_if(trend.bounds, [&](const TrendBounds& bounds) {
    return !is_wanted(trend.settings.cells, bounds.cell);
  });
  const bool has_results = !trend.points.empty();
  require_match(trend.settings.cells, "--cell",
                !has_results || !gathered.empty() || !trend.bounds.empty());
  TrendMaker maker(trend.settings);
  std::vector<std::pair<const SeriesRows*, TrendLine*>> work;
  for (const SeriesRows& rows : gathered) {
    trend.series.push_back(maker.series_of(rows));
  }
  trend.unclassified = maker.unclassified();
  for (std::size_t i = 0; i < gathered.size(); ++i) {
    for (TrendLine& line : trend.series[i].lines) {
      work.emplace_back(&gathered[i], &line);
    }
  }
  const Recent recent(trend.points.size(), trend.settings.recent);
  constexpr std::size_t kLinesWorthAThread = 4;
  in_parallel(
      work.size(),
      [&](std::size_t begin, std::size_t end) {
        for (std::size_t i = begin; i < end; ++i) {
          step_through(trend, recent, *work[i].first, *work[i].second);
        }
      },
      kLinesWorthAThread);
  std::erase_if(trend.series, [](const TrendSeries& series) { return series.lines.empty(); });
  require_match(trend.settings.metrics, "--metric", !has_results || !trend.series.empty());
  tell_setups_apart(trend.series);
  trend.ended = ended_cells(trend, recent);
  trend.exit_code = code_of(trend, recent);
  return trend;
}

std::string_view outcome_name(const Trend& trend) {
  switch (trend.exit_code) {
    case ExitCode::finding:
      return "regression";
    case ExitCode::broken:
      return "broken";
    case ExitCode::inconclusive:
      return "inconclusive";
    default:
      return "fine";
  }
}

std::string summary(const Trend& trend) {
  const Count counted = count(trend);
  std::string result =
      fmt::format("{}: {} over {} of {}; {} for the worse, {} for the better", outcome_name(trend),
                  plural(counted.lines, "line"), plural(trend.points.size(), "point"),
                  plural(trend.results, "result"), plural(counted.worse, "step"), counted.better);
  if (trend.settings.is_gate) {
    result += fmt::format("; {} among the last {} points", counted.findings, trend.settings.recent);
  }
  if (counted.doubtful > 0) {
    result += fmt::format("; of {} nobody can tell", plural(counted.doubtful, "line"));
  }
  if (!trend.bounds.empty()) {
    result += fmt::format("; {} left out", plural(count_bounds(trend), "lower bound"));
  }
  if (counted.too_short > 0) {
    result += fmt::format("; {} with too few points yet", counted.too_short);
  }
  if (!trend.broken.empty()) {
    result += fmt::format("; {} broken", plural(trend.broken.size(), "row"));
  }
  if (!trend.unreadable.empty()) {
    result += fmt::format("; {} left out", plural(trend.unreadable.size(), "file"));
  }
  return result;
}

}  // namespace spate::compare
