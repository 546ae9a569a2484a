// What metrics are taken for: the table, and what callers say on top of it.
#include "compare/schema.h"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace spate::compare {
namespace {

Metric of_delivery(std::string_view key, const std::vector<Rule>& rules = {}) {
  return Schema(rules).resolve(key, true, "mode:mock").metric;
}

Metric of_plain(std::string_view key, const std::vector<Rule>& rules = {}) {
  return Schema(rules).resolve(key, false, "BM_a").metric;
}

void expect_is(const Metric& metric, MetricClass metric_class, Direction direction, double effect) {
  EXPECT_EQ(metric.metric_class, metric_class) << metric.key;
  EXPECT_EQ(metric.direction, direction) << metric.key;
  EXPECT_EQ(metric.effect, effect) << metric.key;
}

Rule about(const std::string& metric, const std::string& cell = "*") {
  Rule rule;
  rule.metric = metric;
  rule.cell = cell;
  return rule;
}

Rule with_class(const std::string& metric, MetricClass metric_class) {
  Rule rule = about(metric);
  rule.metric_class = metric_class;
  return rule;
}

Rule with_effect(const std::string& metric, double effect, const std::string& cell = "*") {
  Rule rule = about(metric, cell);
  rule.effect = effect;
  return rule;
}

TEST(Schema, ADeliveryIsJudgedByFiveMetrics) {
  constexpr auto kLower = Direction::lower_is_better;
  constexpr auto kHigher = Direction::higher_is_better;
  expect_is(of_delivery("messages_per_second"), MetricClass::throughput, kHigher, 0.10);
  expect_is(of_delivery("success_rate"), MetricClass::proportion, kHigher, 0.01);
  expect_is(of_delivery("response_ns_p50"), MetricClass::latency_quantile, kLower, 0.10);
  expect_is(of_delivery("response_ns_p99"), MetricClass::latency_quantile, kLower, 0.25);
  expect_is(of_delivery("cpu_time"), MetricClass::time, kLower, 0.15);
  std::set<std::string_view> judged;
  for (const SchemaEntry& entry : schema_table()) {
    if (entry.scope == SchemaEntry::Scope::delivery && is_judged(entry.metric.metric_class)) {
      judged.insert(entry.pattern);
    }
  }
  EXPECT_EQ(judged.size(), 5U);
}

TEST(Schema, WhatSaysTheSameOnceMoreIsShownAndNotJudged) {
  for (const std::string_view key :
       {"real_time", "response_ns_mean", "response_ns_p999", "response_ns_max", "service_ns_p50",
        "send_lateness_ns_p99", "rate_achieved", "saturated"}) {
    EXPECT_EQ(of_delivery(key).metric_class, MetricClass::information) << key;
    EXPECT_TRUE(Schema().resolve(key, true, "").is_known) << key;
  }
}

TEST(Schema, TheAccountIsInvariantOrExact) {
  for (const std::string_view key :
       {"lost", "duplicated", "anomalies", "aliens", "corrupted", "misreported"}) {
    EXPECT_EQ(of_delivery(key).metric_class, MetricClass::invariant) << key;
  }
  for (const std::string_view key : {"sent", "expected", "delivered", "failed", "crashed",
                                     "rejected", "unknown", "spiked", "recovered", "shed"}) {
    EXPECT_EQ(of_delivery(key).metric_class, MetricClass::exact_count) << key;
  }
}

TEST(Schema, OtherBenchmarksAreJudgedByTimeAndRates) {
  expect_is(of_plain("real_time"), MetricClass::time, Direction::lower_is_better, 0.10);
  expect_is(of_plain("cpu_time"), MetricClass::time, Direction::lower_is_better, 0.15);
  for (const std::string_view key : {"bytes_per_second", "items_per_second", "hits_per_second"}) {
    expect_is(of_plain(key), MetricClass::throughput, Direction::higher_is_better, 0.10);
    EXPECT_EQ(of_plain(key).unit, Unit::per_second);
  }
  for (const std::string_view key : {"allocs_per_iter", "max_bytes_used"}) {
    expect_is(of_plain(key), MetricClass::time, Direction::lower_is_better, 0.10);
  }
}

// The names of one are no promise of the other.
TEST(Schema, DeliveriesAndOthersDoNotShareTheirLines) {
  EXPECT_FALSE(Schema().resolve("lost", false, "").is_known);
  EXPECT_EQ(of_plain("success_rate").metric_class, MetricClass::information);
  EXPECT_EQ(of_plain("messages_per_second").title, "messages_per_second");
  EXPECT_EQ(of_delivery("messages_per_second").title, "throughput");
}

TEST(Schema, WhatNobodyKnowsIsInformationAndSaysSo) {
  const ResolvedMetric unknown = Schema().resolve("hits", false, "BM_a");
  EXPECT_FALSE(unknown.is_known);
  EXPECT_EQ(unknown.metric.metric_class, MetricClass::information);
  EXPECT_EQ(unknown.metric.key, "hits");
  EXPECT_EQ(unknown.metric.title, "hits");
  EXPECT_EQ(unknown.metric.rank, schema_table().size());
}

TEST(Schema, TheRankIsThePlaceInTheTable) {
  EXPECT_LT(of_delivery("messages_per_second").rank, of_delivery("success_rate").rank);
  EXPECT_LT(of_delivery("cpu_time").rank, of_delivery("sent").rank);
  EXPECT_LT(of_plain("real_time").rank, of_plain("cpu_time").rank);
}

TEST(SchemaRules, AClassBringsItsUsualDirectionAndEffect) {
  const auto as = [](MetricClass metric_class) {
    return of_plain("hits", {with_class("hits", metric_class)});
  };
  expect_is(as(MetricClass::time), MetricClass::time, Direction::lower_is_better, 0.10);
  expect_is(as(MetricClass::throughput), MetricClass::throughput, Direction::higher_is_better,
            0.10);
  expect_is(as(MetricClass::latency_quantile), MetricClass::latency_quantile,
            Direction::lower_is_better, 0.10);
  expect_is(as(MetricClass::proportion), MetricClass::proportion, Direction::higher_is_better,
            0.01);
  EXPECT_EQ(as(MetricClass::exact_count).direction, Direction::none);
}

TEST(SchemaRules, AnotherClassReplacesTheDirectionAndEffectThatAMetricHas) {
  const std::vector<Rule> rules{with_class("*", MetricClass::throughput)};
  expect_is(of_delivery("response_ns_p99", rules), MetricClass::throughput,
            Direction::higher_is_better, 0.10);
}

TEST(SchemaRules, TheClassThatAMetricHasLeavesItsEffect) {
  expect_is(of_delivery("response_ns_p99", {with_class("*", MetricClass::latency_quantile)}),
            MetricClass::latency_quantile, Direction::lower_is_better, 0.25);
}

TEST(SchemaRules, AClassLeavesTheEffectOfAnEarlierRule) {
  EXPECT_EQ(of_plain("hits", {with_effect("*", 0.3), with_class("hits", MetricClass::time)}).effect,
            0.3);
}

TEST(SchemaRules, AClassMakesAMetricKnownAndAnEffectAloneDoesNot) {
  EXPECT_TRUE(
      Schema({with_class("h*", MetricClass::time)}).resolve("hits", false, "BM_a").is_known);
  EXPECT_FALSE(Schema({with_effect("hits", 0.5)}).resolve("hits", false, "BM_a").is_known);
}

TEST(SchemaRules, TheLastThatMatchesWinsMemberByMember) {
  Rule lower = about("real_*");
  lower.direction = Direction::higher_is_better;
  lower.unit = Unit::plain;
  const Metric metric =
      of_plain("real_time", {with_effect("*", 0.3), lower, with_effect("real_time", 0.4)});
  expect_is(metric, MetricClass::time, Direction::higher_is_better, 0.4);
  EXPECT_EQ(metric.unit, Unit::plain);
  EXPECT_EQ(of_plain("real_time", {with_effect("real_time", 0.4), with_effect("*", 0.3)}).effect,
            0.3);
}

TEST(SchemaRules, ADirectionOfTheSameRuleBeatsTheUsualOneOfItsClass) {
  Rule rule = with_class("hits", MetricClass::time);
  rule.direction = Direction::higher_is_better;
  rule.effect = 0.5;
  expect_is(of_plain("hits", {rule}), MetricClass::time, Direction::higher_is_better, 0.5);
}

TEST(SchemaRules, AClassMakesVoidWhatWasSaidOfTheDirectionBefore) {
  Rule none = with_class("*", MetricClass::information);
  none.direction = Direction::none;
  expect_is(of_plain("hits", {none, with_class("hits", MetricClass::throughput)}),
            MetricClass::throughput, Direction::higher_is_better, 0.10);
}

TEST(SchemaRules, WhatHasNoDirectionIsNotJudged) {
  Rule none = about("real_time");
  none.direction = Direction::none;
  EXPECT_EQ(of_plain("real_time", {none}).metric_class, MetricClass::information);
}

TEST(SchemaRules, HoldOnlyForCellsThatMatch) {
  const std::vector<Rule> rules{with_effect("real_time", 0.5, "BM_a*")};
  EXPECT_EQ(of_plain("real_time", rules).effect, 0.5);
  EXPECT_EQ(Schema(rules).resolve("real_time", false, "BM_b").metric.effect, 0.10);
  EXPECT_EQ(of_plain("cpu_time", rules).effect, 0.15);
  EXPECT_TRUE(Schema(rules).distinguishes_cells());
  EXPECT_FALSE(Schema({with_effect("real_time", 0.5)}).distinguishes_cells());
}

TEST(Matches, StarsStandForAnyTextAlsoForNone) {
  EXPECT_TRUE(matches("*", ""));
  EXPECT_TRUE(matches("", ""));
  EXPECT_FALSE(matches("", "a"));
  EXPECT_TRUE(matches("a*c*e", "abcabcde"));
  EXPECT_FALSE(matches("a*c*e", "abcabcd"));
  EXPECT_TRUE(matches("a**", "a"));
}

// By the definition: a star takes no character, or one and then stands where it stood.
bool matches_slowly(std::string_view pattern, std::string_view text) {
  if (pattern.empty()) {
    return text.empty();
  }
  if (pattern[0] == '*') {
    return matches_slowly(pattern.substr(1), text) ||
           (!text.empty() && matches_slowly(pattern, text.substr(1)));
  }
  return !text.empty() && pattern[0] == text[0] &&
         matches_slowly(pattern.substr(1), text.substr(1));
}

// All texts of up to `longest` of these letters.
std::vector<std::string> all_texts(std::string_view letters, std::size_t longest) {
  std::vector<std::string> texts{""};
  for (std::size_t i = 0; i < texts.size() && texts[i].size() < longest; ++i) {
    for (const char letter : letters) {
      texts.push_back(texts[i] + letter);
    }
  }
  return texts;
}

TEST(Matches, AgreesWithItsDefinitionOnAllShortTexts) {
  const std::vector<std::string> texts = all_texts("ab", 5);
  for (const std::string& pattern : all_texts("ab*", 5)) {
    for (const std::string& text : texts) {
      ASSERT_EQ(matches(pattern, text), matches_slowly(pattern, text)) << pattern << " " << text;
    }
  }
}

}  // namespace
}  // namespace spate::compare
