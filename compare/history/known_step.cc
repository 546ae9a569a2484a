#include "compare/history/known_step.h"

#include <algorithm>
#include <cstddef>

#include "compare/cell_judge.h"
#include "compare/rules.h"
#include "compare/statistics/change_points.h"

namespace spate::compare {
namespace {

// Also where one of the two is cut shorter.
bool is_commit(std::string_view commit, std::string_view given) {
  const std::size_t common = std::min(commit.size(), given.size());
  return common > 0 && commit.substr(0, common) == given.substr(0, common);
}

bool is_of(const TrendPoint& point, std::string_view since) {
  return is_date(since) ? point.date.starts_with(since) : is_commit(point.commit, since);
}

// Whether it is the step that somebody knows. As more points come its place may still move, by less
// than a level is long.
bool is_known(const Acknowledgement& known, const std::vector<TrendPoint>& points,
              const TrendLine& line, const Step& step) {
  const std::size_t first = step.at - std::min(step.at, kMinSegment - 1);
  const std::size_t end = std::min(step.at + kMinSegment, line.points.size());
  return known.since.empty() ||
         std::any_of(line.points.begin() + static_cast<std::ptrdiff_t>(first),
                     line.points.begin() + static_cast<std::ptrdiff_t>(end),
                     [&](const LinePoint& one) { return is_of(points[one.point], known.since); });
}

}  // namespace

std::optional<std::string> reason_of(const Settings& settings, std::string_view cell,
                                     const std::vector<TrendPoint>& points, const TrendLine& line,
                                     const Step& step) {
  for (const Acknowledgement& known : settings.acknowledgements) {
    if (covers(known, settings, cell, line.metric.key) && is_known(known, points, line, step)) {
      return known.reason;
    }
  }
  return std::nullopt;
}

}  // namespace spate::compare
