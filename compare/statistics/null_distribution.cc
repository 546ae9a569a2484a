#include "compare/statistics/null_distribution.h"

#include <algorithm>
#include <numeric>

namespace spate::compare {
namespace {

void add_multiple(std::span<const double> from, double factor, double* to) {
  for (const double value : from) {
    *to++ += factor * value;
  }
}

}  // namespace

// Row k, place u: in how many ways k of the values so far are x with 2 U == u. A group of t more
// values takes k to k + i in C(t, i) ways. Each of its i x has below it the l y so far, and beside
// it the t - i of the group: 2 U grows by 2 i l + i (t - i). With i == 0 it doesn't grow, so going
// down from the highest row, one table will do: what is read has not been written yet.
std::vector<double> rank_sum_counts(std::size_t n, std::size_t m,
                                    std::span<const std::size_t> group_sizes) {
  const std::size_t width = 2 * n * m + 1;
  std::vector<double> table((n + 1) * width);
  table[0] = 1;
  const auto first_row = [m](std::size_t placed) { return placed > m ? placed - m : 0; };
  std::size_t placed = 0;
  for (const std::size_t t : group_sizes) {
    const std::size_t first = first_row(placed);  // a row below has more than m y
    const std::size_t lowest = std::max(first + 1, first_row(placed + t));
    for (std::size_t row = std::min(n, placed + t); row >= lowest; --row) {
      double ways = 1;
      for (std::size_t i = 1; i <= std::min(t, row - first); ++i) {
        ways = ways * static_cast<double>(t - i + 1) / static_cast<double>(i);
        if (const std::size_t k = row - i; k <= placed) {
          const std::size_t l = placed - k;
          add_multiple({&table[k * width], 2 * k * l + 1}, ways,
                       &table[row * width + i * (2 * l + t - i)]);
        }
      }
    }
    placed += t;
  }
  return {table.end() - static_cast<std::ptrdiff_t>(width), table.end()};
}

std::vector<double> signed_rank_counts(std::span<const std::size_t> group_sizes) {
  const std::size_t n = std::accumulate(group_sizes.begin(), group_sizes.end(), std::size_t{0});
  std::vector<double> counts(n * (n + 1) + 1);
  counts[0] = 1;
  std::size_t reach = 0;  // the largest sum so far
  std::size_t below = 0;
  for (const std::size_t size : group_sizes) {
    const std::size_t doubled_rank = 2 * below + size + 1;
    for (std::size_t i = 0; i < size; ++i) {
      for (std::size_t sum = reach + 1; sum-- > 0;) {
        counts[sum + doubled_rank] += counts[sum];
      }
      reach += doubled_rank;
    }
    below += size;
  }
  return counts;
}

std::vector<double> untied_lower_tails(std::span<const double> doubled_counts) {
  const double all = std::accumulate(doubled_counts.begin(), doubled_counts.end(), 0.0);
  std::vector<double> tails;
  tails.reserve(doubled_counts.size() / 2 + 1);
  double below = 0;
  for (std::size_t i = 0; i < doubled_counts.size(); i += 2) {
    below += doubled_counts[i];
    tails.push_back(below / all);
  }
  return tails;
}

double smaller_tail(std::span<const double> counts, std::size_t at) {
  const auto place = counts.begin() + static_cast<std::ptrdiff_t>(at);
  const double lower = std::accumulate(counts.begin(), place + 1, 0.0);
  const double upper = std::accumulate(place, counts.end(), 0.0);
  return std::min(lower, upper) / (lower + upper - *place);
}

}  // namespace spate::compare
