#include "compare/statistics/order_statistics.h"

#include <algorithm>
#include <cmath>

#include "compare/statistics/normal.h"

namespace spate::compare {

double median_in_place(std::span<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  if (values.size() % 2 == 1) {
    return *middle;
  }
  return *std::max_element(values.begin(), middle) / 2 + *middle / 2;  // a sum might overflow
}

std::optional<OrderBound> order_bound(std::span<const double> lower_tails, double level) {
  const auto end = std::partition_point(lower_tails.begin(), lower_tails.end(),
                                        [level](double tail) { return 1 - 2 * tail >= level; });
  if (end == lower_tails.begin()) {
    return std::nullopt;
  }
  return OrderBound{static_cast<std::size_t>(end - lower_tails.begin()), 1 - 2 * *(end - 1)};
}

std::optional<OrderBound> approximate_order_bound(double mean, double deviation, double level) {
  const double z = normal_upper_quantile((1 - level) / 2);
  const double order = std::floor(mean + 0.5 - z * deviation);
  if (order < 1) {
    return std::nullopt;
  }
  return OrderBound{static_cast<std::size_t>(order),
                    1 - 2 * normal_upper_tail((mean + 0.5 - order) / deviation)};
}

Estimate estimate_of(std::span<double> values, const std::optional<OrderBound>& bound) {
  Estimate estimate{median_in_place(values), std::nullopt};
  if (bound) {
    // The median has parted the values: one end is sought in each half.
    const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    const auto low = values.begin() + static_cast<std::ptrdiff_t>(bound->order - 1);
    const auto high = values.end() - static_cast<std::ptrdiff_t>(bound->order);
    std::nth_element(values.begin(), low, middle);
    std::nth_element(middle, high, values.end());
    estimate.interval = {*low, *high, bound->level};
  }
  return estimate;
}

}  // namespace spate::compare
