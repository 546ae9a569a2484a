#include "compare/history/steps.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "compare/scale.h"
#include "compare/statistics/change_points.h"
#include "compare/statistics/rank_sum.h"

namespace spate::compare {
namespace {

constexpr double kIntervalLevel = 0.95;

std::vector<ChangePoint> changes_of_value(std::span<const double> values) {
  std::vector<ChangePoint> result;
  for (std::size_t i = 1; i < values.size(); ++i) {
    if (values[i] != values[i - 1]) {
      result.push_back({i, 0});
    }
  }
  return result;
}

// The step at each of the points: its interval is still one of differences.
std::vector<Step> weigh(const std::vector<ChangePoint>& points, std::span<const double> values) {
  std::vector<Step> steps;
  for (std::size_t i = 0; i < points.size(); ++i) {
    const std::size_t begin = i == 0 ? 0 : points[i - 1].at;
    const std::size_t end = i + 1 == points.size() ? values.size() : points[i + 1].at;
    const std::size_t at = points[i].at;
    const Estimate found =
        shift(values.subspan(begin, at - begin), values.subspan(at, end - at), kIntervalLevel);
    steps.push_back({at, found.value, std::nullopt, found.interval, points[i].p, false});
  }
  return steps;
}

double size_of(const Step& step) { return std::fabs(step.difference); }

// From differences to what people read.
void finish(const Metric& metric, Step& step) {
  const double change = to_change(metric, step.difference);
  step.is_worse = is_bad(metric, step.difference);
  step.change = std::isfinite(change) ? std::optional{change} : std::nullopt;
  if (step.interval) {
    step.interval->low = to_change(metric, step.interval->low);
    step.interval->high = to_change(metric, step.interval->high);
  }
}

// Of the points those that matter.
std::vector<Step> steps_at(std::vector<ChangePoint> points, const Metric& metric,
                           std::span<const double> values) {
  std::vector<Step> steps = weigh(points, values);
  const double effect = to_difference(metric, metric.effect);
  while (!steps.empty()) {
    const auto least =
        std::min_element(steps.begin(), steps.end(),
                         [](const Step& a, const Step& b) { return size_of(a) < size_of(b); });
    if (size_of(*least) >= effect) {
      break;
    }
    points.erase(points.begin() + (least - steps.begin()));
    steps = weigh(points, values);
  }
  for (Step& step : steps) {
    finish(metric, step);
  }
  return steps;
}

// Within fewer values than a level has two steps are the same one.
bool has_same(const std::vector<Step>& steps, const Step& other) {
  return std::any_of(steps.begin(), steps.end(), [&](const Step& step) {
    return std::max(step.at, other.at) - std::min(step.at, other.at) < kMinSegment;
  });
}

}  // namespace

Steps find_steps(const SeriesQuestion& question, double alpha) {
  const Metric& metric = question.metric;
  if (!has_scale(metric, question.values)) {
    return {};
  }
  const std::vector<double> values = on_scale(metric, question.values);
  if (question.deterministic) {
    return {steps_at(changes_of_value(values), metric, values), {}};
  }
  LevelChanges changes = change_points(values, alpha);
  Steps result{steps_at(std::move(changes.shown), metric, values),
               steps_at(std::move(changes.if_chance), metric, values)};
  std::erase_if(result.doubtful, [&](const Step& step) { return has_same(result.shown, step); });
  return result;
}

}  // namespace spate::compare
