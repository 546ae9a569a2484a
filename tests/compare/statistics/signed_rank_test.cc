#include "compare/statistics/signed_rank.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <vector>

#include "compare/statistics/normal.h"
#include "tests/compare/statistics/draws.h"

namespace spate::compare {
namespace {

using Sample = std::vector<double>;

// Hollander, Wolfe, table 3.1: Hamilton depression scale after a tranquilizer, less that before it.
constexpr std::array kDepression{-0.952, 0.147,  -1.022, -0.430, -0.620,
                                 -0.590, -0.490, 0.080,  -0.010};

double doubled_t(const Sample& d) {
  double t = 0;
  for (const double a : d) {
    for (const double b : d) {
      const double at_least = std::fabs(b) < std::fabs(a) ? 2 : 0;
      t += a > 0 ? at_least + (std::fabs(b) == std::fabs(a) ? 1 : 0) : 0;
    }
    t += a > 0 ? 1 : 0;
  }
  return t;
}

// By all ways to give signs to what is not zero.
double p_by_enumeration(Sample d) {
  d.erase(std::remove(d.begin(), d.end(), 0.0), d.end());
  const double observed = doubled_t(d);
  double lower = 0;
  double upper = 0;
  const std::uint32_t all = std::uint32_t{1} << d.size();
  for (std::uint32_t signs = 0; signs < all; ++signs) {
    Sample signed_d = d;
    for (std::size_t i = 0; i < d.size(); ++i) {
      signed_d[i] = (signs >> i & 1) != 0 ? std::fabs(d[i]) : -std::fabs(d[i]);
    }
    lower += doubled_t(signed_d) <= observed ? 1 : 0;
    upper += doubled_t(signed_d) >= observed ? 1 : 0;
  }
  return std::min(1.0, 2 * std::min(lower, upper) / all);
}

// 1 to n, those positive that add up to t.
Sample differences_with_t(std::size_t n, std::size_t t) {
  Sample d;
  for (std::size_t rank = n; rank > 0; --rank) {
    const bool positive = t >= rank;
    t -= positive ? rank : 0;
    d.push_back(positive ? static_cast<double>(rank) : -static_cast<double>(rank));
  }
  return d;
}

TEST(SignedRank, GivesThePublishedValueOfTheDepressionData) {
  // R's wilcox.test: V = 40 before - after, one-sided p = 0.01953.
  EXPECT_DOUBLE_EQ(signed_rank_p(kDepression), 2 * 10 / 512.0);
}

TEST(SignedRank, RejectsJustWhereTheTableOfCriticalValuesDoes) {
  struct Critical {
    std::size_t n, at_5_percent, at_1_percent;
  };
  // Two-sided, as printed in most textbooks.
  for (const auto& [n, at_5_percent, at_1_percent] :
       {Critical{8, 3, 0}, Critical{9, 5, 1}, Critical{10, 8, 3}, Critical{12, 13, 7},
        Critical{15, 25, 15}, Critical{20, 52, 37}, Critical{25, 89, 68}}) {
    EXPECT_LE(signed_rank_p(differences_with_t(n, at_5_percent)), 0.05) << n;
    EXPECT_GT(signed_rank_p(differences_with_t(n, at_5_percent + 1)), 0.05) << n;
    EXPECT_LE(signed_rank_p(differences_with_t(n, at_1_percent)), 0.01) << n;
    EXPECT_GT(signed_rank_p(differences_with_t(n, at_1_percent + 1)), 0.01) << n;
  }
}

TEST(SignedRank, EqualsTheEnumerationOfAllSignsWithManyTiesFewAndNoneAndZeros) {
  Draws draws(1);
  for (const std::uint64_t distinct : {3U, 5U, 9U, 1000001U}) {
    const std::uint64_t middle = distinct / 2;
    for (std::size_t n = 1; n <= 9; ++n) {
      Sample d = draws.integers(n, distinct);
      for (double& value : d) {
        value -= static_cast<double>(middle);
      }
      ASSERT_NEAR(signed_rank_p(d), p_by_enumeration(d), 1e-14) << n << ' ' << distinct;
    }
  }
}

TEST(SignedRank, DropsZeros) {
  Sample with_zeros(kDepression.begin(), kDepression.end());
  with_zeros.insert(with_zeros.begin() + 4, 3, 0.0);
  EXPECT_EQ(signed_rank_p(with_zeros), signed_rank_p(kDepression));
  EXPECT_EQ(signed_rank_p(Sample(7, 0.0)), 1);
  EXPECT_EQ(signed_rank_p(Sample{}), 1);
}

TEST(SignedRank, DoesNotCareForSignUnitAndOrder) {
  for (const double factor : {-1.0, 1e-3, 1e9}) {
    Sample d;
    std::transform(kDepression.rbegin(), kDepression.rend(), std::back_inserter(d),
                   [factor](double value) { return factor * value; });
    EXPECT_DOUBLE_EQ(signed_rank_p(d), signed_rank_p(kDepression));
  }
}

TEST(SignedRank, BeyondTheExactSizesIsTheCorrectedNormalApproximation) {
  // 70 of +1 and 50 of -1: each has the rank 60.5. T+ = 4235 of a mean of 3630; the variance is
  // 120 * 121 * 241 / 24 - (120^3 - 120) / 48 = 109807.5.
  Sample d(70, 1.0);
  d.resize(120, -1.0);
  const double z = 604.5 / std::sqrt(109807.5);
  EXPECT_NEAR(signed_rank_p(d) / (2 * normal_upper_tail(z)), 1, 1e-12);
}

TEST(SignedRank, TheApproximationContinuesTheExactValues) {
  // The largest exact size and the next one, both at about two deviations.
  EXPECT_NEAR(signed_rank_p(differences_with_t(100, 1943)),
              signed_rank_p(differences_with_t(101, 1985)), 0.002);
}

TEST(SmallestSignedRank, IsTwoOfAllSignsAndReachedOnlyWhereAllAreOnOneSide) {
  EXPECT_DOUBLE_EQ(smallest_signed_rank_p(10), 2 / 1024.0);
  EXPECT_EQ(smallest_signed_rank_p(1), 1);
  EXPECT_EQ(smallest_signed_rank_p(0), 1);
  for (const std::size_t n : {2U, 12U, 100U, 130U}) {
    EXPECT_DOUBLE_EQ(signed_rank_p(differences_with_t(n, 0)), smallest_signed_rank_p(n));
    EXPECT_GT(signed_rank_p(differences_with_t(n, 1)), smallest_signed_rank_p(n));
  }
}

TEST(Pseudomedian, GivesThePublishedEstimateAndIntervalOfTheDepressionData) {
  // Hollander, Wolfe, 3.2 and 3.3: -0.46; from -0.786 to -0.010 with confidence 0.961.
  const auto [estimate, interval] = pseudomedian(kDepression, 0.95);
  EXPECT_NEAR(estimate, -0.46, 1e-12);
  ASSERT_TRUE(interval.has_value());
  EXPECT_NEAR(interval->low, -0.786, 1e-12);
  EXPECT_NEAR(interval->high, -0.010, 1e-12);
  EXPECT_DOUBLE_EQ(interval->level, 1 - 20 / 512.0);
}

TEST(Pseudomedian, CountsZeros) {
  EXPECT_EQ(pseudomedian(Sample{0, 0, 0, 1}, 0.5).value, 0);
  EXPECT_EQ(pseudomedian(Sample(8, 0.0), 0.95).interval->high, 0);
}

TEST(Pseudomedian, HasNoIntervalOfTooFewDifferences) {
  EXPECT_FALSE(pseudomedian(Sample{1, 2, 3, 4, 5}, 0.95).interval.has_value());
  const auto widest = pseudomedian(Sample{1, 2, 3, 4, 5}, 1 - 2 / 32.0).interval;
  ASSERT_TRUE(widest.has_value());
  EXPECT_EQ(widest->low, 1);
  EXPECT_EQ(widest->high, 5);
}

void expect_coverage(std::size_t n, double level, std::size_t trials) {
  constexpr double kTrueMiddle = 0.3;
  Draws draws(n);
  double covered = 0;
  double reached = 0;
  for (std::size_t i = 0; i < trials; ++i) {
    Sample d = draws.exponentials(n, kTrueMiddle);
    for (double& value : d) {
      value -= draws.exponential();  // the difference of two alike is symmetric
    }
    const auto interval = pseudomedian(d, level).interval;
    covered += interval->low <= kTrueMiddle && kTrueMiddle <= interval->high ? 1 : 0;
    reached = interval->level;
  }
  EXPECT_GE(reached, level);
  EXPECT_NEAR(covered, static_cast<double>(trials) * reached, binomial_slack(trials, reached));
}

TEST(Pseudomedian, IntervalCoversTheTrueMiddleAsOftenAsItsLevelSays) {
  expect_coverage(5, 0.8, 4000);
  expect_coverage(12, 0.95, 4000);
  expect_coverage(101, 0.9, 1000);  // by the approximation
}

}  // namespace
}  // namespace spate::compare
