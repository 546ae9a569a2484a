#include "compare/history/steps.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstddef>
#include <string_view>
#include <vector>

#include "tests/compare/sample.h"

namespace spate::compare {
namespace {

using Values = std::vector<double>;

constexpr double kAlpha = 0.001;

Metric metric(std::string_view key) { return Schema().resolve(key, true, "").metric; }

std::vector<Step> steps(std::string_view key, const Values& values, bool deterministic = false) {
  return find_steps({metric(key), values, deterministic}, kAlpha);
}

// Levels of twenty values each, all different, none further from its middle than 1 %. Neighbours
// are unlike each other, as noise has them.
Values levels(const Values& middles) {
  Values result;
  for (const double middle : middles) {
    const Values sorted = around(middle, 20);
    for (std::size_t i = 0; i < sorted.size(); ++i) {
      result.push_back(sorted[i * 7 % sorted.size()]);
    }
  }
  return result;
}

TEST(Steps, AChangeIsARatioWithAnInterval) {
  const auto found = steps(kResponseP50, levels({100, 125}));
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found.front().at, 20U);
  EXPECT_NEAR(*found.front().change, 0.25, 0.005);
  ASSERT_TRUE(found.front().interval);
  EXPECT_LT(found.front().interval->low, *found.front().change);
  EXPECT_GT(found.front().interval->high, *found.front().change);
  EXPECT_LE(found.front().p, kAlpha);
}

TEST(Steps, TheDirectionIsTheMetrics) {
  EXPECT_TRUE(steps(kResponseP50, levels({100, 125})).front().is_worse);
  EXPECT_FALSE(steps(kResponseP50, levels({125, 100})).front().is_worse);
  EXPECT_FALSE(steps(kThroughput, levels({100, 125})).front().is_worse);
  EXPECT_TRUE(steps(kThroughput, levels({125, 100})).front().is_worse);
}

TEST(Steps, WhatIsSmallerThanTheEffectIsNone) {
  EXPECT_THAT(steps(kResponseP50, levels({100, 108})), testing::IsEmpty());
  EXPECT_EQ(steps(kResponseP50, levels({100, 112})).size(), 1U);
  EXPECT_THAT(steps(kResponseP99, levels({100, 112})), testing::IsEmpty()) << "its effect is 25 %";
}

TEST(Steps, SmallOnesThatAddUpAreOne) {
  const auto found = steps(kResponseP50, levels({100, 107, 114, 114}));
  ASSERT_EQ(found.size(), 1U);
  EXPECT_GT(*found.front().change, 0.10);
}

TEST(Steps, AProportionChangesByADifference) {
  const auto found = steps("success_rate", levels({0.90, 0.93}));
  ASSERT_EQ(found.size(), 1U);
  EXPECT_NEAR(*found.front().change, 0.03, 0.003);
  EXPECT_FALSE(found.front().is_worse);
}

TEST(Steps, FromZeroIsAStepWithoutASize) {
  Values values(20, 0.0);
  for (const double value : levels({5})) {
    values.push_back(value);
  }
  const auto found = steps(kResponseP50, values);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_TRUE(found.front().is_worse);
  EXPECT_FALSE(found.front().change);
}

TEST(Steps, BelowZeroThereIsNoRatioAndNoStep) {
  EXPECT_THAT(steps(kResponseP50, levels({-100, -200})), testing::IsEmpty());
}

TEST(Steps, InVirtualTimeEachValueTellsAll) {
  EXPECT_THAT(steps(kResponseP50, {100, 120}), testing::IsEmpty());
  const auto found = steps(kResponseP50, {100, 100, 120, 120, 90}, true);
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].at, 2U);
  EXPECT_NEAR(*found[0].change, 0.2, 1e-9);
  EXPECT_EQ(found[0].p, 0);
  EXPECT_EQ(found[1].at, 4U);
  EXPECT_NEAR(*found[1].change, -0.25, 1e-9);
  EXPECT_THAT(steps(kResponseP50, {100, 100, 105}, true), testing::IsEmpty());
}

}  // namespace
}  // namespace spate::compare
