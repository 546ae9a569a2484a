#include "compare/statistics/normal.h"

#include <gtest/gtest.h>

namespace spate::compare {
namespace {

TEST(Normal, HasTheTabulatedTailsAndQuantiles) {
  EXPECT_DOUBLE_EQ(normal_upper_tail(0), 0.5);
  EXPECT_NEAR(normal_upper_tail(1), 0.158655253931457, 1e-15);
  EXPECT_NEAR(normal_upper_tail(-1), 0.841344746068543, 1e-15);
  EXPECT_NEAR(normal_upper_quantile(0.2), 0.841621233572914, 1e-14);
  EXPECT_NEAR(normal_upper_quantile(0.025), 1.959963984540054, 1e-14);
  EXPECT_NEAR(normal_upper_quantile(0.005), 2.575829303548901, 1e-14);
  EXPECT_NEAR(normal_upper_quantile(1e-6), 4.753424308822899, 1e-13);
}

TEST(Normal, QuantileUndoesTheTailFromTheMiddleToTheFarEnd) {
  EXPECT_EQ(normal_upper_quantile(0.5), 0);
  for (const double tail : {0.499999, 0.4, 0.1, 1e-3, 1e-12, 1e-60, 1e-280}) {
    EXPECT_NEAR(normal_upper_tail(normal_upper_quantile(tail)) / tail, 1, 1e-12) << tail;
  }
}

}  // namespace
}  // namespace spate::compare
