#include "spate/agent_latencies.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <random>
#include <vector>

#include "spate/latency_recorder.h"

namespace spate {
namespace {

constexpr std::int64_t kHighest = (std::int64_t{1} << 42) - 1;

std::vector<std::int64_t> spread(std::size_t count, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  std::vector<std::int64_t> latencies(count);
  for (std::int64_t& ns : latencies) {
    ns = static_cast<std::int64_t>((random() >> 24) >> (random() % 40));
  }
  return latencies;
}

TEST(AgentLatencies, OfAnIdleAgentAreZero) {
  const AgentLatencies latencies(3);
  EXPECT_EQ(latencies.count(2), 0U);
  EXPECT_EQ(latencies.mean(2), 0.0);
  EXPECT_EQ(latencies.quantile(2, 0.99), 0);
}

TEST(AgentLatencies, CountAndMeanAreExactAndEachAgentsOwn) {
  AgentLatencies latencies(3);
  for (const std::int64_t ns : {1'000'001, 2'000'002, 3'000'006}) {
    latencies.record(0, ns);
  }
  latencies.record(2, 7);
  EXPECT_EQ(latencies.count(0), 3U);
  EXPECT_EQ(latencies.mean(0), 2'000'003.0);
  EXPECT_EQ(latencies.count(1), 0U);
  EXPECT_EQ(latencies.count(2), 1U);
  EXPECT_EQ(latencies.mean(2), 7.0);
}

TEST(AgentLatencies, TakesNegativesForZeroAndTheEndlessForTheHighest) {
  AgentLatencies latencies(1);
  latencies.record(0, -5);
  EXPECT_EQ(latencies.mean(0), 0.0);
  latencies.record(0, std::int64_t{1} << 60);
  EXPECT_EQ(latencies.count(0), 2U);
  EXPECT_EQ(latencies.quantile(0, 0.99), kHighest);
}

// How many bits agents get is part of the promise: 7 to about a thousand of them.
void expect_error_below(std::uint32_t agents, int bits) {
  std::vector<std::int64_t> all = spread(20'000, agents);
  AgentLatencies latencies(agents);
  for (const std::int64_t ns : all) {
    latencies.record(agents - 1, ns);
  }
  std::sort(all.begin(), all.end());
  for (std::size_t rank = 1; rank <= all.size(); rank += 7) {
    const double q = (static_cast<double>(rank) - 0.5) / static_cast<double>(all.size());
    const std::int64_t exact = all[rank - 1];
    const std::int64_t given = latencies.quantile(agents - 1, q);
    ASSERT_GE(given, exact) << q;
    ASSERT_LE((given - exact) << bits, exact) << q;
  }
  EXPECT_EQ(latencies.quantile(agents - 1, 1.0), all.back());
}

TEST(AgentLatencies, QuantilesAreAsFineAsTheRecordersForAFewAgents) {
  expect_error_below(2, 7);
  expect_error_below(900, 7);
}

TEST(AgentLatencies, QuantilesAreCoarserForMany) {
  expect_error_below(10'000, 3);
  expect_error_below(100'000, 1);
}

TEST(AgentLatencies, CostAFewHundredBytesEachForMany) {
  // 1 bit: (42 - 1 + 1) * 2 buckets of 4 bytes. A million agents with 7 bits would be 18 GB.
  AgentLatencies latencies(1'000'000);
  latencies.record(999'999, 12'345);
  EXPECT_EQ(latencies.quantile(999'999, 0.5), 12'345);
}

TEST(AgentLatencies, QuantilesAreTheRecorders) {
  for (const std::size_t count : {1U, 2U, 99U, 100U, 300U, 700U, 1000U, 12'345U}) {
    AgentLatencies latencies(2);
    LatencyRecorder recorder;
    for (const std::int64_t ns : spread(count, count)) {
      latencies.record(1, ns);
      recorder.record(ns);
    }
    for (const double q : {0.5, 0.9, 0.99, 0.999, 1.0}) {
      EXPECT_EQ(latencies.quantile(1, q), recorder.quantile(q)) << q << " of " << count;
    }
  }
}

// k / 100 is rarely a double, and its product with the count is often a hair above k: see the test
// of the same name of LatencyRecorder, whose quantile this one says it is.
TEST(AgentLatencies, RanksDoNotSlipOverAWholeNumber) {
  AgentLatencies latencies(1);
  for (std::int64_t ns = 1; ns <= 100; ++ns) {
    latencies.record(0, ns);
  }
  for (int percent = 1; percent <= 100; ++percent) {
    EXPECT_EQ(latencies.quantile(0, percent / 100.0), percent);
  }
}

TEST(AgentLatencies, ZerothQuantileIsTheMinimum) {
  AgentLatencies latencies(1);
  latencies.record(0, 200);
  latencies.record(0, 300'000);
  EXPECT_EQ(latencies.quantile(0, 0.0), 200);
}

TEST(AgentLatencies, MergedAreAsIfAllWereRecordedInOne) {
  AgentLatencies left(3);
  AgentLatencies right(3);
  AgentLatencies both(3);
  for (const std::int64_t ns : spread(1000, 1)) {
    left.record(0, ns);
    both.record(0, ns);
  }
  for (const std::int64_t ns : spread(2000, 2)) {
    right.record(0, ns);
    both.record(0, ns);
    right.record(2, ns / 2);
    both.record(2, ns / 2);
  }
  left.merge(right);
  for (AgentId agent = 0; agent < 3; ++agent) {
    EXPECT_EQ(left.count(agent), both.count(agent));
    EXPECT_EQ(left.mean(agent), both.mean(agent));
    for (const double q : {0.1, 0.5, 0.99, 1.0}) {
      EXPECT_EQ(left.quantile(agent, q), both.quantile(agent, q));
    }
  }
}

// A day's run puts more than 2^32 into one bucket.
TEST(AgentLatencies, CountBeyond32Bits) {
  AgentLatencies latencies(2);
  latencies.record(1, 50);
  latencies.record(1, 60);
  for (int doubled = 0; doubled < 33; ++doubled) {
    latencies.merge(AgentLatencies(latencies));
  }
  latencies.record(1, 70);
  EXPECT_EQ(latencies.count(1), (std::uint64_t{2} << 33) + 1);
  EXPECT_EQ(latencies.quantile(1, 0.25), 50);
  EXPECT_EQ(latencies.quantile(1, 0.75), 60);
}

// It is a single record() that goes beyond 2^32 here, not a merge.
TEST(AgentLatencies, CarryWhatIsRecordedBeyond32Bits) {
  AgentLatencies latencies(2);
  for (int doubled = 0; doubled < 32; ++doubled) {
    latencies.merge(AgentLatencies(latencies));
    latencies.record(1, 50);
  }
  latencies.record(1, 50);
  EXPECT_EQ(latencies.count(1), std::uint64_t{1} << 32);
  latencies.record(1, 60);
  EXPECT_EQ(latencies.quantile(1, 0.5), 50);
  EXPECT_EQ(latencies.quantile(1, 1.0), 60);
}

// The sum goes beyond 2^64 ns: many deliveries under way, each of them for long.
TEST(AgentLatencies, KeepTheMeanOfSumsBeyond64Bits) {
  constexpr std::int64_t kLong = 4'000'000'000'000;
  AgentLatencies latencies(2);
  latencies.record(1, kLong);
  latencies.record(1, kLong + 2);
  for (int doubled = 0; doubled < 40; ++doubled) {
    latencies.merge(AgentLatencies(latencies));
  }
  EXPECT_EQ(latencies.mean(1), static_cast<double>(kLong + 1));
  for (int more = 0; more < 3; ++more) {
    latencies.record(0, kLong);
  }
  EXPECT_EQ(latencies.mean(0), static_cast<double>(kLong));
}

}  // namespace
}  // namespace spate
