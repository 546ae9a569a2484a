// What is read off values by their order: the median, and intervals that end at two of the values.
#pragma once

#include <cstddef>
#include <optional>
#include <span>

#include "compare/statistics/interval.h"

namespace spate::compare {

// Of an even number of values, the mean of the middle two. Reorders them; there must be some.
double median_in_place(std::span<double> values);

// From the `order`-th smallest value to the `order`-th largest, counted from 1.
struct OrderBound {
  std::size_t order = 1;
  double level = 0;  // the confidence of that interval
};

// The narrowest such interval with confidence `level`, where the counting statistic of a test has
// the symmetric null distribution P(statistic <= i) == lower_tails[i]: by the duality of test and
// interval, the order c has confidence 1 - 2 P(statistic <= c - 1). Nothing where even the widest
// one falls short. (Hollander, Wolfe: Nonparametric Statistical Methods, 2nd edition, 1999, 3.3
// and 4.3.)
std::optional<OrderBound> order_bound(std::span<const double> lower_tails, double level);

// The same by the normal approximation, with continuity correction.
std::optional<OrderBound> approximate_order_bound(double mean, double deviation, double level);

// The median, and the interval where there is a bound. Reorders the values; there must be some, and
// the order goes no further than to their middle.
Estimate estimate_of(std::span<double> values, const std::optional<OrderBound>& bound);

}  // namespace spate::compare
