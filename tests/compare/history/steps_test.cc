#include "compare/history/steps.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "tests/compare/sample.h"
#include "tests/compare/statistics/draws.h"

namespace spate::compare {
namespace {

using Values = std::vector<double>;

constexpr double kAlpha = 0.001;

Metric metric(std::string_view key) { return Schema().resolve(key, true, "").metric; }

std::vector<Step> steps(std::string_view key, const Values& values, bool deterministic = false) {
  return find_steps({metric(key), values, deterministic}, kAlpha).shown;
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

// Noise of which each value takes so much after the one before.
Values wandering(double memory, double deviation, std::uint64_t seed) {
  Draws draws(seed);
  double now = 0;
  Values result(60);
  for (double& value : result) {
    double fresh = -6;
    for (int i = 0; i < 12; ++i) {
      fresh += draws.uniform();
    }
    now = memory * now + std::sqrt(1 - memory * memory) * fresh;
    value = 100 * std::exp(deviation * now);
  }
  return result;
}

TEST(Steps, ALargeOneIsFoundWhereNeighboursResembleEachOther) {
  for (const double memory : {0.5, 0.7}) {
    for (const std::size_t at : {30U, 50U}) {
      for (std::uint64_t seed = 1; seed <= 12; ++seed) {
        Values values = wandering(memory, 0.01, seed);
        std::transform(values.begin() + static_cast<std::ptrdiff_t>(at), values.end(),
                       values.begin() + static_cast<std::ptrdiff_t>(at),
                       [](double value) { return 2 * value; });
        const auto found = steps(kResponseP50, values);
        ASSERT_EQ(found.size(), 1U) << memory << " at " << at << ", seed " << seed;
        EXPECT_EQ(found.front().at, at);
        EXPECT_NEAR(*found.front().change, 1, 0.05);
      }
    }
  }
}

TEST(Steps, WhatLevelsThatRiseDoBetweenThemIsFound) {
  Values values;
  for (std::size_t i = 0; i < 60; ++i) {
    values.push_back((i < 30 ? 100 : 200) * (1 + 0.001 * static_cast<double>(i % 30)));
  }
  const auto found = steps(kResponseP50, values);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found.front().at, 30U);
}

// Either it is shown, or that it cannot be told; a step of a fifth is never passed over.
TEST(Steps, WhatMayBeWanderingIsDoubtfulAndNotNothing) {
  std::size_t doubtful = 0;
  for (std::uint64_t seed = 1; seed <= 12; ++seed) {
    Values values = wandering(0.7, 0.03, seed);
    std::transform(values.begin() + 45, values.end(), values.begin() + 45,
                   [](double value) { return 1.3 * value; });
    const Steps found = find_steps({metric(kResponseP50), values, false}, kAlpha);
    EXPECT_EQ(found.shown.size() + found.doubtful.size(), 1U) << seed;
    doubtful += found.doubtful.size();
  }
  EXPECT_GT(doubtful, 3U) << "where each is shown, this shows nothing";
}

TEST(Steps, WhereOrderIsChanceNothingIsDoubtful) {
  for (const Values& values : {levels({100, 125}), levels({100}), levels({100, 130, 100})}) {
    EXPECT_THAT(find_steps({metric(kResponseP50), values, false}, kAlpha).doubtful,
                testing::IsEmpty());
  }
}

}  // namespace
}  // namespace spate::compare
