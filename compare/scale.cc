#include "compare/scale.h"

#include <algorithm>
#include <cmath>

namespace spate::compare {
namespace {

constexpr double kLogarithmOfZero = -1500;

}  // namespace

bool is_ratio(const Metric& metric) { return metric.metric_class != MetricClass::proportion; }

double to_change(const Metric& metric, double difference) {
  return is_ratio(metric) ? std::expm1(difference) : difference;
}

double to_difference(const Metric& metric, double change) {
  return is_ratio(metric) ? std::log1p(change) : change;
}

bool has_scale(const Metric& metric, std::span<const double> values) {
  return !is_ratio(metric) ||
         std::none_of(values.begin(), values.end(), [](double value) { return value < 0; });
}

std::vector<double> on_scale(const Metric& metric, std::span<const double> values) {
  std::vector<double> result(values.begin(), values.end());
  if (is_ratio(metric)) {
    std::transform(result.begin(), result.end(), result.begin(),
                   [](double value) { return value == 0 ? kLogarithmOfZero : std::log(value); });
  }
  return result;
}

bool is_bad(const Metric& metric, double change) {
  return metric.direction == Direction::higher_is_better ? change < 0 : change > 0;
}

}  // namespace spate::compare
