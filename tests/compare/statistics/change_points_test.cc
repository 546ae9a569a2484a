#include "compare/statistics/change_points.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

#include "tests/compare/statistics/draws.h"

namespace spate::compare {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using Series = std::vector<double>;

constexpr double kAlpha = 0.001;

// About normal, with deviation 1: the sum of twelve uniform values.
double draw_noise(Draws& draws) {
  double sum = -6;
  for (int i = 0; i < 12; ++i) {
    sum += draws.uniform();
  }
  return sum;
}

Series noise(std::size_t size, std::uint64_t seed = 1) {
  Draws draws(seed);
  Series series(size);
  std::generate(series.begin(), series.end(), [&] { return draw_noise(draws); });
  return series;
}

// So much more from there to there.
Series raised(Series series, std::size_t begin, std::size_t end, double by) {
  for (std::size_t i = begin; i < end; ++i) {
    series[i] += by;
  }
  return series;
}

std::vector<std::size_t> places(const Series& series, double alpha = kAlpha) {
  std::vector<std::size_t> result;
  for (const ChangePoint& point : change_points(series, alpha).shown) {
    result.push_back(point.at);
  }
  return result;
}

TEST(ChangePoints, AStepIsFoundWhereItIs) {
  EXPECT_THAT(places(raised(noise(60), 25, 60, 5)), ElementsAre(25));
  EXPECT_THAT(places(raised(noise(60), 25, 60, -5)), ElementsAre(25));
}

TEST(ChangePoints, TheNewestThreeValuesAreEnoughForALargeOne) {
  EXPECT_THAT(places(raised(noise(60), 57, 60, 7)), ElementsAre(57));
  EXPECT_THAT(places(raised(noise(60), 58, 60, 7)), IsEmpty()) << "two are no level";
}

TEST(ChangePoints, StepsInOneDirectionAreAllFound) {
  EXPECT_THAT(places(raised(raised(noise(90), 30, 90, 6), 60, 90, 6)), ElementsAre(30, 60));
}

TEST(ChangePoints, AStretchAfterWhichAllIsAsBeforeIsFoundWithBothEnds) {
  EXPECT_THAT(places(raised(noise(60), 30, 36, 7)), ElementsAre(30, 36));
}

TEST(ChangePoints, ManyStepsOfALongSeriesAreFound) {
  Series series = noise(500);
  std::vector<std::size_t> expected;
  for (std::size_t at = 50; at < 500; at += 50) {
    series = raised(series, at, 500, at % 100 == 0 ? -6 : 6);
    expected.push_back(at);
  }
  EXPECT_EQ(places(series), expected);
}

TEST(ChangePoints, OneOutlierIsNoLevelHoweverFarOut) {
  const Series outlier = raised(noise(60), 10, 11, 1000);
  EXPECT_THAT(places(outlier), IsEmpty());
  EXPECT_THAT(places(raised(outlier, 40, 60, 4)), ElementsAre(40)) << "nor does it hide one";
}

TEST(ChangePoints, NothingIsFoundWhereNothingVaries) {
  EXPECT_THAT(places(Series(100, 3.0)), IsEmpty());
  EXPECT_THAT(places({}), IsEmpty());
  EXPECT_THAT(places({1}), IsEmpty());
  EXPECT_THAT(places({1, 1, 1, 9, 9}), IsEmpty());
}

TEST(ChangePoints, AStepBetweenTwoConstantsIsFound) {
  EXPECT_THAT(places(raised(Series(40, 3.0), 30, 40, 1)), ElementsAre(30));
}

TEST(ChangePoints, UnitAndOriginDoNotMatter) {
  const Series series = raised(noise(60, 7), 40, 60, 2.5);
  Series other = series;
  std::transform(other.begin(), other.end(), other.begin(),
                 [](double value) { return 1e6 - 1e-3 * value; });
  EXPECT_THAT(places(series), ElementsAre(40));
  EXPECT_EQ(places(other), places(series));
}

TEST(ChangePoints, TheSameSeriesGivesTheSameAnswer) {
  const Series series = raised(noise(60, 7), 40, 60, 2.5);
  const auto first = change_points(series, kAlpha).shown;
  const auto second = change_points(series, kAlpha).shown;
  ASSERT_EQ(first.size(), second.size());
  EXPECT_EQ(first.front().p, second.front().p);
}

// Of the 70 ways to choose the first four of eight values, two are as clear.
TEST(ChangePoints, PIsTheShareOfOrdersThatAreAsClear) {
  const Series series{1, 1.5, 1.2, 1.3, 9.1, 9, 9.3, 9.2};
  const auto found = change_points(series, 0.08).shown;
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found.front().at, 4U);
  EXPECT_NEAR(found.front().p, 2.0 / 70, 0.025);
  EXPECT_THAT(places(series, 0.02), IsEmpty());
}

TEST(ChangePoints, TheFewestValuesAreTheFewestThatCanBeTold) {
  EXPECT_EQ(fewest_values(0.001), 15U);  // 2 / C(14, 7) = 0.00058, 2 / C(15, 7) = 0.00031
  EXPECT_EQ(fewest_values(0.5), 6U) << "as many as two levels have";
  EXPECT_EQ(fewest_values(0.02), 10U);  // 2 / C(9, 4) = 0.0159, 2 / C(10, 5) = 0.0079
  const Series ten = raised(noise(10), 5, 10, 100);
  EXPECT_THAT(places(ten, 0.02), ElementsAre(5));
  EXPECT_THAT(places({ten.begin() + 1, ten.end()}, 0.02), IsEmpty());
}

double share_with_any(const std::vector<Series>& all, double alpha) {
  const auto found = std::count_if(all.begin(), all.end(), [&](const Series& series) {
    return !change_points(series, alpha).shown.empty();
  });
  return static_cast<double>(found) / static_cast<double>(all.size());
}

TEST(ChangePoints, AlphaIsTheRateOfSeriesThatShowAny) {
  std::vector<Series> all;
  for (std::uint64_t seed = 1; seed <= 1000; ++seed) {
    all.push_back(noise(30, seed));
  }
  const double share = share_with_any(all, 0.1);
  EXPECT_LT(share, 0.1);
  EXPECT_GT(share, 0.03);
}

// So much of each value is of the one before: such a series wanders, and has no levels.
Series wandering(double memory, std::uint64_t seed) {
  Series series = noise(60, seed);
  for (std::size_t i = 1; i < series.size(); ++i) {
    series[i] = memory * series[i - 1] + series[i] * std::sqrt(1 - memory * memory);
  }
  return series;
}

TEST(ChangePoints, WhatWandersShowsFewSteps) {
  std::vector<Series> all;
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    all.push_back(wandering(0.9, seed));
  }
  EXPECT_LT(share_with_any(all, kAlpha), 0.1);
}

TEST(ChangePoints, AStepBeyondWhatWandersIsFoundHoweverItWanders) {
  for (const double memory : {0.5, 0.7, 0.9}) {
    for (const std::size_t at : {30U, 50U}) {
      for (std::uint64_t seed = 1; seed <= 12; ++seed) {
        EXPECT_THAT(places(raised(wandering(memory, seed), at, 60, 100)), testing::Contains(at))
            << memory << ", seed " << seed;
      }
    }
  }
}

TEST(ChangePoints, WhatIsShownOnlyIfOrderIsChanceIsToldApart) {
  const Series series = wandering(0.9, 1);
  EXPECT_THAT(places(series), IsEmpty());
  EXPECT_FALSE(change_points(series, kAlpha).if_chance.empty());
}

}  // namespace
}  // namespace spate::compare
