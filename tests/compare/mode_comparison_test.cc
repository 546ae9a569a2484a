#include "compare/mode_comparison.h"

#include <gtest/gtest.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "compare/error.h"
#include "support/hdr_text.h"
#include "tests/compare/sample.h"

namespace spate::compare {
namespace {

using nlohmann::json;
using Counts = std::map<std::uint8_t, std::uint8_t>;  // by nanoseconds; fewer than 64 of each

// Below 256 ns each value has a bucket of its own, so that what comes out is exact.
json run_of(const Counts& counts) {
  testing_support::Bytes words(256);
  for (const auto& [ns, count] : counts) {
    words[ns] = static_cast<std::uint8_t>(2 * count);
  }
  json row = delivery_row();
  row["spate"]["response_histogram"] = testing_support::text_of_words(words);
  row.erase("response_ns_max");
  return row;
}

json run_with(const std::string& counter, const json& value) {
  json row = delivery_row();
  row[counter] = value;
  return row;
}

json run_with_windows(const json& windows) {
  json row = run_of({{10, 1}});
  row["spate"]["windows"] = windows;
  return row;
}

json run_with_agents(const std::vector<json>& means, const std::vector<int>& delivered) {
  json row = delivery_row();
  for (std::size_t i = 0; i < means.size(); ++i) {
    row["spate"]["agents"].push_back(
        {{"response_ns_mean", means[i]}, {"delivered", delivered.at(i)}});
  }
  return row;
}

ModeComparison compare_sides(const std::vector<json>& reference, const std::vector<json>& other,
                             const std::vector<double>& quantiles = {0.5}) {
  const auto pointers = [](const std::vector<json>& rows) {
    std::vector<const json*> result;
    for (const json& row : rows) {
      result.push_back(&row);
    }
    return result;
  };
  return compare_runs(pointers(reference), pointers(other), quantiles);
}

std::vector<json> repeated(std::size_t times, const json& row) {
  return std::vector<json>(times, row);
}

void expect_interval(const std::optional<Interval>& interval, double low, double high) {
  ASSERT_TRUE(interval.has_value());
  EXPECT_DOUBLE_EQ(interval->low, low);
  EXPECT_DOUBLE_EQ(interval->high, high);
  EXPECT_GE(interval->level, kConfidence);
}

// Throughput.

TEST(ModeThroughput, IsTheRatioOfTheMediansOfTheRuns) {
  const ModeComparison found =
      compare_sides({run_with("messages_per_second", 100), run_with("messages_per_second", 900),
                     run_with("messages_per_second", 200)},
                    {run_with("messages_per_second", 500)});
  EXPECT_EQ(found.runs, (std::array<std::size_t, 2>{3, 1}));
  EXPECT_EQ(found.throughput.reference, 200);
  EXPECT_EQ(found.throughput.other, 500);
  EXPECT_EQ(found.throughput.ratio, 2.5);
  EXPECT_FALSE(found.throughput.interval);
}

TEST(ModeThroughput, HasAnIntervalOfTheRatioFromFiveRunsASideOn) {
  const json slow = run_with("messages_per_second", 100);
  const json fast = run_with("messages_per_second", 300);
  expect_interval(compare_sides(repeated(5, slow), repeated(5, fast)).throughput.interval, 3, 3);
  EXPECT_FALSE(compare_sides(repeated(4, slow), repeated(9, fast)).throughput.interval);
}

TEST(ModeThroughput, DoesNotExistWhereARowLacksIt) {
  json without = delivery_row();
  without.erase("messages_per_second");
  const ModeComparison found = compare_sides({without}, {delivery_row()});
  EXPECT_FALSE(found.throughput.reference);
  EXPECT_EQ(found.throughput.other, 1000);
  EXPECT_FALSE(found.throughput.ratio);
}

// Quantiles.

TEST(ModeQuantiles, AnyOneIsReadFromTheHistograms) {
  const ModeComparison found = compare_sides({run_of({{10, 1}, {20, 1}, {30, 2}})},
                                             {run_of({{40, 1}, {50, 3}})}, {0.25, 0.5, 0.75});
  ASSERT_EQ(found.quantiles.size(), 3U);
  EXPECT_EQ(found.quantiles[0].quantile, 0.25);
  EXPECT_EQ(found.quantiles[0].reference, 10);
  EXPECT_EQ(found.quantiles[0].other, 40);
  EXPECT_EQ(found.quantiles[0].ratio, 4);
  EXPECT_EQ(found.quantiles[1].reference, 20);
  EXPECT_EQ(found.quantiles[1].ratio, 2.5);
  EXPECT_EQ(found.quantiles[2].reference, 30);
}

TEST(ModeQuantiles, OfSeveralRunsAreMediansAndTheirMessagesAreNotPooled) {
  const ModeComparison found = compare_sides(
      {run_of({{10, 1}}), run_of({{100, 60}}), run_of({{20, 1}})}, {run_of({{9, 1}})});
  EXPECT_EQ(found.quantiles[0].reference, 20);
}

TEST(ModeQuantiles, AreNoMoreThanTheMaximumThatTheRowHas) {
  json row = delivery_row();
  // One of 256 ns or 257.
  row["spate"]["response_histogram"] = testing_support::text_of_words({0xff, 0x03, 0x02});
  EXPECT_EQ(compare_sides({row}, {row}).quantiles[0].reference, 257);
  row["response_ns_max"] = 256;
  EXPECT_EQ(compare_sides({row}, {row}).quantiles[0].reference, 256);
}

TEST(ModeQuantiles, OfSeveralRunsHaveAnIntervalOverTheRuns) {
  const ModeComparison found =
      compare_sides(repeated(5, run_of({{10, 1}})), repeated(6, run_of({{40, 1}})), {0.1});
  expect_interval(found.quantiles[0].interval, 4, 4);
}

TEST(ModeQuantiles, OfOneRunEachHaveAnIntervalOverTheWindowsThatHaveThem) {
  json windows;
  json others;
  for (int i = 0; i < 5; ++i) {
    windows.push_back({{"response_ns_p50", 10}, {"response_ns_p99", 100}});
    others.push_back({{"response_ns_p50", 20}, {"response_ns_p99", 400}});
  }
  others.push_back({{"response_ns_p50", nullptr}, {"response_ns_p99", nullptr}});
  const ModeComparison found =
      compare_sides({run_with_windows(windows)}, {run_with_windows(others)}, {0.5, 0.9, 0.99});
  expect_interval(found.quantiles[0].interval, 2, 2);
  EXPECT_FALSE(found.quantiles[1].interval);
  expect_interval(found.quantiles[2].interval, 4, 4);

  windows.erase(0);
  EXPECT_FALSE(
      compare_sides({run_with_windows(windows)}, {run_with_windows(others)}).quantiles[0].interval);
}

TEST(ModeQuantiles, OfSeveralRunsTakeNothingFromTheWindows) {
  const json windows(10, {{"response_ns_p50", 10}});
  const json run = run_with_windows(windows);
  EXPECT_FALSE(compare_sides({run}, {run, run}).quantiles[0].interval);
  EXPECT_FALSE(compare_sides({run, run}, {run}).quantiles[0].interval);
}

TEST(ModeQuantiles, DoNotExistWhereNothingWasReceived) {
  const ModeComparison found = compare_sides({run_of({})}, {delivery_row()});
  EXPECT_FALSE(found.quantiles[0].reference);
  EXPECT_FALSE(found.quantiles[0].other);
  EXPECT_FALSE(found.shapes.measured);
  EXPECT_FALSE(found.shapes.scale_removed);
}

// Success.

TEST(ModeSuccess, IsADifferenceWithAnIntervalOverTheRuns) {
  std::vector<json> mock;
  std::vector<json> queue;
  for (int i = 0; i < 4; ++i) {
    mock.push_back(run_with("success_rate", 0.90 + i / 100.0));
    queue.push_back(run_with("success_rate", 1));
  }
  const SuccessPair found = compare_sides(mock, queue).success;
  EXPECT_DOUBLE_EQ(*found.reference, 0.915);
  EXPECT_EQ(found.other, 1);
  EXPECT_NEAR(*found.difference, 0.085, 1e-12);
  ASSERT_TRUE(found.interval);
  EXPECT_NEAR(found.interval->low, 0.07, 1e-12);
  EXPECT_NEAR(found.interval->high, 0.10, 1e-12);
}

TEST(ModeSuccess, OfOneRunEachIsOneObservation) {
  const SuccessPair found =
      compare_sides({run_with("success_rate", 1)}, {run_with("success_rate", 0.75)}).success;
  EXPECT_EQ(found.difference, -0.25);
  EXPECT_FALSE(found.interval);
}

TEST(ModeSuccess, HasNoDifferenceWhereItIsUnknown) {
  const SuccessPair found =
      compare_sides({run_with("success_rate", nullptr)}, {delivery_row()}).success;
  EXPECT_FALSE(found.difference);
}

// Shapes.

TEST(ModeShapes, OfEqualTimesDoNotDiffer) {
  const json run = run_of({{10, 3}, {20, 5}});
  const ShapePair found = compare_sides({run}, {run}).shapes;
  EXPECT_EQ(found.measured->kolmogorov_smirnov, 0);
  EXPECT_EQ(found.measured->wasserstein_over_mean, 0);
  EXPECT_EQ(found.scale_removed->kolmogorov_smirnov, 0);
}

TEST(ModeShapes, ThatDifferInScaleAloneAreOneOnceItIsRemoved) {
  // The means are 15 and 60, and each half moves by 30 or 60.
  const ShapePair found =
      compare_sides({run_of({{10, 1}, {20, 1}})}, {run_of({{40, 2}, {80, 2}})}).shapes;
  EXPECT_EQ(found.measured->kolmogorov_smirnov, 1);
  EXPECT_DOUBLE_EQ(found.measured->wasserstein_over_mean, 45.0 / 15);
  EXPECT_EQ(found.scale_removed->kolmogorov_smirnov, 0);
  EXPECT_EQ(found.scale_removed->wasserstein_over_mean, 0);
}

TEST(ModeShapes, ThatDifferInMoreStillDoOnceScaleIsRemoved) {
  // 10 and 20 of mean 15 become 2/3 and 4/3; one value becomes 1.
  const ShapePair found = compare_sides({run_of({{10, 1}, {20, 1}})}, {run_of({{60, 1}})}).shapes;
  EXPECT_DOUBLE_EQ(found.scale_removed->kolmogorov_smirnov, 0.5);
  EXPECT_DOUBLE_EQ(found.scale_removed->wasserstein_over_mean, 1.0 / 3);
}

TEST(ModeShapes, OfSeveralRunsAreTheMedianOverAllPairs) {
  // From 10 to 20, 30 and 100: 1, 2 and 9 of its means.
  const ShapePair found =
      compare_sides({run_of({{10, 1}})}, {run_of({{100, 1}}), run_of({{20, 1}}), run_of({{30, 1}})})
          .shapes;
  EXPECT_DOUBLE_EQ(found.measured->wasserstein_over_mean, 2);
}

TEST(ModeShapes, DoNotExistOfTimesThatAreAllZero) {
  EXPECT_FALSE(compare_sides({run_of({{0, 5}})}, {run_of({{1, 5}})}).shapes.measured);
}

// Agents.

TEST(ModeSpread, IsTheRangeOverTheAgentsInTheirMedians) {
  const SpreadPair found = compare_sides({run_with_agents({10, 20, 40}, {100, 100, 150})},
                                         {run_with_agents({20, 20, nullptr}, {0, 50, 100})})
                               .agent_spread;
  EXPECT_DOUBLE_EQ(*found.response_ns_mean.reference, 1.5);
  EXPECT_EQ(found.response_ns_mean.other, 0);
  EXPECT_DOUBLE_EQ(*found.delivered.reference, 0.5);
  EXPECT_EQ(found.delivered.other, 2);
}

TEST(ModeSpread, DoesNotExistOfFewerThanTwoAgents) {
  const SpreadPair found =
      compare_sides({run_with_agents({10}, {1})}, {delivery_row()}).agent_spread;
  EXPECT_FALSE(found.response_ns_mean.reference);
  EXPECT_FALSE(found.delivered.other);
}

// The ledger and the digests.

TEST(ModeLedger, NamesTheCountersThatDiffer) {
  json queue = delivery_row();
  queue["delivered"] = 1500;
  queue["failed"] = 0;
  queue.erase("shed");
  const std::vector<LedgerDifference> found = compare_sides({delivery_row()}, {queue}).ledger;
  ASSERT_EQ(found.size(), 3U);
  EXPECT_EQ(found[0].counter, "delivered");
  EXPECT_EQ(found[0].reference, 1425);
  EXPECT_EQ(found[0].other, 1500);
  EXPECT_EQ(found[1].counter, "failed");
  EXPECT_EQ(found[2].counter, "shed");
  EXPECT_FALSE(found[2].other);
}

TEST(ModeLedger, KnowsEveryCounterOfADelivery) {
  const json row = delivery_row();
  for (const char* const counter :
       {"expected", "delivered", "failed", "crashed", "rejected", "unknown", "lost", "duplicated",
        "reordered", "recovered", "aliens", "anomalies", "spiked", "shed"}) {
    const auto found = compare_sides({row}, {run_with(counter, 7)}).ledger;
    ASSERT_EQ(found.size(), 1U) << counter;
    EXPECT_EQ(found[0].counter, counter);
  }
}

json run_with_digest(const json& digest, int iterations = 500) {
  json row = run_with("iterations", iterations);
  row["spate"]["digest"] = digest;
  return row;
}

TEST(ModeDigests, AreEqualOrDifferentAmongRunsOfOneLength) {
  const auto digests = [](const std::vector<json>& reference, const std::vector<json>& other) {
    return compare_sides(reference, other).digests;
  };
  EXPECT_EQ(digests({run_with_digest("a")}, {run_with_digest("a")}), Digests::equal);
  EXPECT_EQ(digests({run_with_digest("a")}, {run_with_digest("b")}), Digests::different);
  EXPECT_EQ(digests({run_with_digest("a"), run_with_digest("b")}, {run_with_digest("a")}),
            Digests::different);
  EXPECT_EQ(digests({run_with_digest("a", 1)}, {run_with_digest("b", 2)}), Digests::unknown);
  EXPECT_EQ(digests({run_with_digest("a", 1), run_with_digest("b", 2)},
                    {run_with_digest("b", 2), run_with_digest("c", 3)}),
            Digests::equal);
  EXPECT_EQ(digests({run_with_digest("a")}, {run_with_digest(nullptr)}), Digests::unknown);
}

// What cannot be read.

void expect_refused(const json& row, const std::string& reason) {
  try {
    compare_sides({delivery_row()}, {row});
    ADD_FAILURE() << "was read: " << row;
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find(reason), std::string::npos) << error.what();
  }
}

TEST(ModeComparison, NamesTheRowAndWhatIsWrongWithIt) {
  const std::string row = "row '" + delivery_row()["name"].get<std::string>() + "'";
  json damaged = delivery_row();
  damaged["spate"]["response_histogram"] = "HISTFAAA";
  expect_refused(damaged, row + ": 'spate': histogram text: ");
  json seven = delivery_row();
  seven["spate"]["windows"] = 7;
  expect_refused(seven, row + ": 'spate': 'windows' is of type number; expected an array");
  seven["spate"]["windows"] = {7};
  expect_refused(seven, row + ": 'spate': 'windows' is a number; expected an object");
  expect_refused(run_with("messages_per_second", "many"), row + ": 'messages_per_second'");
  json huge = run_of({{1, 1}});
  huge["response_ns_max"] = 1e300;
  expect_refused(huge, "'response_ns_max' is 1e+300; expected a count");
  expect_refused(json::array(), "a row is an array; expected an object");
}

TEST(ModeComparison, TakesNullForWhatIsNotThere) {
  json row = run_with_windows(nullptr);
  row["spate"]["agents"] = nullptr;
  row["spate"]["response_histogram"] = nullptr;
  const ModeComparison found = compare_sides({row}, {row});
  EXPECT_FALSE(found.quantiles[0].reference);
  EXPECT_FALSE(found.quantiles[0].interval);
  EXPECT_FALSE(found.agent_spread.delivered.reference);
}

TEST(ModeComparison, TakesARowWithoutDetailsForItsCounters) {
  json bare = delivery_row();
  bare.erase("spate");
  const ModeComparison found = compare_sides({bare}, {bare});
  EXPECT_EQ(found.throughput.ratio, 1);
  EXPECT_FALSE(found.quantiles[0].reference);
  EXPECT_EQ(found.digests, Digests::unknown);
}

}  // namespace
}  // namespace spate::compare
