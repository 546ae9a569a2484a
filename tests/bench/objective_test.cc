#include "objective.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/expect_error.h"

namespace spate::bench {
namespace {

using testing_support::expect_error;

constexpr double kMs = 1e6;

Objective parse(std::string_view text) { return Objective::parse("--find-rate", text); }

Condition only(std::string_view text) { return parse(text).conditions().front(); }

TEST(Objective, IsAListOfConditions) {
  const Objective objective = parse("p99<20ms,lost=0,success>=99%");
  ASSERT_EQ(objective.conditions().size(), 3U);
  EXPECT_EQ(objective.text(), "p99<20ms,lost=0,success>=99%");
  EXPECT_EQ(objective.conditions()[0].measure.name, "p99");
  EXPECT_EQ(objective.conditions()[0].limit, 20 * kMs);
  EXPECT_EQ(objective.conditions()[1].limit, 0);
  EXPECT_EQ(objective.conditions()[2].limit, 0.99);
  EXPECT_TRUE(objective.mentions("lost"));
  EXPECT_FALSE(objective.mentions("unknown"));
}

TEST(Objective, ASignMeansWhatItSays) {
  struct Case {
    const char* text;
    double met;
    double missed;
  };
  for (const Case& each : {Case{"p99<20ms", 20 * kMs - 1, 20 * kMs},
                           {"p99<=20", 20 * kMs, 20 * kMs + 1},
                           {"max<=1s", 1e9, 1e9 + 1},
                           {"lost=0", 0, 1},
                           {"lost<=3", 3, 4},
                           {"lost<3", 2, 3},
                           {"success>=0.99", 0.99, 0.9899},
                           {"success>99%", 0.991, 0.99},
                           {"success=1", 1, 0.9999}}) {
    EXPECT_TRUE(only(each.text).met_by(each.met)) << each.text;
    EXPECT_FALSE(only(each.text).met_by(each.missed)) << each.text;
  }
}

TEST(Objective, EachTimeIsOfTheHistogramThatItNames) {
  RunReport report;
  for (std::int64_t i = 1; i <= 10'000; ++i) {
    report.response.record(i);
    report.service.record(i / 10);
    report.lateness.record(100'000 + i);
  }
  const auto value = [&](const char* text) { return only(text).measure.value(report).value(); };
  // A quantile is never below the exact one, and at most 1/128 above.
  const std::pair<const char*, double> quantiles[]{{"p50<1s", 5'000},
                                                   {"p90<1s", 9'000},
                                                   {"p99<1s", 9'900},
                                                   {"p99.9<1s", 9'990},
                                                   {"p99.99<1s", 9'999}};
  for (const auto& [text, exact] : quantiles) {
    EXPECT_GE(value(text), exact) << text;
    EXPECT_LE(value(text), exact * 129 / 128) << text;
  }
  EXPECT_EQ(value("response_p50<1s"), value("p50<1s"));
  EXPECT_EQ(value("max<1s"), 10'000);
  EXPECT_EQ(value("mean<1s"), 5'000.5);
  EXPECT_EQ(value("service_max<1s"), 1'000);
  EXPECT_EQ(value("lateness_max<1s"), 110'000);
}

TEST(Objective, EachCountIsTheLedgersOwn) {
  RunReport report;
  report.account.lost = 1;
  report.account.unknown = 2;
  report.account.duplicated = 3;
  report.account.reordered = 4;
  report.shed = 5;
  report.rejected = 6;
  report.total.expected = 8;
  report.total.delivered = 6;
  const auto value = [&](const char* text) { return only(text).measure.value(report).value(); };
  EXPECT_EQ(value("lost=0"), 1);
  EXPECT_EQ(value("unknown=0"), 2);
  EXPECT_EQ(value("duplicated=0"), 3);
  EXPECT_EQ(value("reordered=0"), 4);
  EXPECT_EQ(value("shed=0"), 5);
  EXPECT_EQ(value("rejected=0"), 6);
  EXPECT_EQ(value("success>0"), 0.75);
}

TEST(Objective, WhatWasNeverDeliveredHasNoTime) {
  EXPECT_FALSE(only("p99<20ms").measure.value(RunReport{}).has_value());
}

TEST(Objective, TheResponseTimeMayBeNamed) {
  EXPECT_EQ(only("response_p99<20ms").measure.name, "p99");
  expect_error([] { parse("p99<20ms,response_p99<30ms"); }, {"p99 is limited twice"});
}

TEST(Objective, WhatMeansTheSameHasOneText) {
  for (const char* text : {"p99<20ms,lost=0,success>=99.9%", "lost=0,p99<20,success>=0.999",
                           "success>=99.9% , response_p99 < 20000us,lost = 0"}) {
    EXPECT_EQ(parse(text).text(), "p99<20ms,lost=0,success>=99.9%") << text;
  }
}

TEST(Condition, AValueIsShownInAsManyDigitsAsTellItFromTheLimit) {
  EXPECT_EQ(only("p99<20ms").show(31.2 * kMs), "31.2 ms");
  EXPECT_EQ(only("p99<20ms").show(20 * kMs), "20.0 ms");
  EXPECT_EQ(only("p99<20ms").show(20 * kMs + 1000), "20001000 ns");
  EXPECT_EQ(only("success>=99.9%").show(0.98), "98.00%");
  EXPECT_EQ(only("success>=99.999%").show(0.999985), "99.9985%");
  EXPECT_EQ(only("lost<3").show(3), "3");
}

TEST(Objective, BadPiecesAreNamedWithWhatIsAllowed) {
  const std::pair<const char*, std::initializer_list<const char*>> cases[]{
      {"p98<20ms", {"'p98'", "p99.9", "service_", "lateness_", "lost", "success"}},
      {"P99<20ms", {"'P99'"}},
      {"", {"''", "give an objective"}},
      {" ", {"' '", "give an objective"}},
      {"p99<20ms,", {"empty"}},
      {"<20ms", {"''"}},
      {"p99", {"'p99'", "< or <="}},
      {"p99=20ms", {"'p99=20ms'", "< or <="}},
      {"p99>20ms", {"'p99>20ms'", "< or <="}},
      {"p99==20ms", {"< or <="}},
      {"lost>0", {"'lost>0'", "<, <= or ="}},
      {"success<=0.5", {"'success<=0.5'", "=, >= or >"}},
      {"p99<", {"p99<", "''", "duration"}},
      {"p99<20m", {"'20m'", "duration"}},
      {"p99<-1ms", {"'-1ms'"}},
      {"lost=0.5", {"behind 'lost=' '0.5': give a whole number"}},
      {"lost=0%", {"'0%'"}},
      {"success>=101%", {"'101%'", "from 0 to 1 or 0% to 100%", "0.99 or 99%"}},
      {"success=95", {"'95'", "from 0 to 1"}},
      {"success>=%", {"'%'"}},
      {"success>=nan", {"'nan'"}},
      {"p99<20ms,p99<30ms", {"twice"}},
      {"p99<0ms", {"'p99<0ms'", "nothing to hold"}},
      {"p99<=0ms", {"'p99<=0ms'", "nothing to hold"}},
      {"lost<0", {"'lost<0'", "nothing to hold"}},
      {"success>100%", {"'success>100%'", "nothing to hold"}},
      {"success=95%", {"'success=95%'", "nothing to hold"}},
  };
  for (const auto& [text, pieces] : cases) {
    SCOPED_TRACE(text);
    expect_error([&given = text] { parse(given); }, {"--find-rate"});
    expect_error([&given = text] { parse(given); }, pieces);
  }
}

TEST(Objective, KnowsItsShortestLimitAndHowManyDeliveriesItNeeds) {
  EXPECT_EQ(parse("p50<5ms,max<1s").shortest_response_limit_ns(), 5 * kMs);
  EXPECT_EQ(parse("p50<5ms,service_p50<1ms,lateness_max<1ms").shortest_response_limit_ns(),
            5 * kMs);
  EXPECT_FALSE(parse("lost=0").shortest_response_limit_ns().has_value());
  EXPECT_EQ(parse("lost=0,max<1s,mean<1s").deliveries_needed(), 1U);
  EXPECT_EQ(parse("p50<5ms,p99<1s").deliveries_needed(), 10'000U);
  EXPECT_EQ(parse("p99.9<1s").deliveries_needed(), 100'000U);
}

}  // namespace
}  // namespace spate::bench
