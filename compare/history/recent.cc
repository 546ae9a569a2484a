#include "compare/history/recent.h"

#include <algorithm>
#include <cmath>

#include "compare/scale.h"

namespace spate::compare {

bool Recent::goes_on(const TrendLine& line) const {
  const std::size_t first = line.points.front().point;
  const std::size_t last = line.points.back().point;
  const std::size_t gaps = std::max<std::size_t>(line.points.size() - 1, 1);
  const std::size_t pace = std::max<std::size_t>((last - first + gaps - 1) / gaps, 1);
  return points_ - last <= recent_ * pace;
}

bool Recent::has(const TrendLine& line, std::size_t at) const {
  return line.points.size() - at <= recent_ && goes_on(line);
}

void Recent::mark(TrendLine& line) const {
  std::vector<TrendStep*> sure;
  for (TrendStep& step : line.steps) {
    sure.push_back(&step);
  }
  std::vector<TrendStep*> all = sure;
  for (TrendStep& step : line.doubtful) {
    all.push_back(&step);
  }
  std::stable_sort(all.begin(), all.end(),
                   [](const TrendStep* a, const TrendStep* b) { return a->step.at < b->step.at; });
  mark(line, all);
  mark(line, sure);
}

// Of steps in order. Half of a regression undone leaves the other half.
void Recent::mark(const TrendLine& line, const std::vector<TrendStep*>& steps) const {
  const double matters = to_difference(line.metric, line.metric.effect);
  double worse = 0;  // all that came since, together
  for (auto one = steps.rbegin(); one != steps.rend() && has(line, (*one)->step.at); ++one) {
    const Step& step = (*one)->step;
    const double size = std::abs(step.difference);
    worse += step.is_worse ? size : -size;
    (*one)->is_new = (step.is_worse ? worse : -worse) >= matters;
  }
}

}  // namespace spate::compare
