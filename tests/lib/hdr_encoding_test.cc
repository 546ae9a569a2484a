#include "spate/hdr_encoding.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <random>
#include <span>
#include <string>
#include <vector>

#include "support/hdr_text.h"

namespace spate {
namespace {

using testing_support::text_of_words;

constexpr std::int64_t kHour = LatencyRecorder::kHighestNs;

LatencyRecorder sample_recorder() {
  std::mt19937_64 random(7);
  LatencyRecorder recorder;
  for (int i = 0; i < 5'000; ++i) {
    recorder.record(static_cast<std::int64_t>(random() % 1'000'000) * (1 + i % 7));
  }
  for (const std::int64_t ns : {std::int64_t{0}, kHour, 2 * kHour, std::int64_t{-3}}) {
    recorder.record(ns);
  }
  return recorder;
}

LatencyRecorder recorder_of_counts(const std::vector<std::uint64_t>& counts) {
  return LatencyRecorder::from_counts(
      std::span<const std::uint64_t, LatencyRecorder::kBuckets>(counts));
}

TEST(HdrEncoding, BeginsLikeEveryHdrHistogramV2Text) {
  EXPECT_TRUE(encode_hdr(sample_recorder()).starts_with("HISTFAAA"));
}

TEST(HdrEncoding, BytesAreWhatTheFormatSays) {
  LatencyRecorder recorder;
  recorder.record(1);
  for (int i = 0; i < 64; ++i) {
    recorder.record(3);
  }
  recorder.record(256);
  // A lone zero, 1, a lone zero, 64 = zigzag 128, 252 zeros = zigzag 503, 1.
  EXPECT_EQ(encode_hdr(recorder), text_of_words({0x00, 0x02, 0x00, 0x80, 0x01, 0xf7, 0x03, 0x02}));
  EXPECT_EQ(encode_hdr(LatencyRecorder{}), text_of_words({0x00}));
}

TEST(HdrEncoding, WritesTheLargestCountInNineBytes) {
  std::vector<std::uint64_t> counts(LatencyRecorder::kBuckets);
  counts[0] = std::numeric_limits<std::int64_t>::max();
  const std::string text = text_of_words({0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff});
  EXPECT_EQ(encode_hdr(recorder_of_counts(counts)), text);
}

// A day at 100,000 a second puts more than 2^32 into one bucket.
TEST(HdrEncoding, WritesCountsBeyond32Bits) {
  std::vector<std::uint64_t> counts(LatencyRecorder::kBuckets);
  counts[1] = (std::uint64_t{1} << 32) + 5;
  counts[2] = 8'640'000'000;
  LatencyRecorder recorder = recorder_of_counts(counts);
  // Zigzag: 2^33 + 10 and 17,280,000,000, 7 bits a byte, the lowest first.
  const std::string text =
      text_of_words({0x00, 0x8a, 0x80, 0x80, 0x80, 0x20, 0x80, 0xc0, 0xdf, 0xaf, 0x40});
  EXPECT_EQ(encode_hdr(recorder), text);
  EXPECT_EQ(recorder.count(), 12'934'967'301U);
  recorder.merge(recorder_of_counts(counts));
  EXPECT_EQ(recorder.counts()[1], (std::uint64_t{1} << 33) + 10);
}

}  // namespace
}  // namespace spate
