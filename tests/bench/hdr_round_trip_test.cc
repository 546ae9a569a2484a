// What the library writes, the comparison reads: neither knows the other, and both are here.
#include <gtest/gtest.h>

#include <cstdint>
#include <random>
#include <span>
#include <vector>

#include "compare/hdr_histogram.h"
#include "spate/hdr_encoding.h"

namespace spate::bench {
namespace {

LatencyRecorder sample_recorder() {
  std::mt19937_64 random(7);
  LatencyRecorder recorder;
  for (int i = 0; i < 5'000; ++i) {
    recorder.record(static_cast<std::int64_t>(random() % 1'000'000) * (1 + i % 7));
  }
  for (const std::int64_t ns : {std::int64_t{0}, LatencyRecorder::kHighestNs,
                                2 * LatencyRecorder::kHighestNs, std::int64_t{-3}}) {
    recorder.record(ns);
  }
  return recorder;
}

LatencyRecorder recorder_of_counts(const std::vector<std::uint64_t>& counts) {
  return LatencyRecorder::from_counts(
      std::span<const std::uint64_t, LatencyRecorder::kBuckets>(counts));
}

std::vector<compare::HdrBucket> buckets_of(const LatencyRecorder& recorder) {
  constexpr LogLinear kLayout = LatencyRecorder::kLayout;
  std::vector<compare::HdrBucket> buckets;
  for (std::size_t index = 0; index < LatencyRecorder::kBuckets; ++index) {
    if (recorder.counts()[index] > 0) {
      buckets.push_back(
          {kLayout.lowest_at(index), kLayout.highest_at(index), recorder.counts()[index]});
    }
  }
  return buckets;
}

void expect_kept(const LatencyRecorder& original) {
  const compare::HdrHistogram decoded = compare::decode_hdr(encode_hdr(original));
  const auto read = decoded.buckets();
  EXPECT_EQ(std::vector(read.begin(), read.end()), buckets_of(original));
  EXPECT_EQ(decoded.count(), original.count());
}

TEST(HdrRoundTrip, KeepsCounts) {
  const LatencyRecorder original = sample_recorder();
  expect_kept(original);
}

TEST(HdrRoundTrip, KeepsAnEmptyRecorder) { expect_kept(LatencyRecorder{}); }

TEST(HdrRoundTrip, KeepsEveryBucketAlone) {
  for (std::size_t index = 0; index < LatencyRecorder::kBuckets; ++index) {
    std::vector<std::uint64_t> counts(LatencyRecorder::kBuckets);
    counts[index] = index + 1;
    const LatencyRecorder original = recorder_of_counts(counts);
    expect_kept(original);
  }
}

TEST(HdrRoundTrip, KeepsCountsOfEveryWordLength) {
  std::vector<std::uint64_t> counts(LatencyRecorder::kBuckets);
  for (std::size_t bits = 0; bits < 62; ++bits) {
    counts[2 * bits] = std::uint64_t{1} << bits;
  }
  const LatencyRecorder original = recorder_of_counts(counts);
  expect_kept(original);
}

TEST(HdrRoundTrip, KeepsEveryQuantileWhereTheMaximumIsKnown) {
  const LatencyRecorder original = sample_recorder();
  compare::HdrHistogram decoded = compare::decode_hdr(encode_hdr(original));
  decoded.set_max(original.max());
  for (int thousandth = -1; thousandth <= 1001; ++thousandth) {
    const double q = thousandth / 1000.0;
    // What is exact of the first rank the format does not hold.
    EXPECT_EQ(decoded.quantile(q), q > 0 ? original.quantile(q) : 0) << q;
  }
}

}  // namespace
}  // namespace spate::bench
