#include "compare/statistics/rank_sum.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <thread>
#include <vector>

#include "compare/statistics/normal.h"
#include "tests/compare/statistics/draws.h"

namespace spate::compare {
namespace {

using Sample = std::vector<double>;

// Hollander, Wolfe, table 4.1: water diffusion across the human chorioamnion, at term and at 12 to
// 26 weeks.
constexpr std::array kAtTerm{0.80, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46};
constexpr std::array kEarly{1.15, 0.88, 0.90, 0.74, 1.21};

double doubled_u(const Sample& x, const Sample& y) {
  double u = 0;
  for (const double a : x) {
    for (const double b : y) {
      u += b < a ? 2 : 0;
      u += b == a ? 1 : 0;
    }
  }
  return u;
}

// By all ways to call n of the pooled values x.
double p_by_enumeration(const Sample& x, const Sample& y) {
  Sample pooled = x;
  pooled.insert(pooled.end(), y.begin(), y.end());
  const double observed = doubled_u(x, y);
  std::size_t all = 0;
  std::size_t lower = 0;
  std::size_t upper = 0;
  for (std::uint32_t choice = 0; choice < std::uint32_t{1} << pooled.size(); ++choice) {
    Sample chosen;
    Sample rest;
    for (std::size_t i = 0; i < pooled.size(); ++i) {
      ((choice >> i & 1) != 0 ? chosen : rest).push_back(pooled[i]);
    }
    if (chosen.size() == x.size()) {
      const double u = doubled_u(chosen, rest);
      ++all;
      lower += u <= observed ? 1U : 0U;
      upper += u >= observed ? 1U : 0U;
    }
  }
  return std::min(1.0, 2 * static_cast<double>(std::min(lower, upper)) / static_cast<double>(all));
}

struct Pair {
  Sample x;
  Sample y;
};

// Without ties, with U == u: 0, 1, 2, … against m values each of which lies above as many of these
// as are still needed.
Pair pair_with_u(std::size_t n, std::size_t m, std::size_t u) {
  Pair pair;
  for (std::size_t i = 0; i < n; ++i) {
    pair.x.push_back(static_cast<double>(i));
  }
  for (std::size_t j = 0; j < m; ++j) {
    const std::size_t above = std::min(n, n * m - u);
    u += above;
    pair.y.push_back(static_cast<double>(above) - 0.5 + static_cast<double>(j) / 1000);
  }
  return pair;
}

TEST(RankSum, GivesThePublishedValueOfTheWaterDiffusionData) {
  // R's wilcox.test: W = 35, one-sided p = 0.1272; coin's wilcox_test: two-sided p = 0.2544.
  EXPECT_DOUBLE_EQ(rank_sum_p(kAtTerm, kEarly), 2 * 382 / 3003.0);
}

TEST(RankSum, RejectsJustWhereTheTablesOfCriticalValuesDo) {
  struct Critical {
    std::size_t n, m, at_5_percent, at_1_percent;
  };
  // Two-sided, as printed in most textbooks.
  for (const auto& [n, m, at_5_percent, at_1_percent] :
       {Critical{5, 5, 2, 0}, Critical{8, 8, 13, 7}, Critical{5, 10, 8, 4},
        Critical{10, 10, 23, 16}, Critical{10, 20, 55, 42}, Critical{20, 20, 127, 105}}) {
    const auto p = [n = n, m = m](std::size_t u) {
      const Pair pair = pair_with_u(n, m, u);
      return rank_sum_p(pair.x, pair.y);
    };
    EXPECT_LE(p(at_5_percent), 0.05) << n << ' ' << m;
    EXPECT_GT(p(at_5_percent + 1), 0.05) << n << ' ' << m;
    EXPECT_LE(p(at_1_percent), 0.01) << n << ' ' << m;
    EXPECT_GT(p(at_1_percent + 1), 0.01) << n << ' ' << m;
  }
}

TEST(RankSum, WithTiesEqualsWhatHandCountsOf126Arrangements) {
  // U = 5/2, which 7 of the C(9, 4) ways do not exceed.
  EXPECT_DOUBLE_EQ(rank_sum_p(Sample{1, 2, 2, 3}, Sample{2, 3, 4, 4, 5}), 2 * 7 / 126.0);
}

TEST(RankSum, EqualsTheEnumerationOfAllArrangementsWithManyTiesFewAndNone) {
  Draws draws(1);
  for (const std::uint64_t distinct : {2U, 3U, 5U, 9U, 1000000U}) {
    for (std::size_t n = 1; n <= 5; ++n) {
      for (std::size_t m = 1; m <= 6; ++m) {
        const Sample x = draws.integers(n, distinct);
        const Sample y = draws.integers(m, distinct);
        ASSERT_NEAR(rank_sum_p(x, y), p_by_enumeration(x, y), 1e-14) << n << ' ' << m;
      }
    }
  }
}

TEST(RankSum, IsSymmetricAndUnchangedByOrderAndByMonotoneTransformation) {
  Draws draws(2);
  for (const std::uint64_t distinct : {6U, 1000000U}) {
    Sample x = draws.integers(7, distinct);
    Sample y = draws.integers(12, distinct);
    const double p = rank_sum_p(x, y);
    EXPECT_DOUBLE_EQ(rank_sum_p(y, x), p);
    std::reverse(x.begin(), x.end());
    std::rotate(y.begin(), y.begin() + 5, y.end());
    EXPECT_DOUBLE_EQ(rank_sum_p(x, y), p);
    for (Sample* sample : {&x, &y}) {
      for (double& value : *sample) {
        value = -std::exp(value / 1e5);
      }
    }
    EXPECT_DOUBLE_EQ(rank_sum_p(x, y), p);
  }
}

TEST(RankSum, SeesNothingInEqualValuesAndInNone) {
  EXPECT_EQ(rank_sum_p(Sample(9, 4.0), Sample(5, 4.0)), 1);
  EXPECT_EQ(rank_sum_p(Sample(99, 4.0), Sample(95, 4.0)), 1);
  EXPECT_EQ(rank_sum_p(Sample{}, Sample{1, 2}), 1);
  EXPECT_EQ(rank_sum_p(Sample{1, 2}, Sample{}), 1);
}

TEST(RankSum, BeyondTheExactSizesIsTheCorrectedNormalApproximation) {
  // 60 zeros and 40 ones against 40 zeros and 60 ones. U = 40 * 40 + (60 * 40 + 40 * 60) / 2 = 4000
  // of a mean of 5000; both groups have 100 values, so the variance is
  // 100^2 / 12 * (201 - 2 * (100^3 - 100) / (200 * 199)) = 125628.1407.
  Sample x(60, 0.0);
  x.resize(100, 1.0);
  Sample y(40, 0.0);
  y.resize(100, 1.0);
  const double z = 999.5 / std::sqrt(125628.14070351759);
  EXPECT_NEAR(rank_sum_p(x, y) / (2 * normal_upper_tail(z)), 1, 1e-12);
}

TEST(RankSum, TheApproximationContinuesTheExactValues) {
  // The largest exact size and the next one, both at about two deviations.
  const Pair exact = pair_with_u(50, 50, 960);
  const Pair beyond = pair_with_u(50, 51, 982);
  EXPECT_NEAR(rank_sum_p(exact.x, exact.y), rank_sum_p(beyond.x, beyond.y), 0.002);
}

TEST(RankSum, FindsNoMoreThanItsShareWhereThereIsNothing) {
  // The chance of p <= 0.05 is that of U <= 13 or >= 51 of 8 and 8 values: 0.0499.
  constexpr std::size_t kTrials = 4000;
  Draws draws(3);
  double found = 0;
  for (std::size_t i = 0; i < kTrials; ++i) {
    found += rank_sum_p(draws.exponentials(8), draws.exponentials(8)) <= 0.05 ? 1 : 0;
  }
  const Pair at_limit = pair_with_u(8, 8, 13);
  const double expected = rank_sum_p(at_limit.x, at_limit.y);
  EXPECT_NEAR(found, kTrials * expected, binomial_slack(kTrials, expected));
}

TEST(RankSum, GivesTheSameFromManyThreadsAtOnce) {
  std::vector<Pair> pairs;
  std::vector<double> alone;
  for (std::size_t n = 21; n < 29; ++n) {  // sizes that no other test has put into the cache
    pairs.push_back(pair_with_u(n, n + 1, n * 6));
  }
  std::vector<std::vector<double>> found(4, std::vector<double>(pairs.size()));
  std::vector<std::thread> threads;
  threads.reserve(found.size());
  for (std::vector<double>& mine : found) {
    threads.emplace_back([&pairs, &mine] {
      std::transform(pairs.begin(), pairs.end(), mine.begin(),
                     [](const Pair& pair) { return rank_sum_p(pair.x, pair.y); });
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  for (const Pair& pair : pairs) {
    alone.push_back(rank_sum_p(pair.y, pair.x));
  }
  EXPECT_EQ(found, std::vector<std::vector<double>>(4, alone));
}

TEST(SmallestRankSum, IsTwoOfAllArrangements) {
  EXPECT_DOUBLE_EQ(smallest_rank_sum_p(10, 10), 2 / 184756.0);
  EXPECT_DOUBLE_EQ(smallest_rank_sum_p(3, 4), 2 / 35.0);
  EXPECT_EQ(smallest_rank_sum_p(1, 1), 1);
  EXPECT_EQ(smallest_rank_sum_p(0, 7), 1);
}

TEST(SmallestRankSum, IsReachedBySamplesThatDoNotOverlapAndByNoOthers) {
  for (const std::size_t m : {1U, 5U, 12U, 60U}) {
    const Pair apart = pair_with_u(50, m, 0);
    EXPECT_DOUBLE_EQ(rank_sum_p(apart.x, apart.y), smallest_rank_sum_p(50, m));
    const Pair overlapping = pair_with_u(50, m, 1);
    EXPECT_GT(rank_sum_p(overlapping.x, overlapping.y), smallest_rank_sum_p(50, m));
  }
  // Nor by ties, which would make the other tail lighter: here it has no arrangement so far out.
  EXPECT_DOUBLE_EQ(rank_sum_p(Sample{1}, Sample{2, 3, 3}), smallest_rank_sum_p(1, 3));
}

TEST(Shift, GivesThePublishedEstimateAndIntervalOfTheWaterDiffusionData) {
  // Hollander, Wolfe, 4.2 and 4.3, and coin's wilcox_test: -0.305, from -0.76 to 0.15.
  const auto [estimate, interval] = shift(kAtTerm, kEarly, 0.95);
  EXPECT_NEAR(estimate, -0.305, 1e-12);
  ASSERT_TRUE(interval.has_value());
  EXPECT_NEAR(interval->low, -0.76, 1e-12);
  EXPECT_NEAR(interval->high, 0.15, 1e-12);
  EXPECT_NEAR(interval->level, 1 - 120 / 3003.0, 1e-12);  // 60 of C(15, 5) ways have U <= 8
}

TEST(Shift, MovesAndScalesWithTheData) {
  Draws draws(4);
  const Sample x = draws.exponentials(9);
  const Sample y = draws.exponentials(11);
  Sample moved;
  Sample scaled_x;
  Sample scaled_y;
  for (const double value : y) {
    moved.push_back(value + 3);
    scaled_y.push_back(-2 * value);
  }
  for (const double value : x) {
    scaled_x.push_back(-2 * value);
  }
  const Estimate plain = shift(x, y, 0.9);
  const Estimate scaled = shift(scaled_x, scaled_y, 0.9);
  EXPECT_NEAR(shift(x, moved, 0.9).value, plain.value + 3, 1e-12);
  EXPECT_NEAR(shift(y, x, 0.9).value, -plain.value, 1e-12);
  EXPECT_NEAR(scaled.value, -2 * plain.value, 1e-12);
  EXPECT_NEAR(scaled.interval->low, -2 * plain.interval->high, 1e-12);
  EXPECT_NEAR(scaled.interval->high, -2 * plain.interval->low, 1e-12);
}

TEST(Shift, IntervalExcludesZeroJustWhereTheTestRejectsAtItsLevel) {
  Draws draws(5);
  std::size_t rejected = 0;
  for (int i = 0; i < 200; ++i) {
    const Sample x = draws.exponentials(8);
    const Sample y = draws.exponentials(8, 0.7);
    const auto interval = shift(x, y, 0.95).interval;
    const bool excludes_zero = interval->low > 0 || interval->high < 0;
    EXPECT_EQ(excludes_zero, rank_sum_p(x, y) <= 1 - 0.95);
    rejected += excludes_zero ? 1U : 0U;
  }
  EXPECT_GT(rejected, 20U);  // both cases were seen
  EXPECT_LT(rejected, 180U);
}

TEST(Shift, HasNoIntervalWhereTheSizesAreTooSmall) {
  EXPECT_FALSE(shift(Sample{1, 2, 3}, Sample{4, 5, 6}, 0.95).interval.has_value());  // 0.9 at best
  const auto widest = shift(Sample{1, 2, 3}, Sample{4, 5, 6}, 0.9).interval;
  ASSERT_TRUE(widest.has_value());
  EXPECT_EQ(widest->low, 1);
  EXPECT_EQ(widest->high, 5);
  EXPECT_DOUBLE_EQ(widest->level, 0.9);
}

void expect_coverage(std::size_t n, std::size_t m, double level, std::size_t trials) {
  constexpr double kTrueShift = 0.3;
  Draws draws(n * 1000 + m);
  double covered = 0;
  double reached = 0;
  for (std::size_t i = 0; i < trials; ++i) {
    const auto interval =
        shift(draws.exponentials(n), draws.exponentials(m, kTrueShift), level).interval;
    covered += interval->low <= kTrueShift && kTrueShift <= interval->high ? 1 : 0;
    reached = interval->level;
  }
  EXPECT_GE(reached, level);
  EXPECT_NEAR(covered, static_cast<double>(trials) * reached, binomial_slack(trials, reached));
}

TEST(Shift, IntervalCoversTheTrueShiftAsOftenAsItsLevelSays) {
  expect_coverage(4, 5, 0.8, 4000);
  expect_coverage(10, 10, 0.95, 4000);
  expect_coverage(51, 50, 0.9, 1000);  // by the approximation
}

}  // namespace
}  // namespace spate::compare
