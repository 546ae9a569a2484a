#include "units.h"

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "support/expect_error.h"

namespace spate::bench {
namespace {

using testing_support::expect_error;

constexpr std::int64_t kMillisecond = 1'000'000;
constexpr std::int64_t kSecond = 1'000'000'000;
constexpr std::uint64_t kMost = std::numeric_limits<std::uint64_t>::max();

std::int64_t duration_ns(std::string_view text, std::int64_t bare_unit_ns = kSecond) {
  return parse_duration_ns("--flag", text, bare_unit_ns);
}

TEST(ParseCount, TakesWholeNumbersInRange) {
  EXPECT_EQ(parse_count("--flag", "0", 0, 10), 0U);
  EXPECT_EQ(parse_count("--flag", "10", 0, 10), 10U);
  EXPECT_EQ(parse_count("--flag", "007", 0, 10), 7U);
  EXPECT_EQ(parse_count("--flag", "2", 2, 2), 2U);
  EXPECT_EQ(parse_count("--flag", "18446744073709551615", 0, kMost), kMost);
}

TEST(ParseCount, RefusesEverythingElse) {
  for (const char* const text :
       {"", " ", "-1", "-0", "+1", " 1", "1 ", "1x", "x1", "0x10", "1e3", "1.0", "1,2", "nan",
        "inf", "NaN", "18446744073709551616", "99999999999999999999999999"}) {
    SCOPED_TRACE(text);
    expect_error([&] { (void)parse_count("--flag", text, 0, kMost); },
                 {"--flag", std::string("'").append(text).append("'").c_str(),
                  "from 0 to 18446744073709551615"});
  }
}

TEST(ParseCount, NamesTheRangeThatIsLeft) {
  expect_error([] { (void)parse_count("--agents", "1", 2, 50); },
               {"--agents", "'1'", "from 2 to 50"});
  expect_error([] { (void)parse_count("--agents", "51", 2, 50); },
               {"--agents", "'51'", "from 2 to 50"});
}

TEST(ParseFactor, TakesThousandths) {
  EXPECT_EQ(parse_factor_thousandths("--flag", "1"), 1000U);
  EXPECT_EQ(parse_factor_thousandths("--flag", "2.5"), 2500U);
  EXPECT_EQ(parse_factor_thousandths("--flag", "1.0009"), 1001U);
  EXPECT_EQ(parse_factor_thousandths("--flag", "1000"), 1'000'000U);
}

TEST(ParseFactor, RefusesEverythingElse) {
  for (const char* const text : {"", "0", "0.999", "-2", "1000.1", "inf", "nan", "2x", "2,5"}) {
    SCOPED_TRACE(text);
    expect_error([&] { (void)parse_factor_thousandths("--flag", text); },
                 {"--flag", std::string("'").append(text).append("'").c_str(), "from 1 to 1000"});
  }
}

TEST(ParseProbability, TakesZeroToOne) {
  EXPECT_EQ(parse_probability("--flag", "0"), 0.0);
  EXPECT_EQ(parse_probability("--flag", "1"), 1.0);
  EXPECT_EQ(parse_probability("--flag", "0.05"), 0.05);
  EXPECT_EQ(parse_probability("--flag", "5e-2"), 0.05);
  EXPECT_EQ(parse_probability("--flag", ".5"), 0.5);
}

TEST(ParseProbability, RefusesEverythingElse) {
  for (const char* const text :
       {"",         "-0.1", "-1e-9", "1.0000001", "2",   "1e400", "nan",  "NaN",  "-nan", "inf",
        "infinity", "-inf", "0.5x",  "50%",       "0,5", " 0.5",  "0.5 ", "+0.5", "half", "."}) {
    SCOPED_TRACE(text);
    expect_error([&] { (void)parse_probability("--crash-rate", text); },
                 {"--crash-rate", std::string("'").append(text).append("'").c_str(), "0 to 1"});
  }
}

TEST(ParseDuration, TakesEveryUnit) {
  EXPECT_EQ(duration_ns("7ns"), 7);
  EXPECT_EQ(duration_ns("500us"), 500'000);
  EXPECT_EQ(duration_ns("10ms"), 10 * kMillisecond);
  EXPECT_EQ(duration_ns("2s"), 2 * kSecond);
  EXPECT_EQ(duration_ns("3min"), 180 * kSecond);
  EXPECT_EQ(duration_ns("1h"), 3600 * kSecond);
  EXPECT_EQ(duration_ns("0"), 0);
  EXPECT_EQ(duration_ns("0s"), 0);
}

TEST(ParseDuration, ABareNumberCountsInTheFlagsOwnUnit) {
  EXPECT_EQ(duration_ns("2", kSecond), 2 * kSecond);
  EXPECT_EQ(duration_ns("2", kMillisecond), 2 * kMillisecond);
  EXPECT_EQ(duration_ns("0.5", kSecond), kSecond / 2);
}

TEST(ParseDuration, FractionsAreRoundedToNanoseconds) {
  EXPECT_EQ(duration_ns("1.5ms"), 1'500'000);
  EXPECT_EQ(duration_ns("0.1s"), 100 * kMillisecond);
  EXPECT_EQ(duration_ns("0.7us"), 700);
  EXPECT_EQ(duration_ns("1.6ns"), 2);
}

TEST(ParseDuration, RefusesEverythingElse) {
  for (const char* const text : {"",
                                 "s",
                                 "ms",
                                 "-1s",
                                 "-1",
                                 "+1s",
                                 "nan",
                                 "nans",
                                 "inf",
                                 "infs",
                                 "5parsecs",
                                 "5S",
                                 "5MS",
                                 "1 s",
                                 " 1s",
                                 "1s ",
                                 "1s2",
                                 "1m",
                                 "1e3s",
                                 "1.2.3s",
                                 ".",
                                 ".s",
                                 "0x1s",
                                 "1,5s",
                                 "2h",
                                 "61min",
                                 "3600.1s",
                                 "3600000000001ns",
                                 "99999999999999999999999999s"}) {
    SCOPED_TRACE(text);
    expect_error([&] { (void)duration_ns(text); },
                 {"--flag", std::string("'").append(text).append("'").c_str(), "0 to 1h", "10ms"});
  }
}

TEST(ParseLength, IsAsLongAsARunMayBe) {
  EXPECT_EQ(parse_length_ns("--flag", "24h", kSecond), 24 * 3600 * kSecond);
  EXPECT_EQ(parse_length_ns("--flag", "1000h", kSecond), 3'600'000 * kSecond);
  EXPECT_EQ(parse_length_ns("--flag", "90", kSecond), 90 * kSecond);
  expect_error([] { (void)parse_length_ns("--flag", "1000.1h", kSecond); },
               {"--flag", "'1000.1h'", "0 to 1000h"});
}

TEST(ParseDuration, RefusesLessThanTheLeastAndSaysIt) {
  EXPECT_EQ(parse_length_ns("--flag", "1ns", kSecond, 1), 1);
  for (const char* const text : {"0", "0.4ns", "abc"}) {
    expect_error([&] { (void)parse_length_ns("--flag", text, kSecond, 1); }, {"1ns to 1000h"});
    expect_error([&] { (void)parse_duration_ns("--flag", text, kSecond, 1); }, {"1ns to 1h"});
  }
}

TEST(ParseDuration, NamesTheUnitsThatThereAre) {
  expect_error([] { (void)duration_ns("1m"); }, {"ns, us, ms, s, min or h"});
}

TEST(ParseList, SplitsAtCommasAndKeepsTheOrder) {
  EXPECT_EQ(parse_list("--flag", "b,a,c"), (std::vector<std::string>{"b", "a", "c"}));
  EXPECT_EQ(parse_list("--flag", "one"), (std::vector<std::string>{"one"}));
}

TEST(ParseList, RefusesEmptyAndRepeatedItems) {
  for (const char* const text : {"", ",", "a,", ",a", "a,,b"}) {
    SCOPED_TRACE(text);
    expect_error([&] { (void)parse_list("--modes", text); }, {"--modes", "empty"});
  }
  expect_error([] { (void)parse_list("--modes", "a,b,a"); },
               {"--modes", "'a'", "twice", "give it once"});
}

TEST(ShowNs, ThreeDigitsAndTheUnitThatFits) {
  EXPECT_EQ(show_ns(0), "0.00 ns");
  EXPECT_EQ(show_ns(0.25), "0.25 ns");
  EXPECT_EQ(show_ns(850), "850 ns");
  EXPECT_EQ(show_ns(999.4), "999 ns");
  EXPECT_EQ(show_ns(999.6), "1.00 us");
  EXPECT_EQ(show_ns(1000), "1.00 us");
  EXPECT_EQ(show_ns(12'340), "12.3 us");
  EXPECT_EQ(show_ns(5.5e6), "5.50 ms");
  EXPECT_EQ(show_ns(500e6), "500 ms");
  EXPECT_EQ(show_ns(2e9), "2.00 s");
  EXPECT_EQ(show_ns(3.6e12), "3600 s");
}

TEST(ExactTime, IsTakenWhereATimeIsRead) {
  for (const char* const text :
       {"0s", "1ns", "1001ns", "2us", "10541ms", "10s", "90s", "2min", "61min", "30h", "1000h"}) {
    EXPECT_EQ(exact_time(parse_length_ns("--flag", text, 0)), text);
  }
}

TEST(ShowCount, WholeNumbersWhileTheyAreShort) {
  EXPECT_EQ(show_count(0), "0");
  EXPECT_EQ(show_count(350), "350");
  EXPECT_EQ(show_count(9999), "9999");
  EXPECT_EQ(show_count(12'340), "12.34k");
  EXPECT_EQ(show_count(123'400), "123.4k");
  EXPECT_EQ(show_count(1e6), "1.00M");
  EXPECT_EQ(show_count(2.5e9), "2.50G");
}

TEST(ShowCount, RoundingMakesNoDigitMore) {
  EXPECT_EQ(show_count(9999.4), "9999");
  EXPECT_EQ(show_count(9999.5), "10.00k");
  EXPECT_EQ(show_count(99'994), "99.99k");
  EXPECT_EQ(show_count(99'999), "100.0k");
  EXPECT_EQ(show_count(999'949), "999.9k");
  EXPECT_EQ(show_count(999'950), "1.00M");
  EXPECT_EQ(show_count(99'999'999), "100.0M");
  EXPECT_EQ(show_count(999'949'000), "999.9M");
  EXPECT_EQ(show_count(999'950'000), "1.00G");
}

}  // namespace
}  // namespace spate::bench
