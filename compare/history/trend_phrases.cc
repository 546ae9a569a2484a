#include "compare/history/trend_phrases.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "compare/cell_judge.h"
#include "compare/humane.h"
#include "compare/metrics.h"
#include "compare/phrases.h"
#include "compare/scale.h"

namespace spate::compare {
namespace {

constexpr std::size_t kDay = 10;  // characters of a date

// The first few: who has more of them knows by then.
void add_some(const std::vector<std::string>& lines, std::string_view title,
              std::vector<std::string>& result) {
  constexpr std::size_t kSome = 5;
  for (std::size_t i = 0; i < std::min(kSome, lines.size()); ++i) {
    result.push_back(fmt::format("{}{}", title, lines[i]));
  }
  if (lines.size() > kSome) {
    result.push_back(fmt::format("{}{} more", title, lines.size() - kSome));
  }
}

std::size_t hidden_lines(const Trend& trend) {
  std::size_t hidden = 0;
  for (const TrendSeries& series : trend.series) {
    hidden += static_cast<std::size_t>(
        std::count_if(series.lines.begin(), series.lines.end(),
                      [](const TrendLine& line) { return line.points_needed > 0; }));
  }
  return hidden;
}

std::vector<std::string> bound_phrases(const Trend& trend) {
  std::vector<std::string> result;
  for (const TrendBounds& bounds : trend.bounds) {
    const std::string last = point_phrase(trend.points[bounds.points.back()]);
    result.push_back(bounds.points.size() == 1
                         ? fmt::format("{}, {}", bounds.cell, last)
                         : fmt::format("{}, {} points, the last of them {}", bounds.cell,
                                       bounds.points.size(), last));
  }
  return result;
}

}  // namespace

std::string point_phrase(const TrendPoint& point) {
  const std::string day = point.date.substr(0, kDay);
  return point.commit.empty() ? fmt::format("{} at {}", day, point.date.substr(kDay + 1))
                              : fmt::format("{} of {}", point.commit, day);
}

std::string_view direction_phrase(const TrendStep& step) {
  return step.acknowledged ? "acknowledged" : step.step.is_worse ? "worse" : "better";
}

std::string step_phrase(const Trend& trend, const TrendLine& line, const TrendStep& step) {
  const TrendPoint& point = trend.points[line.points[step.step.at].point];
  return fmt::format("{} ({}) since {}{}", humane_change(line.metric, step.step.change),
                     humane_interval(line.metric, step.step.interval), point_phrase(point),
                     step.acknowledged ? fmt::format(": {}", *step.acknowledged) : "");
}

std::vector<std::string> remarks(const Trend& trend, bool all) {
  std::vector<std::string> result;
  add_some(trend.unreadable, "left out: ", result);
  add_some(trend.broken, "broken, and left out: ", result);
  add_some(trend.ended, "measured no more: ", result);
  add_some(bound_phrases(trend), "left out, being but a lower bound: ", result);
  add_some(expired_acknowledgements(trend.settings.settings),
           "acknowledged no longer, the day being over: ", result);
  if (!trend.unclassified.empty()) {
    result.push_back(fmt::format("nobody said what these counters are, see --metric: {}",
                                 fmt::join(trend.unclassified, ", ")));
  }
  const auto is_doubtful = [](const TrendLine& line) { return !line.doubtful.empty(); };
  if (std::any_of(trend.series.begin(), trend.series.end(), [&](const TrendSeries& series) {
        return std::any_of(series.lines.begin(), series.lines.end(), is_doubtful);
      })) {
    result.emplace_back(
        "cannot tell: values resemble those before them, so that it may be no step; more points "
        "will show");
  }
  if (const std::size_t hidden = hidden_lines(trend); hidden > 0) {
    std::size_t needed = 0;
    for (const TrendSeries& series : trend.series) {
      for (const TrendLine& line : series.lines) {
        needed = std::max(needed, line.points_needed);
      }
    }
    result.push_back(
        fmt::format("{} with too few points for a step to be told from chance: {} "
                    "are needed{}",
                    plural(hidden, "line"), needed, all ? "" : " (see --all)"));
  }
  return result;
}

std::string sparkline_of(const TrendLine& line, std::size_t columns, Script script) {
  std::vector<double> values(line.points.size());
  std::transform(line.points.begin(), line.points.end(), values.begin(),
                 [](const LinePoint& point) { return point.value; });
  std::vector<std::size_t> marks;
  for (const TrendStep& step : line.steps) {
    marks.push_back(step.step.at);
  }
  const double effect = line.metric.effect;
  const double least = is_ratio(line.metric) ? effect * std::abs(*median(values)) : effect;
  return sparkline(values, marks, least, columns, script);
}

std::string points_phrase(const TrendSeries& series) {
  const auto longest = std::max_element(
      series.lines.begin(), series.lines.end(),
      [](const TrendLine& a, const TrendLine& b) { return a.points.size() < b.points.size(); });
  std::size_t least = longest->points.front().processes;
  std::size_t most = least;
  for (const LinePoint& point : longest->points) {
    least = std::min(least, point.processes);
    most = std::max(most, point.processes);
  }
  const std::string each =
      least == most ? std::to_string(least) : fmt::format("{} to {}", least, most);
  return fmt::format("{}, {} process{} each", plural(longest->points.size(), "point"), each,
                     most == 1 ? "" : "es");
}

bool is_shown(const TrendLine& line, bool all) { return all || line.points_needed == 0; }

bool is_shown(const TrendSeries& series, bool all) {
  return std::any_of(series.lines.begin(), series.lines.end(),
                     [&](const TrendLine& line) { return is_shown(line, all); });
}

}  // namespace spate::compare
