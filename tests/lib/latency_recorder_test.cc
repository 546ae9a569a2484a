#include "spate/latency_recorder.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <random>
#include <utility>
#include <vector>

namespace spate {
namespace {

constexpr std::int64_t kHour = LatencyRecorder::kHighestNs;
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

using Latencies = std::vector<std::int64_t>;

LatencyRecorder recorder_of(const Latencies& latencies) {
  LatencyRecorder recorder;
  for (const std::int64_t ns : latencies) {
    recorder.record(ns);
  }
  return recorder;
}

// Every octave is equally likely, so the whole range is met. The raw output of mt19937_64 is the
// same everywhere.
Latencies spread_latencies(std::size_t count, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  Latencies latencies;
  while (latencies.size() < count) {
    const auto octave = static_cast<int>(random() % 42);
    const auto ns = static_cast<std::int64_t>(random() >> (63 - octave));
    if (ns >= 1 && ns <= kHour) {
      latencies.push_back(ns);
    }
  }
  return latencies;
}

void expect_equal(const LatencyRecorder& left, const LatencyRecorder& right) {
  EXPECT_TRUE(std::ranges::equal(left.counts(), right.counts()));
  EXPECT_EQ(left.count(), right.count());
  EXPECT_EQ(left.negative(), right.negative());
  EXPECT_EQ(left.overflow(), right.overflow());
  EXPECT_EQ(left.min(), right.min());
  EXPECT_EQ(left.max(), right.max());
  EXPECT_EQ(left.mean(), right.mean());
}

// Layout.

class EveryLayout : public testing::TestWithParam<int> {
 protected:
  const LogLinear layout_{.sub_bucket_bits = GetParam(), .value_bits = 42};
};
INSTANTIATE_TEST_SUITE_P(SubBucketBits, EveryLayout, testing::Range(0, 11));

TEST_P(EveryLayout, BucketsFollowEachOtherWithoutGapOrOverlap) {
  std::int64_t next = 0;
  for (std::size_t index = 0; index < layout_.size(); ++index) {
    ASSERT_EQ(layout_.lowest_at(index), next) << index;
    ASSERT_GE(layout_.highest_at(index), next) << index;
    next = layout_.highest_at(index) + 1;
  }
  EXPECT_EQ(next, layout_.highest() + 1);
}

TEST_P(EveryLayout, BothEndsOfABucketHaveItsIndex) {
  for (std::size_t index = 0; index < layout_.size(); ++index) {
    ASSERT_EQ(layout_.index_of(layout_.lowest_at(index)), index);
    ASSERT_EQ(layout_.index_of(layout_.middle_at(index)), index);
    ASSERT_EQ(layout_.index_of(layout_.highest_at(index)), index);
  }
}

TEST_P(EveryLayout, BucketsAreNoWiderThanTheRelativeErrorAllows) {
  for (std::size_t index = 1; index < layout_.size(); ++index) {
    const std::int64_t error = layout_.highest_at(index) - layout_.lowest_at(index);
    ASSERT_LE(error << GetParam(), layout_.lowest_at(index)) << index;
  }
}

TEST(LogLinear, CoversAllNonNegativeValuesWith63Bits) {
  constexpr LogLinear kWide{.sub_bucket_bits = 7, .value_bits = 63};
  constexpr std::int64_t kHighest = std::numeric_limits<std::int64_t>::max();
  EXPECT_EQ(kWide.highest(), kHighest);
  EXPECT_EQ(kWide.index_of(kHighest), kWide.size() - 1);
  EXPECT_EQ(kWide.highest_at(kWide.size() - 1), kHighest);
}

// Written out by hand from HdrHistogram's rules, so that a consistent mistake in index_of and
// lowest_at does not pass.
TEST(LogLinear, IndexesAreHdrHistograms) {
  constexpr LogLinear kLayout = LatencyRecorder::kLayout;
  static_assert(kLayout.size() == 4608);
  static_assert(kLayout.index_of(0) == 0);
  static_assert(kLayout.index_of(255) == 255);
  static_assert(kLayout.index_of(256) == 256);
  static_assert(kLayout.index_of(257) == 256);
  static_assert(kLayout.index_of(258) == 257);
  static_assert(kLayout.index_of(511) == 383);
  static_assert(kLayout.index_of(512) == 384);
  static_assert(kLayout.index_of(1000) == 506);  // bucket 2, sub-bucket 250: 3 * 128 + 250 - 128
  static_assert(kLayout.highest_at(506) == 1003);
  static_assert(kLayout.index_of((std::int64_t{1} << 42) - 1) == 4607);
}

// What is kept.

TEST(LatencyRecorder, EmptySaysZeroToEverything) {
  const LatencyRecorder recorder;
  EXPECT_EQ(recorder.count(), 0U);
  EXPECT_EQ(recorder.min(), 0);
  EXPECT_EQ(recorder.max(), 0);
  EXPECT_EQ(recorder.mean(), 0.0);
  for (const double q : {-1.0, 0.0, 0.5, 1.0, 2.0, kNaN}) {
    EXPECT_EQ(recorder.quantile(q), 0) << q;
  }
}

TEST(LatencyRecorder, KeepsZeros) {
  const LatencyRecorder recorder = recorder_of({0, 0, 0, 8});
  EXPECT_EQ(recorder.count(), 4U);
  EXPECT_EQ(recorder.counts()[0], 3U);
  EXPECT_EQ(recorder.min(), 0);
  EXPECT_EQ(recorder.mean(), 2.0);
  EXPECT_EQ(recorder.quantile(0.75), 0);
  EXPECT_EQ(recorder.quantile(0.76), 8);
}

TEST(LatencyRecorder, CountsNegativesApart) {
  const LatencyRecorder recorder =
      recorder_of({-1, 5, std::numeric_limits<std::int64_t>::min(), 7});
  EXPECT_EQ(recorder.negative(), 2U);
  EXPECT_EQ(recorder.overflow(), 0U);
  EXPECT_EQ(recorder.count(), 2U);
  EXPECT_EQ(recorder.min(), 5);
  EXPECT_EQ(recorder.mean(), 6.0);
  EXPECT_EQ(recorder.quantile(0.0), 5);
}

TEST(LatencyRecorder, OneHourIsNoOverflow) {
  const LatencyRecorder recorder = recorder_of({kHour});
  EXPECT_EQ(recorder.overflow(), 0U);
  EXPECT_EQ(recorder.counts().back(), 0U);
  EXPECT_EQ(recorder.quantile(0.5), kHour);
}

TEST(LatencyRecorder, PutsMoreThanOneHourIntoTheTopmostBucket) {
  const LatencyRecorder recorder = recorder_of({1, kHour + 1, 10 * kHour});
  EXPECT_EQ(recorder.overflow(), 2U);
  EXPECT_EQ(recorder.count(), 3U);
  EXPECT_EQ(recorder.counts().back(), 2U);
  EXPECT_EQ(recorder.max(), 10 * kHour);
  EXPECT_EQ(recorder.quantile(0.5), LatencyRecorder::kLayout.highest());
  EXPECT_EQ(recorder.quantile(1.0), 10 * kHour);
  EXPECT_EQ(recorder_of({kHour + 1, kHour + 2, kHour + 3}).quantile(0.5), kHour + 3);
}

TEST(LatencyRecorder, MeanDoesNotOverflow) {
  constexpr std::int64_t kHighest = std::numeric_limits<std::int64_t>::max();
  const LatencyRecorder recorder = recorder_of(Latencies(8, kHighest));
  EXPECT_EQ(recorder.mean(), static_cast<double>(kHighest));
}

TEST(LatencyRecorder, MinMaxAndMeanAreExact) {
  const Latencies latencies = spread_latencies(10'000, 1);
  const LatencyRecorder recorder = recorder_of(latencies);
  std::int64_t sum = 0;
  for (const std::int64_t ns : latencies) {
    sum += ns;
  }
  EXPECT_EQ(recorder.min(), std::ranges::min(latencies));
  EXPECT_EQ(recorder.max(), std::ranges::max(latencies));
  EXPECT_EQ(recorder.mean(), static_cast<double>(sum) / 10'000.0);
}

// Quantiles.

TEST(LatencyRecorder, QuantilesAreAtMostOnePercentAboveTheExactOnes) {
  Latencies latencies = spread_latencies(100'000, 2);
  const LatencyRecorder recorder = recorder_of(latencies);
  std::ranges::sort(latencies);
  for (std::size_t rank = 1; rank <= latencies.size(); ++rank) {
    // Half a rank below the next: no rounding can move it.
    const double q = (static_cast<double>(rank) - 0.5) / static_cast<double>(latencies.size());
    const std::int64_t exact = latencies[rank - 1];
    const std::int64_t given = recorder.quantile(q);
    ASSERT_GE(given, exact) << q;
    ASSERT_LE((given - exact) * 128, exact) << q;
  }
}

TEST(LatencyRecorder, OneValueIsEveryQuantile) {
  for (const std::int64_t ns : {std::int64_t{0}, std::int64_t{1}, std::int64_t{1000}, kHour}) {
    const LatencyRecorder recorder = recorder_of({ns});
    for (const double q : {0.0, 1e-9, 0.5, 0.999, 1.0}) {
      EXPECT_EQ(recorder.quantile(q), ns) << q;
    }
  }
}

TEST(LatencyRecorder, QuantilesOutsideZeroToOneAreTheEnds) {
  const LatencyRecorder recorder = recorder_of({1000, 2000, 3000});
  for (const double q : {0.0, -0.0, -1.0, kNaN}) {
    EXPECT_EQ(recorder.quantile(q), 1000) << q;
  }
  for (const double q : {1.0, 1.5, std::numeric_limits<double>::infinity()}) {
    EXPECT_EQ(recorder.quantile(q), 3000) << q;
  }
}

TEST(LatencyRecorder, QuantilesAreTheHighestOfTheirBucketButNeverAboveTheMax) {
  EXPECT_EQ(recorder_of({1000, 1001, 5000}).quantile(0.5), 1003);
  EXPECT_EQ(recorder_of({1000, 1001, 1002}).quantile(0.5), 1002);
}

// 1 to 200 have buckets of their own, so ranks show as values.
TEST(LatencyRecorder, RanksAreRoundedUp) {
  Latencies latencies;
  for (std::int64_t ns = 1; ns <= 200; ++ns) {
    latencies.push_back(ns);
  }
  const LatencyRecorder recorder = recorder_of(latencies);
  EXPECT_EQ(recorder.quantile(0.001), 1);
  EXPECT_EQ(recorder.quantile(0.005), 1);
  EXPECT_EQ(recorder.quantile(0.0051), 2);
  EXPECT_EQ(recorder.quantile(0.501), 101);
  EXPECT_EQ(recorder.quantile(0.999), 200);
}

// k / 100 is rarely a double, and its product with the count is often a hair above k.
TEST(LatencyRecorder, RanksDoNotSlipOverAWholeNumber) {
  for (std::int64_t repeat : {1, 3, 7, 10'000}) {
    LatencyRecorder recorder;
    for (std::int64_t ns = 1; ns <= 100; ++ns) {
      for (std::int64_t i = 0; i < repeat; ++i) {
        recorder.record(ns);
      }
    }
    for (int percent = 1; percent <= 100; ++percent) {
      EXPECT_EQ(recorder.quantile(percent / 100.0), percent) << repeat;
    }
  }
}

// Merging, clearing, copying.

TEST(LatencyRecorder, MergedIsAsIfAllWereRecordedInOne) {
  Latencies left = spread_latencies(1'000, 3);
  left.insert(left.end(), {0, -4, 2 * kHour});
  Latencies right = spread_latencies(2'000, 4);
  right.insert(right.end(), {-1, -2, kHour + 1});
  Latencies both = left;
  both.insert(both.end(), right.begin(), right.end());

  LatencyRecorder merged = recorder_of(left);
  merged.merge(recorder_of(right));
  expect_equal(merged, recorder_of(both));
}

TEST(LatencyRecorder, MergingAnEmptyOneChangesNothing) {
  const LatencyRecorder recorder = recorder_of({100, 2000, 30'000});
  LatencyRecorder into_empty;
  into_empty.merge(recorder);
  expect_equal(into_empty, recorder);

  LatencyRecorder from_empty = recorder;
  from_empty.merge(LatencyRecorder{});
  expect_equal(from_empty, recorder);
}

TEST(LatencyRecorder, CopiesAreIndependentAndMovesKeepAll) {
  const LatencyRecorder original = recorder_of({1, 2, 3});
  LatencyRecorder copy = original;
  copy.record(4);
  EXPECT_EQ(original.count(), 3U);
  const LatencyRecorder moved = std::move(copy);
  expect_equal(moved, recorder_of({1, 2, 3, 4}));
}

// Counts alone.

TEST(LatencyRecorder, FromCountsKeepsCountsAndIsAsExactAsTheBuckets) {
  const LatencyRecorder original = recorder_of({1001, 1002, 5000, 2 * kHour});
  const LatencyRecorder rebuilt = LatencyRecorder::from_counts(original.counts());
  EXPECT_TRUE(std::ranges::equal(rebuilt.counts(), original.counts()));
  EXPECT_EQ(rebuilt.count(), 4U);
  EXPECT_EQ(rebuilt.overflow(), 1U);
  EXPECT_EQ(rebuilt.min(), 1000);
  EXPECT_EQ(rebuilt.max(), LatencyRecorder::kLayout.highest());
}

TEST(LatencyRecorder, FromCountsTakesTheMeanOverBucketMiddles) {
  // 1000 … 1003 has the middle 1002, 5000 … 5023 lies in 4992 … 5023 with the middle 5008.
  EXPECT_EQ(LatencyRecorder::from_counts(recorder_of({1000, 5001}).counts()).mean(), 3005.0);
  EXPECT_EQ(LatencyRecorder::from_counts(LatencyRecorder{}.counts()).mean(), 0.0);
}

TEST(LatencyRecorder, RecordersDoNotShareCacheLines) {
  static_assert(alignof(LatencyRecorder) >= 64);
  static_assert(sizeof(LatencyRecorder) % 64 == 0);
}

}  // namespace
}  // namespace spate
