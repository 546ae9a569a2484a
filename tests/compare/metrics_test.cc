#include "compare/metrics.h"

#include <gtest/gtest.h>

#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "tests/compare/sample.h"

namespace spate::compare {
namespace {

using nlohmann::json;

json aggregate(const std::string& statistic, double time) {
  json row = plain_row("BM_a", time);
  row["run_type"] = "aggregate";
  row["aggregate_name"] = statistic;
  return row;
}

json metric(const json& found, const std::string& key) {
  return found.at("cells").at(0).at("metrics").at(key);
}

TEST(Median, IsTheMiddleValueOrTheMeanOfTheMiddleTwo) {
  EXPECT_EQ(median({}), std::nullopt);
  EXPECT_EQ(median({7}), 7.0);
  EXPECT_EQ(median({9, 1, 5}), 5.0);
  EXPECT_EQ(median({8, 1, 4, 100}), 6.0);
}

TEST(Median, OfHugeValuesDoesNotOverflow) {
  constexpr double kHuge = std::numeric_limits<double>::max();
  EXPECT_EQ(median({kHuge, kHuge}), kHuge);
}

TEST(Ratio, IsOtherOverReference) { EXPECT_EQ(ratio(4.0, 2.0), 0.5); }

TEST(Ratio, DoesNotExistWithoutAUsableDenominator) {
  EXPECT_EQ(ratio(0.0, 1.0), std::nullopt);
  EXPECT_EQ(ratio(0.0, 0.0), std::nullopt);
  EXPECT_EQ(ratio(std::nullopt, 1.0), std::nullopt);
  EXPECT_EQ(ratio(1.0, std::nullopt), std::nullopt);
  EXPECT_EQ(ratio(1e-300, 1e300), std::nullopt);
}

TEST(Metrics, RepetitionsCountByTheMedianOfEachMetric) {
  std::vector<json> repetitions;
  for (const double value : {100.0, 300.0, 200.0}) {
    json row = delivery_row();
    row["response_ns_p50"] = value;
    row["messages_per_second"] = 1000 - value;
    repetitions.push_back(row);
  }
  const json found = verdict({result_file({delivery_row()}), result_file(repetitions)});
  EXPECT_EQ(metric(found, "response_ns_p50").at("other"), 200.0);
  EXPECT_EQ(metric(found, "messages_per_second").at("other"), 800.0);
  EXPECT_EQ(found["cells"][0]["repetitions"], json::array({1, 3}));
}

TEST(Metrics, ADeliveryHasItsValuesByName) {
  const json found = verdict({result_file({delivery_row()}), result_file({delivery_row()})});
  const json& metrics = found["cells"][0]["metrics"];
  EXPECT_EQ(metrics["messages_per_second"]["reference"], 1000.0);
  EXPECT_EQ(metrics["success_rate"]["reference"], 0.95);
  EXPECT_EQ(metrics["response_ns_mean"]["reference"], 5500000.0);
  EXPECT_EQ(metrics["response_ns_p50"]["reference"], 5400000.0);
  EXPECT_EQ(metrics["response_ns_p99"]["reference"], 9900000.0);
  EXPECT_EQ(metrics["cpu_time"]["reference"], 1250.0);
  EXPECT_FALSE(metrics.contains("lost")) << "the account is looked at as a whole";
  EXPECT_FALSE(metrics.contains("sent"));
}

TEST(Metrics, AMissingOrZeroValueHasNoRatio) {
  json zero = delivery_row();
  zero["messages_per_second"] = 0;
  zero.erase("response_ns_p99");
  const json found = verdict({result_file({zero}), result_file({delivery_row()})});
  EXPECT_EQ(metric(found, "messages_per_second").at("ratio"), nullptr);
  EXPECT_EQ(metric(found, "response_ns_p99").at("reference"), nullptr);
  EXPECT_EQ(metric(found, "response_ns_p99").at("ratio"), nullptr);
}

TEST(Metrics, OfAggregatesAloneTheMedianCounts) {
  const json found = verdict({result_file({aggregate("mean", 30), aggregate("median", 20)}),
                              result_file({aggregate("mean", 40)})});
  EXPECT_EQ(metric(found, "real_time").at("reference"), 20.0);
  EXPECT_EQ(metric(found, "real_time").at("other"), 40.0);
}

TEST(Metrics, TheMedianOfTheRatiosIsThatOfAllCells) {
  std::vector<json> base;
  std::vector<json> candidate;
  for (const int rate : {1, 2, 4}) {
    base.push_back(delivery_row("mock", rate));
    candidate.push_back(delivery_row("mock", rate));
    candidate.back()["response_ns_p50"] = 5400000.0 * rate;
  }
  const json found = verdict({result_file(base), result_file(candidate)});
  EXPECT_EQ(found["median_ratio"]["response_ns_p50"], 2.0);
  EXPECT_EQ(found["median_ratio"]["messages_per_second"], 1.0);
}

}  // namespace
}  // namespace spate::compare
