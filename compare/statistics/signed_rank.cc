#include "compare/statistics/signed_rank.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <vector>

#include "compare/statistics/normal.h"
#include "compare/statistics/null_distribution.h"
#include "compare/statistics/order_statistics.h"

namespace spate::compare {
namespace {

// How the differences that are not zero rank by magnitude.
struct Ranking {
  std::size_t n = 0;
  std::size_t doubled_t = 0;             // T+ adds the ranks of the positive ones
  std::vector<std::size_t> group_sizes;  // of equal magnitudes, from the smallest up
};

Ranking rank(std::span<const double> d) {
  std::vector<double> sorted;
  sorted.reserve(d.size());
  std::copy_if(d.begin(), d.end(), std::back_inserter(sorted), [](double v) { return v != 0; });
  std::sort(sorted.begin(), sorted.end(),
            [](double a, double b) { return std::fabs(a) < std::fabs(b); });
  Ranking found;
  found.n = sorted.size();
  found.group_sizes.reserve(found.n);
  for (std::size_t begin = 0, end = 0; begin < found.n; begin = end) {
    std::size_t positive = 0;
    for (; end < found.n && std::fabs(sorted[end]) == std::fabs(sorted[begin]); ++end) {
      if (sorted[end] > 0) {
        ++positive;
      }
    }
    found.doubled_t += positive * (begin + end + 1);
    found.group_sizes.push_back(end - begin);
  }
  return found;
}

// [t]: P(T+ <= t) without ties.
const std::vector<double>& untied_tails(std::size_t n) {
  static NullDistributions<std::size_t> distributions;
  return distributions.of(
      n, [n] { return untied_lower_tails(signed_rank_counts(std::vector<std::size_t>(n, 1))); });
}

double mean_t(std::size_t n) { return static_cast<double>(n * (n + 1)) / 4; }

// Each group of t equal magnitudes takes (t^3 - t) / 48 of the variance (Hollander, Wolfe, 3.1).
double deviation_t(std::size_t n, std::span<const std::size_t> group_sizes) {
  double ties = 0;
  for (const std::size_t size : group_sizes) {
    const auto t = static_cast<double>(size);
    ties += t * (t * t - 1);
  }
  return std::sqrt(mean_t(n) * static_cast<double>(2 * n + 1) / 6 - ties / 48);
}

double approximate_p(double t, std::size_t n, std::span<const std::size_t> group_sizes) {
  const double distance = std::fmax(0, std::fabs(t - mean_t(n)) - 0.5);  // continuity
  return 2 * normal_upper_tail(distance / deviation_t(n, group_sizes));
}

std::optional<OrderBound> pseudomedian_bound(std::size_t n, double level) {
  return n > kMaxExactDifferences ? approximate_order_bound(mean_t(n), deviation_t(n, {}), level)
                                  : order_bound(untied_tails(n), level);
}

std::vector<double> walsh_averages(std::span<const double> d) {
  std::vector<double> all;
  all.reserve(d.size() * (d.size() + 1) / 2);
  for (std::size_t i = 0; i < d.size(); ++i) {
    for (std::size_t j = 0; j <= i; ++j) {
      all.push_back(d[i] / 2 + d[j] / 2);
    }
  }
  return all;
}

}  // namespace

double signed_rank_p(std::span<const double> d) {
  const auto [n, doubled_t, group_sizes] = rank(d);
  if (n > kMaxExactDifferences) {
    return approximate_p(static_cast<double>(doubled_t) / 2, n, group_sizes);
  }
  const bool untied = group_sizes.size() == n;
  const double tail = untied ? untied_tails(n)[std::min(doubled_t, n * (n + 1) - doubled_t) / 2]
                             : smaller_tail(signed_rank_counts(group_sizes), doubled_t);
  return std::min(1.0, 2 * tail);
}

double smallest_signed_rank_p(std::size_t n) {
  return n > kMaxExactDifferences ? approximate_p(0, n, {})
                                  : std::min(1.0, 2 * untied_tails(n).front());
}

Estimate pseudomedian(std::span<const double> d, double level) {
  std::vector<double> all = walsh_averages(d);
  return estimate_of(all, pseudomedian_bound(d.size(), level));
}

}  // namespace spate::compare
