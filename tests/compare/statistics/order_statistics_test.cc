#include "compare/statistics/order_statistics.h"

#include <gtest/gtest.h>

#include <limits>
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

TEST(IntervalOf, CountsTheOrderFromBothEnds) {
  std::vector<double> values{5, 3, 9, 1, 7};
  const Interval outer = interval_of(values, {1, 0.9});
  EXPECT_EQ(outer.low, 1);
  EXPECT_EQ(outer.high, 9);
  EXPECT_EQ(outer.level, 0.9);
  const Interval inner = interval_of(values, {2, 0.5});
  EXPECT_EQ(inner.low, 3);
  EXPECT_EQ(inner.high, 7);
  const Interval point = interval_of(values, {3, 0});
  EXPECT_EQ(point.low, 5);
  EXPECT_EQ(point.high, 5);
}

}  // namespace
}  // namespace spate::compare
