// Latencies as they were recorded.
#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <limits>
#include <utility>
#include <vector>

#include "spate/latency_model.h"
#include "support/binomial.h"
#include "support/messages.h"

namespace spate {
namespace {

using namespace testing_support;

constexpr std::uint64_t kMax = std::numeric_limits<std::uint64_t>::max();
constexpr std::int64_t kMillisecond = 1'000'000;

std::uint64_t drawn(std::uint64_t sequence) {
  return MessageDraws(5, 3, sequence).draw(Purpose::mock_latency, 2);
}

LatencyRecorder recorded(std::initializer_list<std::pair<std::int64_t, int>> counts) {
  LatencyRecorder recorder;
  for (const auto& [ns, count] : counts) {
    for (int i = 0; i < count; ++i) {
      recorder.record(ns);
    }
  }
  return recorder;
}

// Draws that lie evenly: so a share is met to within what the ends of the columns cut off.
TEST(EmpiricalLatency, GivesEachBucketItsShare) {
  constexpr std::uint64_t kDraws = 100'000;
  const LatencyModel model =
      LatencyModel::empirical(recorded({{0, 1}, {3, 2}, {7, 90}, {100, 400}, {200, 507}}));
  std::vector<std::uint64_t> counts(201);
  for (std::uint64_t draw = 0; draw < kDraws; ++draw) {
    ++counts[static_cast<std::size_t>(model.draw_ns(draw * (kMax / kDraws)))];
  }
  for (const auto& [ns, share] : {std::pair<std::size_t, double>{0, 1e-3},
                                  {3, 2e-3},
                                  {7, 90e-3},
                                  {100, 400e-3},
                                  {200, 507e-3}}) {
    EXPECT_NEAR(static_cast<double>(counts[ns]), share * kDraws, 5) << ns;
  }
}

TEST(EmpiricalLatency, DrawsEvenlyFromAllOfABucket) {
  constexpr std::int64_t kInTheMiddle = (128 << 7) + 63;  // of a bucket 128 wide
  const LatencyModel model = LatencyModel::empirical(recorded({{kInTheMiddle, 3}, {2, 1}}));
  std::vector<std::uint64_t> counts(128);
  for (std::uint64_t sequence = 0; sequence < 100'000; ++sequence) {
    if (const std::int64_t ns = model.draw_ns(drawn(sequence)); ns != 2) {
      ++counts.at(static_cast<std::size_t>(ns - (128 << 7)));
    }
  }
  EXPECT_TRUE(looks_uniform(counts));
}

TEST(EmpiricalLatency, HasTheQuantilesThatWereRecorded) {
  const LatencyModel model = LatencyModel::lognormal(2 * kMillisecond, 20 * kMillisecond);
  LatencyRecorder first;
  for (std::uint64_t sequence = 0; sequence < 100'000; ++sequence) {
    first.record(model.draw_ns(drawn(sequence)));
  }
  const LatencyModel again = LatencyModel::empirical(first);
  LatencyRecorder second;
  for (std::uint64_t draw = 0; draw < 100'000; ++draw) {
    second.record(again.draw_ns(draw * (kMax / 100'000)));
  }
  for (const double q : {0.01, 0.1, 0.5, 0.9, 0.99, 0.999}) {
    const auto quantile = static_cast<double>(first.quantile(q));
    EXPECT_NEAR(static_cast<double>(second.quantile(q)), quantile, quantile / 64) << q;
  }
  EXPECT_NEAR(again.mean_ns(), first.mean(), first.mean() / 128);
  EXPECT_GE(second.min(), again.min_ns());
  EXPECT_LE(second.max(), again.max_ns());
  EXPECT_EQ(again.usual_max_ns(), first.quantile(0.999));
}

TEST(EmpiricalLatency, GoesByItsCounts) {
  const LatencyModel model = LatencyModel::empirical(recorded({{1000, 3}, {7, 1}}));
  EXPECT_EQ(model.text().substr(0, 5), "from:");
  EXPECT_EQ(model.text().size(), 5U + 16U);
  EXPECT_FALSE(model.is_uniform());
  EXPECT_EQ(model, LatencyModel::empirical(recorded({{7, 1}, {1000, 3}})));
  EXPECT_NE(model, LatencyModel::empirical(recorded({{1000, 3}, {7, 2}})));
  EXPECT_NE(model, LatencyModel::empirical(recorded({{1000, 3}, {8, 1}})));
}

TEST(EmpiricalLatency, IsNeverAboveAnHour) {
  const LatencyModel model = LatencyModel::empirical(recorded({{kMaxDelayNs, 1}}));
  EXPECT_EQ(model.max_ns(), kMaxDelayNs);
  for (std::uint64_t sequence = 0; sequence < 1000; ++sequence) {
    ASSERT_LE(model.draw_ns(drawn(sequence)), kMaxDelayNs);
  }
}

TEST(EmpiricalLatency, RefusesAHistogramWithoutLatenciesOrWithTooLongOnes) {
  expect_line_with(error_of([] { LatencyModel::empirical(LatencyRecorder()); }),
                   {"histogram", "empty"});
  expect_line_with(error_of([] {
                     LatencyModel::empirical(recorded({{kMaxDelayNs / 5 * 6, 2}, {1, 1}}));
                   }),
                   {"2 of its 3 latencies", "above 1 h"});
}

}  // namespace
}  // namespace spate
