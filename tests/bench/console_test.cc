#include "console.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <memory>
#include <string>

namespace spate::bench {
namespace {

using testing::HasSubstr;
using testing::Not;

class ConsoleTest : public testing::Test {
 protected:
  ConsoleTest() : file_(std::tmpfile(), &std::fclose) {}

  std::string text() {
    std::string all;
    std::rewind(file_.get());
    for (int c = std::fgetc(file_.get()); c != EOF; c = std::fgetc(file_.get())) {
      all.push_back(static_cast<char>(c));
    }
    return all;
  }
  static Json delivery_row() {
    return {
        {"name", "delivery/mode:mock/chaos:on/rate:1000/agents:9/iterations:5/manual_time"},
        {"run_name", "delivery/mode:mock/chaos:on/rate:1000/agents:9/iterations:5/manual_time"},
        {"cpu_time", 1500.0},
        {"rate_asked", 1000},
        {"rate_achieved", 999.6},
        {"saturated", 1},
        {"success_rate", 0.9405},
        {"response_ns_p50", 5'500'000},
        {"response_ns_p99", 9'900'000},
        {"response_ns_max", 510'000'000},
        {"lost", 3},
        {"duplicated", 2},
        {"reordered", 12'340},
        {"spate",
         {{"cell",
           {{"mode", "mock"}, {"chaos", {{"profile", "on"}}}, {"rate", 1000}, {"agents", 9}}}}}};
  }

  std::unique_ptr<std::FILE, int (*)(std::FILE*)> file_;
};

TEST_F(ConsoleTest, TimesThatDoNotExistAreNotZero) {
  Json row = delivery_row();
  for (const char* const time : {"response_ns_p50", "response_ns_p99", "response_ns_max"}) {
    row[time] = nullptr;
  }
  Console(file_.get(), 1).row(row);
  EXPECT_THAT(text(), testing::ContainsRegex(" - +- +- "));
}

TEST_F(ConsoleTest, TimesAreOfTheRowsUnit) {
  Json row{{"name", "micro/draw"}, {"real_time", 0.25}, {"cpu_time", 0.5}, {"time_unit", "us"}};
  Console console(file_.get(), 2);
  console.row(row);
  row = delivery_row();
  row["cpu_time"] = 1.5;
  row["time_unit"] = "ms";
  console.row(row);
  const std::string lines = text();
  for (const char* const piece : {"250 ns each", "500 ns CPU", "1.50 ms"}) {
    EXPECT_THAT(lines, HasSubstr(piece));
  }
}

TEST_F(ConsoleTest, ARunThatBacksAClaimHasItsOwnName) {
  Json row = delivery_row();
  row["spate"]["cell"]["claim"] = "sustained mock";
  Console(file_.get(), 1).row(row);
  const std::string line = text();
  EXPECT_THAT(line, HasSubstr(" sustained mock "));
  EXPECT_THAT(line, Not(HasSubstr("chaos:")));
}

TEST_F(ConsoleTest, ARowIsOneLineThatSaysWhatMatters) {
  Json row = delivery_row();
  row["lost"] = row["duplicated"] = 0;
  Console console(file_.get(), 2);
  console.benchmark_begins();
  console.row(row);
  const std::string line = text();
  EXPECT_EQ(std::count(line.begin(), line.end(), '\n'), 1);
  EXPECT_EQ(line.size(), 80 + 1);
  for (const char* const piece : {"1/2 mock  on    1000      9 ", "94.05%", "5.50 ms", "9.90 ms",
                                  "510 ms", "1.50 us", "1000!"}) {
    EXPECT_THAT(line, HasSubstr(piece));
  }
}

TEST_F(ConsoleTest, RepetitionsAreNoBenchmarksOfTheirOwn) {
  Json row = delivery_row();
  row["lost"] = row["duplicated"] = 0;
  Console console(file_.get(), 2);
  console.benchmark_begins();
  for (const int repetition : {0, 1}) {
    row["repetition_index"] = repetition;
    console.row(row);
  }
  EXPECT_THAT(text(), testing::ContainsRegex("^1/2 mock .*\n    mock .*\n$"));
}

TEST_F(ConsoleTest, WhatTheLedgerFoundStandsBelowTheRow) {
  Console console(file_.get(), 20);
  console.benchmark_begins();
  console.row(delivery_row());
  EXPECT_THAT(text(), testing::ContainsRegex("\n {6}lost 3, duplicated 2\n$"));
}

TEST_F(ConsoleTest, RatesAndAgentsAreShortWhereThatIsAllOfThem) {
  const auto named = [&](std::uint64_t rate, std::uint64_t agents) {
    Json row = delivery_row();
    row["spate"]["cell"]["rate"] = rate;
    row["spate"]["cell"]["agents"] = agents;
    Console(file_.get(), 1).row(row);
    return text();
  };
  EXPECT_THAT(named(100'000, 100'000), HasSubstr("mock  on    100k   100k "));
  EXPECT_THAT(named(100'001, 10'000'000), HasSubstr("mock  on    100001    10M "));
  EXPECT_THAT(named(9000, 1'000'000), HasSubstr("mock  on    9000  1000k "));
}

TEST_F(ConsoleTest, AClosedLoopAsksForNoRate) {
  Json row = delivery_row();
  row["rate_asked"] = 0;
  row["spate"]["cell"]["rate"] = 0;
  Console console(file_.get(), 1);
  console.row(row);
  EXPECT_THAT(text(), HasSubstr(" max "));
}

TEST_F(ConsoleTest, AClosedLoopThatWasTooShortSaysSo) {
  const auto line_of = [&](std::uint64_t sent, const Json& asked_ns, const char* mode = "mock") {
    Json row = delivery_row();
    row.update({{"sent", sent}, {"messages_per_second", 20'000.0}});
    row["spate"]["cell"].update({{"rate", 0}, {"duration_ns", asked_ns}, {"mode", mode}});
    Console(file_.get(), 1).row(row);
    const std::string all = text();
    return all.substr(all.find('\n', all.find("lost 3")) + 1);
  };
  const std::string told = line_of(7, 1'000'000);
  EXPECT_EQ(told, "    only 7 messages, in 350 us of 1ms: too short, give --messages\n");
  for (const std::string& enough :
       {line_of(10, 1'000'000), line_of(7, nullptr), line_of(7, 1'000'000, "sim")}) {
    EXPECT_THAT(enough.substr(told.size()), Not(HasSubstr("too short")));
  }
}

TEST_F(ConsoleTest, AnErrorAndAMicroBenchmarkAreRowsToo) {
  Console console(file_.get(), 2);
  console.benchmark_begins();
  console.row({{"name", "micro/x"}, {"error_occurred", true}, {"error_message", "it broke"}});
  console.benchmark_begins();
  console.row({{"name", "micro/y"}, {"real_time", 17.0}, {"cpu_time", 16.5}});
  const std::string lines = text();
  EXPECT_THAT(lines, testing::ContainsRegex("1/2 micro/x +ERROR: it broke\n"));
  EXPECT_THAT(lines, testing::ContainsRegex("2/2 micro/y +17[.]0 ns each, +16[.]5 ns CPU\n"));
}

TEST_F(ConsoleTest, AFileGetsNoProgressAndNoEscapeCodes) {
  Console console(file_.get(), 2);
  console.begin({});
  console.benchmark_begins();
  console.row(delivery_row());
  console.end();
  const std::string all = text();
  EXPECT_THAT(all, Not(HasSubstr("is running")));
  EXPECT_EQ(all.find_first_of("\r\x1b"), std::string::npos);
  EXPECT_THAT(all, HasSubstr("achieved"));  // the heads of the columns
}

}  // namespace
}  // namespace spate::bench
