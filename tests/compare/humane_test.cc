#include "compare/humane.h"

#include <gtest/gtest.h>

#include <optional>

namespace spate::compare {
namespace {

TEST(Humane, TimesTakeTheLargestUnitThatFits) {
  EXPECT_EQ(humane(Unit::nanoseconds, 0), "0.000ns");
  EXPECT_EQ(humane(Unit::nanoseconds, 12.5), "12.50ns");
  EXPECT_EQ(humane(Unit::nanoseconds, 1234.5), "1.234us");
  EXPECT_EQ(humane(Unit::nanoseconds, 5.5e6), "5.500ms");
  EXPECT_EQ(humane(Unit::nanoseconds, 61e9), "61.00s");
  EXPECT_EQ(humane(Unit::nanoseconds, -5.5e6), "-5.500ms");
}

TEST(Humane, RatesTakeKiloAndMega) {
  EXPECT_EQ(humane(Unit::per_second, 999), "999.0/s");
  EXPECT_EQ(humane(Unit::per_second, 100000), "100.0k/s");
  EXPECT_EQ(humane(Unit::per_second, 12.3e6), "12.30M/s");
}

TEST(Humane, SharesArePercent) {
  EXPECT_EQ(humane(Unit::share, 0.95), "95.00%");
  EXPECT_EQ(humane(Unit::share, 1), "100.0%");
}

TEST(Humane, AlmostAllIsNotAll) {
  EXPECT_EQ(humane(Unit::share, 0.9999999), ">99.99%");
  EXPECT_EQ(humane(Unit::share, 0.9999), "99.99%");
}

TEST(Humane, AbsenceIsADash) {
  EXPECT_EQ(humane(Unit::nanoseconds, std::nullopt), "-");
  EXPECT_EQ(humane_ratio(std::nullopt), "-");
}

TEST(Humane, RatiosKeepTheirDigitsWhereTwoDecimalsWouldLoseThem) {
  EXPECT_EQ(humane_ratio(1.034), "1.03x");
  EXPECT_EQ(humane_ratio(0), "0.00x");
  EXPECT_EQ(humane_ratio(0.00005), "5e-05x");
  EXPECT_EQ(humane_ratio(123456), "1.23e+05x");
}

TEST(Humane, ValuesBeyondReasonKeepTheirColumn) {
  EXPECT_LT(humane(Unit::nanoseconds, 1.7e308).size(), 12U);
  EXPECT_LT(humane(Unit::per_second, 1e-300).size(), 12U);
  EXPECT_LT(humane(Unit::share, 1e300).size(), 12U);
}

TEST(Humane, ControlCharactersAreReplaced) {
  EXPECT_EQ(one_line("a\nb\x1b[0m\x7f\u00e9"), "a?b?[0m?\u00e9");
}

}  // namespace
}  // namespace spate::compare
