#include "compare/statistics/rank_sum.h"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "compare/statistics/normal.h"
#include "compare/statistics/null_distribution.h"
#include "compare/statistics/order_statistics.h"

namespace spate::compare {
namespace {

// How two samples lie in each other.
struct Arrangement {
  std::size_t doubled_u = 0;             // U counts pairs with y < x, and half of those with y == x
  std::vector<std::size_t> group_sizes;  // of equal values, from the smallest up
};

Arrangement arrange(std::span<const double> x, std::span<const double> y) {
  std::vector<double> xs(x.begin(), x.end());
  std::vector<double> ys(y.begin(), y.end());
  std::sort(xs.begin(), xs.end());
  std::sort(ys.begin(), ys.end());
  Arrangement found;
  found.group_sizes.reserve(xs.size() + ys.size());
  std::size_t i = 0;
  std::size_t j = 0;
  while (i < xs.size() || j < ys.size()) {
    const double value = j == ys.size() || (i < xs.size() && xs[i] < ys[j]) ? xs[i] : ys[j];
    const std::size_t x_before = i;
    const std::size_t y_before = j;
    while (i < xs.size() && xs[i] == value) {
      ++i;
    }
    while (j < ys.size() && ys[j] == value) {
      ++j;
    }
    found.doubled_u += (i - x_before) * (y_before + j);
    found.group_sizes.push_back(i - x_before + j - y_before);
  }
  return found;
}

// [u]: P(U <= u) without ties; the same for (n, m) and (m, n).
const std::vector<double>& untied_tails(std::size_t n, std::size_t m) {
  using Sizes = std::pair<std::size_t, std::size_t>;
  static NullDistributions<Sizes> distributions;
  const Sizes sizes = std::minmax({n, m});
  return distributions.of(sizes, [&sizes] {
    const std::vector<std::size_t> ones(sizes.first + sizes.second, 1);
    return untied_lower_tails(rank_sum_counts(sizes.first, sizes.second, ones));
  });
}

double mean_u(std::size_t n, std::size_t m) { return static_cast<double>(n * m) / 2; }

// Each group of t equal values takes t^3 - t of the spread (Hollander, Wolfe, 4.1).
double deviation_u(std::size_t n, std::size_t m, std::span<const std::size_t> group_sizes) {
  const auto all = static_cast<double>(n + m);
  double ties = 0;
  for (const std::size_t size : group_sizes) {
    const auto t = static_cast<double>(size);
    ties += t * (t * t - 1);
  }
  return std::sqrt(mean_u(n, m) / 6 * (all + 1 - ties / (all * (all - 1))));
}

double approximate_p(double u, std::size_t n, std::size_t m,
                     std::span<const std::size_t> group_sizes) {
  const double distance = std::fabs(u - mean_u(n, m)) - 0.5;  // continuity
  if (distance <= 0) {
    return 1;  // also where all values are equal, and there is no deviation to divide by
  }
  return 2 * normal_upper_tail(distance / deviation_u(n, m, group_sizes));
}

std::optional<OrderBound> shift_bound(std::size_t n, std::size_t m, double level) {
  return n * m > kMaxExactPairs
             ? approximate_order_bound(mean_u(n, m), deviation_u(n, m, {}), level)
             : order_bound(untied_tails(n, m), level);
}

// y - x of each pair.
std::vector<double> differences(std::span<const double> x, std::span<const double> y) {
  std::vector<double> all;
  all.reserve(x.size() * y.size());
  for (const double from : x) {
    for (const double to : y) {
      all.push_back(to - from);
    }
  }
  return all;
}

}  // namespace

double rank_sum_p(std::span<const double> x, std::span<const double> y) {
  const std::size_t n = x.size();
  const std::size_t m = y.size();
  if (n > m) {
    return rank_sum_p(y, x);  // counting needs n + 1 rows
  }
  if (n == 0) {
    return 1;
  }
  const auto [doubled_u, group_sizes] = arrange(x, y);
  if (n * m > kMaxExactPairs) {
    return approximate_p(static_cast<double>(doubled_u) / 2, n, m, group_sizes);
  }
  const bool untied = group_sizes.size() == n + m;
  const double tail = untied ? untied_tails(n, m)[std::min(doubled_u, 2 * n * m - doubled_u) / 2]
                             : smaller_tail(rank_sum_counts(n, m, group_sizes), doubled_u);
  return std::min(1.0, 2 * tail);
}

double smallest_rank_sum_p(std::size_t n, std::size_t m) {
  if (n == 0 || m == 0) {
    return 1;
  }
  return n * m > kMaxExactPairs ? approximate_p(0, n, m, {})
                                : std::min(1.0, 2 * untied_tails(n, m).front());
}

Estimate shift(std::span<const double> x, std::span<const double> y, double level) {
  std::vector<double> all = differences(x, y);
  return estimate_of(all, shift_bound(x.size(), y.size(), level));
}

}  // namespace spate::compare
