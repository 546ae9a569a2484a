// What callers say in files and flags, and every way to say it wrongly: one line that says why.
#include "compare/rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "compare/error.h"
#include "tests/compare/sample.h"

namespace spate::compare {
namespace {

using nlohmann::json;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

template <class Read>
void expect_refused(Read read, const std::string& reason) {
  try {
    read();
    FAIL() << "taken for good, where expected: " << reason;
  } catch (const Error& fault) {
    EXPECT_THAT(fault.what(), AllOf(HasSubstr(reason), Not(HasSubstr("\n"))));
  }
}

std::vector<Rule> rules_in(const std::string& text) {
  return load_rules(TemporaryFile(text).path());
}

std::vector<Rule> rules_of(const json& rule) { return rules_in(json{{"rules", {rule}}}.dump()); }

std::vector<Acknowledgement> acknowledgements_of(const json& one) {
  const TemporaryFile file(json{{"acknowledgements", {one}}}.dump());
  return load_acknowledgements(file.path());
}

json acknowledgement() {
  return {{"cell", "mode:queue *"},
          {"metric", "cpu_time"},
          {"reason", "the new allocator"},
          {"expires", "2027-01-31"}};
}

TEST(Rules, AFileSaysMetricCellClassDirectionUnitAndEffect) {
  const std::vector<Rule> rules = rules_of(json{{"metric", "hits"},
                                                {"cell", "BM_cache*"},
                                                {"class", "throughput"},
                                                {"direction", "lower"},
                                                {"unit", "1/s"},
                                                {"effect", 0.05},
                                                {"comment", "as the team agreed"}});
  ASSERT_EQ(rules.size(), 1U);
  EXPECT_EQ(rules[0].metric, "hits");
  EXPECT_EQ(rules[0].cell, "BM_cache*");
  EXPECT_EQ(rules[0].metric_class, MetricClass::throughput);
  EXPECT_EQ(rules[0].direction, Direction::lower_is_better);
  EXPECT_EQ(rules[0].unit, Unit::per_second);
  EXPECT_EQ(rules[0].effect, 0.05);
}

TEST(Rules, AMetricIsEnough) {
  const std::vector<Rule> rules = rules_of(json{{"metric", "hits"}});
  EXPECT_EQ(rules.at(0).cell, "*");
  EXPECT_EQ(rules.at(0).metric_class, std::nullopt);
  EXPECT_EQ(rules.at(0).effect, std::nullopt);
}

TEST(Rules, EveryClassAndDirectionHasItsName) {
  for (const std::string name : {"time", "throughput", "latency-quantile", "proportion",
                                 "exact-count", "invariant", "information"}) {
    EXPECT_EQ(class_name(*parse_metric("hits=" + name).metric_class), name);
  }
  for (const std::string name : {"lower", "higher"}) {
    EXPECT_EQ(direction_name(*parse_metric("hits=time:" + name).direction), name);
  }
}

TEST(Rules, WhatIsNotJudgedNeedsNoDirection) {
  EXPECT_EQ(parse_metric("hits=information:none").direction, Direction::none);
  EXPECT_EQ(parse_metric("hits=exact-count:none").direction, Direction::none);
}

TEST(Rules, AFileThatIsWrongIsRefused) {
  const auto refused = [](const json& rule, const std::string& reason) {
    expect_refused([&] { rules_of(rule); }, reason);
  };
  refused(7, "'rules', number 1 is a number; expected an object");
  refused({{"class", "time"}}, "'metric' is missing");
  refused({{"metric", 7}}, "'metric' is a number; expected a string");
  refused({{"metric", "a"}, {"clas", "time"}}, "'clas' is unknown; expected metric, cell, class");
  refused({{"metric", "a"}, {"class", "speed"}}, "the class is 'speed'; expected one of time");
  refused({{"metric", "a"}, {"direction", "up"}}, "the direction is 'up'; expected one of lower");
  refused({{"metric", "a"}, {"unit", "s"}}, "the unit is 's'; expected one of ns");
  refused({{"metric", "a"}, {"class", "time"}, {"direction", "none"}}, "needs a direction");
  for (const json& effect : {json(0), json(-0.1), json(11), json(1e300)}) {
    refused({{"metric", "a"}, {"effect", effect}}, "expected more than 0 and at most 10");
  }
  refused({{"metric", "a"}, {"effect", "10%"}}, "'effect' is a string; expected a number");
}

TEST(Rules, ADocumentThatIsNoListOfRulesIsRefused) {
  const auto refused = [](const std::string& text, const std::string& reason) {
    expect_refused([&] { rules_in(text); }, reason);
  };
  refused("", "is empty");
  refused("{", "ends too early");
  refused("{\n  oops}", "is not JSON at line 2, column 3");
  refused("[]", "is an array; expected an object");
  refused("{}", "has no array 'rules'");
  refused(R"({"rules": {}})", "has no array 'rules'");
  refused(R"({"rules": [], "rule": []})", "'rule' is unknown; expected rules");
  expect_refused([] { load_rules("/nonexistent/rules.json"); }, "cannot open /nonexistent");
  EXPECT_TRUE(rules_in(R"({"rules": []})").empty());
}

// The file is none of results, so that advice about result files would mislead.
TEST(Rules, MessagesAboutAFileOfRulesSpeakOfNoResults) {
  for (const std::string text : {"", "{", "oops", "{\"rules\": [\0]}"}) {
    const TemporaryFile file(text);
    try {
      load_rules(file.path());
      FAIL();
    } catch (const Error& fault) {
      EXPECT_THAT(fault.what(), Not(HasSubstr("result file")));
    }
  }
}

TEST(Effect, IsInPercent) {
  const Rule rule = parse_effect("cpu_time=15");
  EXPECT_EQ(rule.metric, "cpu_time");
  EXPECT_EQ(rule.cell, "*");
  EXPECT_EQ(rule.effect, 0.15);
  EXPECT_EQ(parse_effect("a=b=0.5").metric, "a=b");
  EXPECT_EQ(parse_effect("a=1000").effect, 10.0);
}

TEST(Effect, ThatIsNoPercentageIsRefused) {
  for (const std::string text : {"", "cpu_time", "=15", "cpu_time="}) {
    expect_refused([&] { parse_effect(text); }, "expected METRIC=VALUE, as in --effect");
  }
  for (const std::string text : {"a=x", "a=15%", "a=nan", "a=inf", "a= 15", "a=1e999"}) {
    expect_refused([&] { parse_effect(text); }, "expected a number of percent");
  }
  for (const std::string text : {"a=0", "a=-15", "a=1001"}) {
    expect_refused([&] { parse_effect(text); }, "expected more than 0 and at most 10");
  }
}

TEST(MetricFlag, SaysAClassAndMaybeADirection) {
  const Rule rule = parse_metric("hits=time:higher");
  EXPECT_EQ(rule.metric, "hits");
  EXPECT_EQ(rule.metric_class, MetricClass::time);
  EXPECT_EQ(rule.direction, Direction::higher_is_better);
  EXPECT_EQ(parse_metric("hits=exact-count").direction, std::nullopt);
}

TEST(MetricFlag, ThatIsWrongIsRefused) {
  for (const std::string text : {"", "hits", "=time", "hits="}) {
    expect_refused([&] { parse_metric(text); }, "expected METRIC=VALUE, as in --metric");
  }
  expect_refused([] { parse_metric("hits=fast"); }, "the class is 'fast'; expected one of time");
  expect_refused([] { parse_metric("hits=time:"); }, "the direction is ''");
  expect_refused([] { parse_metric("hits=time:up"); }, "the direction is 'up'");
  expect_refused([] { parse_metric("hits=time:none"); }, "needs a direction");
}

TEST(Acknowledgements, NeedCellMetricReasonAndDay) {
  const std::vector<Acknowledgement> known = acknowledgements_of(acknowledgement());
  ASSERT_EQ(known.size(), 1U);
  EXPECT_EQ(known[0].cell, "mode:queue *");
  EXPECT_EQ(known[0].metric, "cpu_time");
  EXPECT_EQ(known[0].reason, "the new allocator");
  EXPECT_EQ(known[0].expires, "2027-01-31");
  for (const std::string name : {"cell", "metric", "reason", "expires"}) {
    json without = acknowledgement();
    without.erase(name);
    expect_refused([&] { acknowledgements_of(without); }, "'" + name + "' is missing");
  }
}

TEST(Acknowledgements, ThatAreWrongAreRefused) {
  const auto refused = [](const std::string& name, const json& value, const std::string& reason) {
    json one = acknowledgement();
    one[name] = value;
    expect_refused([&] { acknowledgements_of(one); }, reason);
  };
  refused("expires", "soon", "'expires' is 'soon'; expected a day as in 2027-01-31");
  refused("expires", "2027-02-29", "expected a day as in 2027-01-31");
  refused("reason", "", "'reason' is empty; say why it may stay");
  refused("until", "2027-01-31",
          "'until' is unknown; expected cell, metric, reason, expires, since");
  refused("since", "ab", "'since' is 'ab'; expected a commit, or a day as in 2027-01-31");
  refused("cell", 7, "'cell' is a number");
}

TEST(Dates, AreDaysOfTheCalendar) {
  for (const std::string good : {"2027-01-31", "2028-02-29", "0001-12-31", "9999-01-01"}) {
    EXPECT_TRUE(is_date(good)) << good;
  }
  for (const std::string bad :
       {"", "2027-1-31", "2027-01-32", "2027-13-01", "2027-00-10", "2027-02-00", "2026-02-29",
        "2027/01/31", "2027-01/31", "2027/01-31", "27-01-2031", "2027-01-3x", "-027-01-31",
        "2027--1-31", "2027-01--1", "+027-01-31", "2027-01-311", " 2027-01-31"}) {
    EXPECT_FALSE(is_date(bad)) << bad;
  }
}

TEST(Dates, TodayIsOne) { EXPECT_TRUE(is_date(today())); }

TEST(FailOnFlag, NamesTheVerdictsThatAreFindings) {
  const auto as_text = [](const std::string& text) {
    const FailOn on = parse_fail_on(text);
    return std::string(on.worse ? "w" : "").append(on.better ? "b" : "") +
           std::string(on.cannot_tell ? "c" : "").append(on.fresh ? "n" : "");
  };
  EXPECT_EQ(as_text("none"), "");
  EXPECT_EQ(as_text("worse"), "w");
  EXPECT_EQ(as_text("better"), "b");
  EXPECT_EQ(as_text("cannot-tell"), "c");
  EXPECT_EQ(as_text("new"), "n");
  EXPECT_EQ(as_text("new,cannot-tell,better,worse"), "wbcn");
}

TEST(FailOnFlag, ThatNamesSomethingElseIsRefused) {
  for (const std::string text : {"", ",", "worse,", ",worse", "wrong", "worse;new", "worse,none"}) {
    expect_refused([&] { parse_fail_on(text); }, "expected none, or of worse");
  }
}

}  // namespace
}  // namespace spate::compare
