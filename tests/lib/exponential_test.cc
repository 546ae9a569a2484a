#include "spate/exponential.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

#include "support/binomial.h"

namespace spate {
namespace {

constexpr std::uint64_t kMax = std::numeric_limits<std::uint64_t>::max();
constexpr double kUnit = 0x1p-32;

TEST(Exponential, IsExactWhereItIsKnown) {
  static_assert(exponential(kMax) == 0);  // u = 1
  // ln 2 = 0xb17217f7d1cf79ab / 2^64.
  static_assert(exponential((std::uint64_t{1} << 63) - 1) == 0xb17217f7U);     // u = 1/2
  static_assert(exponential(0) == (Uint128{64} * 0xb17217f7d1cf79abU) >> 32);  // u = 2^-64
}

TEST(Exponential, IsMinusTheLogarithm) {
  std::uint64_t draw = 1;
  for (int i = 0; i < 100'000; ++i) {
    draw = mix64(draw + 0x9e3779b97f4a7c15U);
    // Shifted, so that all magnitudes occur.
    const std::uint64_t shifted = draw >> (i % 64);
    const long double u = (static_cast<long double>(shifted) + 1) / 0x1p64L;
    const auto exact = static_cast<double>(-std::log(u) / static_cast<long double>(kUnit));
    ASSERT_NEAR(static_cast<double>(exponential(shifted)), exact, 2.0) << shifted;
  }
}

TEST(Exponential, GrowsAsTheDrawFalls) {
  std::uint64_t last = 0;
  for (std::uint64_t draw = kMax; draw > (kMax >> 10); draw -= kMax >> 10) {
    ASSERT_GE(exponential(draw), last);
    last = exponential(draw);
  }
}

TEST(Exponential, FallsEquallyOftenIntoEquallyProbableParts) {
  constexpr std::size_t kParts = 50;
  std::vector<std::uint64_t> counts(kParts);
  for (std::uint64_t sequence = 0; sequence < 200'000; ++sequence) {
    const std::uint64_t drawn = exponential(MessageDraws(3, 1, sequence).draw(Purpose::arrival));
    const double below = 1 - std::exp(-static_cast<double>(drawn) * kUnit);
    ++counts[std::min(static_cast<std::size_t>(below * kParts), kParts - 1)];
  }
  EXPECT_TRUE(testing_support::looks_uniform(counts));
}

}  // namespace
}  // namespace spate
