#include "compare/statistics/detectable.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstddef>

#include "compare/statistics/normal.h"
#include "tests/compare/statistics/draws.h"

namespace spate::compare {
namespace {

constexpr double kZ975 = 1.959963984540054;

TEST(Detectable, HasBloomsMultipliersOfTheStandardError) {
  // Bloom 1995, table 1: two-sided, power 80 %.
  EXPECT_NEAR(smallest_detectable_effect(kZ975, 0.95, 0.05), 2.80, 0.005);
  EXPECT_NEAR(smallest_detectable_effect(kZ975, 0.95, 0.10), 2.49, 0.005);
  EXPECT_NEAR(smallest_detectable_effect(kZ975, 0.95, 0.01), 3.42, 0.005);
  EXPECT_NEAR(smallest_detectable_effect(kZ975, 0.95, 0.05, 0.9), 3.24, 0.005);
}

TEST(Detectable, DependsOnTheStandardErrorAloneWhateverTheIntervalsLevel) {
  EXPECT_NEAR(smallest_detectable_effect(2.575829303548901, 0.99, 0.05),
              smallest_detectable_effect(kZ975, 0.95, 0.05), 1e-12);
  EXPECT_NEAR(smallest_detectable_effect(3 * kZ975, 0.95, 0.05),
              3 * smallest_detectable_effect(kZ975, 0.95, 0.05), 1e-12);
}

TEST(Detectable, IsFoundAsOftenAsThePowerSays) {
  // z tests of values with deviation 1 around the effect.
  constexpr std::size_t kTrials = 4000;
  const double effect = smallest_detectable_effect(kZ975, 0.95, 0.01, 0.8);
  Draws draws(1);
  double found = 0;
  for (std::size_t i = 0; i < kTrials; ++i) {
    const double u = draws.uniform();
    const double noise = u < 0.5 ? normal_upper_quantile(u) : -normal_upper_quantile(1 - u);
    found += 2 * normal_upper_tail(std::fabs(effect + noise)) <= 0.01 ? 1 : 0;
  }
  EXPECT_NEAR(found, kTrials * 0.8, binomial_slack(kTrials, 0.8));
}

}  // namespace
}  // namespace spate::compare
