// How the statistics of the rank tests are distributed where nothing but chance is at work:
// exactly, by counting every arrangement of the ranks that the data have, ties included.
//
// Ties halve ranks, so every statistic here is doubled to stay an integer. Counts are doubles:
// exact to 2^53, and beyond that a sum of positive terms, with no digits to lose.
#pragma once

#include <cstddef>
#include <map>
#include <mutex>
#include <shared_mutex>
#include <span>
#include <utility>
#include <vector>

namespace spate::compare {

// [u]: in how many of the ways to choose which n of n + m values are x is 2 U == u, where U counts
// the pairs with y < x, and half of those with y == x. `group_sizes`: how many values are equal to
// each other, from the smallest value up; they add up to n + m. About (n m)^2 / 2 additions.
//
// The shift algorithm (Streitberg, Roehmel: Exact distributions for permutation and rank tests,
// Statistical Software Newsletter 12, 1986), a group of equal values at a time.
std::vector<double> rank_sum_counts(std::size_t n, std::size_t m,
                                    std::span<const std::size_t> group_sizes);

// [t]: in how many of the ways to give n values signs is 2 T+ == t, where T+ adds the ranks of the
// positive ones. `group_sizes`: how many magnitudes are equal to each other, from the smallest up;
// they add up to n. About n^3 / 3 additions. The same algorithm.
std::vector<double> signed_rank_counts(std::span<const std::size_t> group_sizes);

// [i]: P(statistic <= i), the statistic itself and not its double, where no ranks are tied.
std::vector<double> untied_lower_tails(std::span<const double> doubled_counts);

// The smaller one of P(statistic <= at) and P(statistic >= at).
double smaller_tail(std::span<const double> counts, std::size_t at);

// Without ties the distribution depends on the sizes alone: each is made once and kept for good.
// Any number of threads may ask at the same time.
template <class Sizes>
class NullDistributions {
 public:
  template <class Make>
  const std::vector<double>& of(const Sizes& sizes, const Make& make) {
    {
      const std::shared_lock lock(mutex_);
      if (const auto found = made_.find(sizes); found != made_.end()) {
        return found->second;
      }
    }
    std::vector<double> tails = make();
    const std::unique_lock lock(mutex_);
    return made_.try_emplace(sizes, std::move(tails)).first->second;
  }

 private:
  std::shared_mutex mutex_;
  std::map<Sizes, std::vector<double>> made_;  // its nodes stay where they are
};

}  // namespace spate::compare
