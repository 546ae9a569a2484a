#include "steady_state.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <string>

namespace spate::bench {
namespace {

using Values = std::array<double, kWindows>;

Values linear(double first, double step) {
  Values values;
  for (std::size_t i = 0; i < kWindows; ++i) {
    values[i] = first + step * static_cast<double>(i);
  }
  return values;
}

TEST(Trend, IsCountedAndMeasuredByPairs) {
  const Trend up = trend_of(linear(10, 2));
  EXPECT_EQ(up.rises, 45);
  EXPECT_EQ(up.slope, 2);
  EXPECT_EQ(up.median, 19);
  EXPECT_EQ(trend_of(linear(10, -2)).rises, -45);
  EXPECT_EQ(trend_of(linear(10, 0)).rises, 0);
  // Kendall's S of 1 3 2 4: five pairs rise, one falls. Slopes -1, 0.5, 0.5, 1, 2, 2.
  const std::array<double, 4> few{1, 3, 2, 4};
  EXPECT_EQ(trend_of(few).rises, 4);
  EXPECT_DOUBLE_EQ(trend_of(few).slope, 0.75);
}

// How many orders of n values have each number of falling pairs: one value more can stand in as
// many places as there are.
TEST(Trend, OneInTwoHundredOrdersOfTenValuesCountsAsRising) {
  std::vector<double> orders{1};
  for (std::size_t n = 2; n <= kWindows; ++n) {
    std::vector<double> more(orders.size() + n - 1);
    for (std::size_t falls = 0; falls < orders.size(); ++falls) {
      for (std::size_t place = 0; place < n; ++place) {
        more[falls + place] += orders[falls];
      }
    }
    orders = more;
  }
  const auto share = [&](int least) {
    double found = 0;
    for (std::size_t falls = 0; falls < orders.size(); ++falls) {
      found += 45 - 2 * static_cast<int>(falls) >= least ? orders[falls] : 0;
    }
    return found / std::accumulate(orders.begin(), orders.end(), 0.0);
  };
  EXPECT_NEAR(share(kRising), 0.0046, 0.0001);
}

TEST(BuildsUp, OnlyWhatRisesByMuchAndWouldPassTheLimit) {
  EXPECT_TRUE(builds_up(linear(1, 1), 50)) << "a queue that grows from nothing";
  EXPECT_FALSE(builds_up(linear(1, 1), 1000)) << "ten times as long it is still below";
  EXPECT_FALSE(builds_up(linear(100, 1), 50)) << "nine in a hundred are not much";
  EXPECT_FALSE(builds_up(linear(20, -1), 5)) << "what falls is warming up";
  Values noisy{5, 1, 6, 2, 7, 3, 8, 4, 9, 2};
  EXPECT_FALSE(builds_up(noisy, 1));
}

TEST(BuildsUp, OneWindowThatIsAloneDoesNotMakeATrend) {
  Values values = linear(5, 0);
  values.back() = 1e9;
  EXPECT_FALSE(builds_up(values, 10));
}

std::array<WindowReport, kWindows> windows(const Values& p50, const Values& p99) {
  std::array<WindowReport, kWindows> result;
  for (std::size_t i = 0; i < kWindows; ++i) {
    result[i] = {100, static_cast<std::int64_t>(p50[i]), static_cast<std::int64_t>(p99[i])};
  }
  return result;
}

TEST(BuildingUp, NamesTheQuantileThatRises) {
  const Values flat = linear(100, 0);
  const Values rising = linear(100, 100);
  EXPECT_EQ(std::string(building_up(windows(rising, flat), 500)), "p50");
  EXPECT_EQ(std::string(building_up(windows(flat, rising), 500)), "p99");
  EXPECT_EQ(std::string(building_up(windows(flat, flat), 500)), "");
}

TEST(BuildingUp, SaysNothingOfWindowsThatSawNothing) {
  auto seen = windows(linear(100, 100), linear(100, 100));
  seen[3].delivered = 0;
  EXPECT_EQ(std::string(building_up(seen, 500)), "");
}

}  // namespace
}  // namespace spate::bench
