#include "compare/statistics/order_statistics.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <limits>
#include <optional>
#include <vector>

namespace spate::compare {
namespace {

TEST(MedianInPlace, IsTheMiddleValueOrTheMeanOfTheMiddleTwo) {
  const auto median = [](std::vector<double> values) { return median_in_place(values); };
  EXPECT_EQ(median({7}), 7);
  EXPECT_EQ(median({9, 1, 5}), 5);
  EXPECT_EQ(median({8, 1, 4, 100}), 6);
  constexpr double kHuge = std::numeric_limits<double>::max();
  EXPECT_EQ(median({kHuge, kHuge}), kHuge);
}

TEST(OrderBound, IsTheHighestOrderWhoseConfidenceIsEnough) {
  const std::vector<double> tails{0.01, 0.04, 0.2, 0.5, 1};
  EXPECT_EQ(order_bound(tails, 0.98)->order, 1U);
  EXPECT_EQ(order_bound(tails, 0.95)->order, 1U);
  EXPECT_EQ(order_bound(tails, 0.9)->order, 2U);
  EXPECT_DOUBLE_EQ(order_bound(tails, 0.9)->level, 0.92);
  EXPECT_FALSE(order_bound(tails, 0.99).has_value());
}

TEST(ApproximateOrderBound, KeepsTheLevelAndEndsWhereTheNextOrderWouldNot) {
  // 50 + 0.5 - 1.96 * 10 = 30.9; the bound at 30 lies 2.05 deviations out, the one at 31 only 1.95.
  const auto bound = approximate_order_bound(50, 10, 0.95);
  ASSERT_TRUE(bound.has_value());
  EXPECT_EQ(bound->order, 30U);
  EXPECT_NEAR(bound->level, 0.9596, 1e-4);  // 2 Phi(2.05) - 1, of a table
  EXPECT_FALSE(approximate_order_bound(5, 10, 0.95).has_value());
}

TEST(EstimateOf, CountsTheOrderFromBothEnds) {
  const auto estimate = [](std::vector<double> values, std::size_t order) {
    return estimate_of(values, OrderBound{order, 0.9});
  };
  const std::vector<double> odd{5, 3, 9, 1, 7};
  EXPECT_EQ(estimate(odd, 1).interval->low, 1);
  EXPECT_EQ(estimate(odd, 1).interval->high, 9);
  EXPECT_EQ(estimate(odd, 2).interval->low, 3);
  EXPECT_EQ(estimate(odd, 2).interval->high, 7);
  EXPECT_EQ(estimate(odd, 3).interval->low, 5);
  EXPECT_EQ(estimate(odd, 3).interval->high, 5);
  const std::vector<double> even{4, 8, 2, 6};
  EXPECT_EQ(estimate(even, 2).interval->low, 4);
  EXPECT_EQ(estimate(even, 2).interval->high, 6);
  EXPECT_EQ(estimate(even, 2).interval->level, 0.9);
  EXPECT_EQ(estimate(even, 2).value, 5);
}

TEST(EstimateOf, HasNoIntervalWithoutABound) {
  std::vector<double> values{4, 8, 2};
  EXPECT_EQ(estimate_of(values, std::nullopt).value, 4);
  EXPECT_FALSE(estimate_of(values, std::nullopt).interval.has_value());
}

}  // namespace
}  // namespace spate::compare
