// Against the C library's long double functions, which are finer than a double.
#include "lib/src/fixed_math.h"

#include <gtest/gtest.h>

#include <cmath>

namespace spate::fixed_math {
namespace {

double relative_error(double value, long double exact) {
  return static_cast<double>(std::fabs((static_cast<long double>(value) - exact) / exact));
}

TEST(FixedMath, LogarithmIsAsExactAsItSays) {
  for (double x = 1e-300; x < 1e300; x *= 1.37) {
    const long double exact = std::log(static_cast<long double>(x));
    EXPECT_LE(std::fabs(static_cast<long double>(ln(x)) - exact),
              1e-15L * std::fmax(1.0L, std::fabs(exact)))
        << x;
  }
  // Where the mantissa is halved, and where the logarithm is near 0.
  for (const double x : {0.5, 0.7071067811865475, 1.0 - 0x1p-53, 1.0 + 0x1p-52, 1.414213562373095,
                         1.4142135623730954, 2.0}) {
    EXPECT_LE(std::fabs(static_cast<long double>(ln(x)) - std::log(static_cast<long double>(x))),
              1e-15L)
        << x;
  }
  EXPECT_EQ(ln(1.0), 0.0);
}

TEST(FixedMath, ExponentialIsAsExactAsItSays) {
  for (double x = -699.9; x < 700; x += 0.317) {
    EXPECT_LT(relative_error(exp(x), std::exp(static_cast<long double>(x))),
              std::fabs(x) < 90 ? 1e-14 : 1e-13)
        << x;
  }
  EXPECT_EQ(exp(0.0), 1.0);
}

// Its inverse is known: Phi(x) = erfc(-x / sqrt 2) / 2, which also shows the seams at p = 0.075 and
// at p = e^-25. The error of p is that of x times the slope, so it is held against that.
TEST(FixedMath, NormalQuantileIsTheInverseOfTheDistribution) {
  const auto distribution = [](double x) {
    return std::erfc(-static_cast<long double>(x) / std::sqrt(2.0L)) / 2;
  };
  for (double p = 0.5; p > 1e-13; p *= 0.97) {
    const double x = normal_quantile(p);
    const double slope = std::exp(-x * x / 2) / std::sqrt(2 * 3.14159265358979323846);
    const double error = static_cast<double>(distribution(x) - static_cast<long double>(p)) / slope;
    EXPECT_LE(std::fabs(error), 1e-14 * std::fmax(1.0, std::fabs(x))) << p;
  }
  EXPECT_EQ(normal_quantile(0.5), 0.0);
}

}  // namespace
}  // namespace spate::fixed_math
