#include "compare/hdr_histogram.h"

#include <gtest/gtest.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "compare/error.h"
#include "support/hdr_text.h"

namespace spate::compare {
namespace {

using testing_support::base64_of;
using testing_support::Bytes;
using testing_support::compressed;
using testing_support::envelope;
using testing_support::Payload;
using testing_support::text_of;
using testing_support::text_of_words;

constexpr std::uint64_t kLongMax = std::numeric_limits<std::int64_t>::max();

// Counts of every length, with runs of zeros between them.
std::string sample_text() {
  Bytes words;
  for (std::uint8_t i = 1; i < 200; ++i) {
    words.insert(words.end(), {static_cast<std::uint8_t>(0x80 | 2 * i), i, 0x03});
  }
  return text_of_words(words);
}

std::vector<HdrBucket> buckets_of(const std::string& text) {
  const HdrHistogram histogram = decode_hdr(text);
  return {histogram.buckets().begin(), histogram.buckets().end()};
}

// The line that decode_hdr throws; empty when it throws none.
std::string error_of(std::string_view text) {
  try {
    decode_hdr(text);
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

void expect_rejected(std::string_view text, std::string_view reason) {
  const std::string line = error_of(text);
  EXPECT_NE(line.find(reason), std::string::npos)
      << "wanted '" << reason << "', got '" << line << "'";
  EXPECT_EQ(line.find('\n'), std::string::npos);
}

// What is read.

TEST(HdrHistogram, ReadsCountsAndRunsOfZeros) {
  // 5 of 0, three zeros, 64 of 4, a lone zero, 1 of 6; 248 zeros, 2 of 255, 1 of 256 and 257.
  const Bytes words{0x0a, 0x05, 0x80, 0x01, 0x00, 0x02, 0xef, 0x03, 0x04, 0x02};
  EXPECT_EQ(
      buckets_of(text_of_words(words)),
      (std::vector<HdrBucket>{{0, 0, 5}, {4, 4, 64}, {6, 6, 1}, {255, 255, 2}, {256, 257, 1}}));
}

TEST(HdrHistogram, ReadsTheEnvelopeCookieWithAndWithoutItsNibble) {
  const Bytes content = compressed(Payload{}.bytes());
  EXPECT_EQ(decode_hdr(envelope(content, 0, 0x1c849314)).count(), 0U);
  EXPECT_EQ(decode_hdr(envelope(content, 0, 0x1c849304)).count(), 0U);
}

TEST(HdrHistogram, ReadsTheLargestCountInNineBytes) {
  const Bytes words{0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
  EXPECT_EQ(decode_hdr(text_of_words(words)).count(), kLongMax);
}

TEST(HdrHistogram, ReadsARunOfZerosUpToTheLastBucket) {
  // 4608 zeros are zigzag 9215, 4607 are 9213.
  EXPECT_EQ(decode_hdr(text_of_words({0xff, 0x47})).count(), 0U);
  constexpr std::int64_t kTop = std::int64_t{1} << 42;
  EXPECT_EQ(buckets_of(text_of_words({0xfd, 0x47, 0x02})),
            (std::vector<HdrBucket>{{kTop - (kTop >> 8), kTop - 1, 1}}));
}

TEST(HdrHistogram, TheLastBucketMayEndWhereTheTypeDoes) {
  // 0 digits: octaves of one bucket. 63 of them cover 63 bits, and zero has one too.
  const std::string text = text_of({.words = {0x7d, 0x02}, .digits = 0, .highest = kLongMax});
  EXPECT_EQ(
      buckets_of(text),
      (std::vector<HdrBucket>{{std::int64_t{1} << 62, static_cast<std::int64_t>(kLongMax), 1}}));
}

TEST(HdrHistogram, TwoOctavesThereAreAlways) {
  // 3 digits take 2048 buckets, also where the highest value needs fewer. Zigzag of as many zeros.
  EXPECT_EQ(error_of(text_of({.words = {0xff, 0x1f}, .digits = 3, .highest = 1000})), "");
  expect_rejected(text_of({.words = {0x81, 0x20}, .digits = 3, .highest = 1000}),
                  "more than 2048 counts");
}

struct Foreign {
  std::string_view text;
  HdrLayout layout;
  std::uint64_t count;
  double mean;
  std::array<std::int64_t, 4> quantiles;  // 0.25, 0.5, 0.9, 1
};

// hdr-histogram-js 3.0.1 wrote these and reads these numbers from them; only the index offset and
// the conversion ratio, where it puts integers 1 that it does not mean, are set right. They are of
// 3 x 1000, 2 x 5000, 4 x 123,456, 7,654,321 and 99,999,999; the last of 1, 2 x 999 and 1000.
TEST(HdrHistogram, ReadsWhatOthersWriteInEveryLayout) {
  const std::vector<Foreign> all{
      {"HISTFAAAAC14nJNpmSzMwMDAywABjAia2c1gxwIG+w8QgbuMbK4skxk5djMyFTIBAJ/TB1A=",
       {1, 3'600'000'000'000, 1},
       11,
       9710192,
       {1'023, 126'975, 7'864'319, 100'663'295}},
      {"HISTFAAAADJ4nJNpmSzMwMDAzwABTFCakYGB2c1gxwIG+w8Qgc/sbAdZWJZzcrzlZlrOzgQAt8QIhA==",
       {1, 3'600'000'000'000, 2},
       11,
       9821436.909090908,
       {1'003, 123'903, 7'667'711, 100'139'007}},
      {"HISTFAAAADV4nJNpmSzMwMAgxAABLFCakYGB2c1gxwIG+w8QgfP8bHvtWHqnsHN8/sDNtHgVOxMA3mwKtw==",
       {1, 3'600'000'000'000, 4},
       11,
       9832990.545454545,
       {1'000, 123'459, 7'654'399, 100'003'839}},
      {"HISTFAAAADV4nJNpmSzMwMAgxAABrFCakYGB2c1gxwIG+w8QgfP8bHvtWN7u4uPYPiGOafElKyYA408LVw==",
       {1, 3'600'000'000'000, 5},
       11,
       9832831.272727273,
       {1'000, 123'456, 7'654'335, 100'000'255}},
      {"HISTFAAAACx4nJNpmSzMwMDAywABzFDqBYi8NnkJg/0HqAwbL8tZZo7NnkznrZgAuogIdg==",
       {1'000, 3'600'000'000, 3},
       11,
       9830469.818181818,
       {1'023, 123'903, 7'655'423, 100'007'935}},
      {"HISTFAAAACx4nJNpmSzMwMDAwwABTBCK9Q6Y/PqQwf4DRISNleUpI8d9bqbl7EwArXAH2Q==",
       {1'500, 100'000'000, 2},
       11,
       9821137.454545455,
       {1'023, 123'903, 7'667'711, 100'139'007}},
      {"HISTFAAAACJ4nJNpmSzMwMDAxgABzFCaEcp9Yf8BKsJ0kp+FCQBbDARL",
       {1, 1'000, 3},
       4,
       749.75,
       {1, 999, 1'000, 1'000}}};
  for (const Foreign& foreign : all) {
    SCOPED_TRACE(foreign.text);
    const HdrHistogram read = decode_hdr(foreign.text);
    EXPECT_EQ(read.layout(), foreign.layout);
    EXPECT_EQ(read.count(), foreign.count);
    EXPECT_DOUBLE_EQ(read.mean().value_or(0), foreign.mean);
    EXPECT_EQ(foreign.quantiles, (std::array{*read.quantile(0.25), *read.quantile(0.5),
                                             *read.quantile(0.9), *read.quantile(1)}));
  }
}

// Quantiles.

HdrHistogram thousand(std::uint64_t last_count = 1) {
  return {{}, {{10, 19, 500}, {20, 39, 499}, {40, 79, last_count}}};
}

TEST(HdrHistogram, AQuantileIsTheHighestValueOfTheBucketOfItsRank) {
  const HdrHistogram histogram = thousand();
  EXPECT_EQ(histogram.quantile(0.5), 19);
  EXPECT_EQ(histogram.quantile(0.5001), 39);
  EXPECT_EQ(histogram.quantile(0.999), 39);
  EXPECT_EQ(histogram.quantile(0.9991), 79);
  EXPECT_EQ(histogram.quantile(1), 79);
  EXPECT_EQ(histogram.quantile(7), 79);
  EXPECT_EQ(histogram.quantile(0), 19);
  EXPECT_EQ(histogram.quantile(std::numeric_limits<double>::quiet_NaN()), 19);
}

TEST(HdrHistogram, ARankIsNotOneMoreForWhatADoubleCannotHold) {
  ASSERT_GT(0.07 * 100, 7);  // in doubles
  EXPECT_EQ(HdrHistogram({}, {{1, 1, 7}, {2, 2, 93}}).quantile(0.07), 1);
}

TEST(HdrHistogram, NoQuantileIsAboveAKnownMaximum) {
  HdrHistogram histogram = thousand(10);
  histogram.set_max(50);
  EXPECT_EQ(histogram.quantile(1), 50);
  EXPECT_EQ(histogram.quantile(0.995), 50);
  EXPECT_EQ(histogram.quantile(0.5), 39);
}

TEST(HdrHistogram, OnlyTheLastRankIsAMaximumAboveTheLastBucket) {
  HdrHistogram histogram = thousand(10);
  histogram.set_max(1000);
  EXPECT_EQ(histogram.quantile(1), 1000);
  EXPECT_EQ(histogram.quantile(0.999), 79);
}

TEST(HdrHistogram, TheMeanIsOverTheMiddlesOfTheBuckets) {
  EXPECT_DOUBLE_EQ(*thousand().mean(), (15 * 500 + 30 * 499 + 60) / 1000.0);
}

TEST(HdrHistogram, AnEmptyOneHasNeitherQuantilesNorAMean) {
  HdrHistogram empty({}, {});
  empty.set_max(0);
  EXPECT_EQ(empty.quantile(0.5), std::nullopt);
  EXPECT_EQ(empty.mean(), std::nullopt);
}

// Malformed texts.

TEST(HdrHistogram, RejectsTruncationAtEveryByte) {
  const std::string text = sample_text();
  for (std::size_t length = 0; length < text.size(); ++length) {
    EXPECT_NE(error_of(text.substr(0, length)), "") << length;
  }
}

TEST(HdrHistogram, RejectsTruncationOfTheCompressedPartAtEveryByte) {
  const Bytes whole = compressed(Payload{.words = Bytes(300, 0x02)}.bytes());
  for (std::size_t length = 0; length < whole.size(); ++length) {
    const Bytes part(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(length));
    EXPECT_NE(error_of(envelope(part)), "") << length;
  }
}

TEST(HdrHistogram, RejectsTruncationOfThePayloadAtEveryByte) {
  const Bytes whole = Payload{.words = {0x02, 0x80, 0x01}}.bytes();
  for (std::size_t length = 0; length < whole.size(); ++length) {
    const Bytes part(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(length));
    EXPECT_NE(error_of(envelope(compressed(part))), "") << length;
  }
}

// zlib's checksum covers the payload, and we compare every field around it.
TEST(HdrHistogram, RejectsOrReadsTheSameAfterAnyChangedCharacter) {
  const std::string text = sample_text();
  const std::vector<HdrBucket> original = buckets_of(text);
  for (std::size_t i = 0; i < text.size(); ++i) {
    for (const char other : {'A', '/', '=', '-', '\n', '\0', '\xff'}) {
      std::string changed = text;
      changed[i] = other;
      if (error_of(changed).empty()) {
        EXPECT_EQ(buckets_of(changed), original);
      }
    }
  }
}

TEST(HdrHistogram, SurvivesRandomPayloads) {
  std::mt19937_64 random(11);
  for (int round = 0; round < 5'000; ++round) {
    Bytes words(random() % 40);
    for (std::uint8_t& byte : words) {
      byte = static_cast<std::uint8_t>(random());
    }
    const std::string line = error_of(text_of_words(words));  // read or rejected, never a crash
    EXPECT_EQ(line.find('\n'), std::string::npos);
  }
}

TEST(HdrHistogram, RejectsWhatIsNotBase64) {
  expect_rejected("", "multiple of 4");
  expect_rejected("HIS", "multiple of 4");
  expect_rejected("HIS-", "0x2d at position 3");
  expect_rejected("H\nST", "0x0a at position 1");
  expect_rejected("HI=T", "0x3d at position 2");
  expect_rejected("A===", "0x3d at position 1");
  expect_rejected("====", "0x3d at position 0");
  expect_rejected("HISTFAAAAB==", "bits that belong to no byte");
  expect_rejected(text_of_words({0x00}) + " ", "multiple of 4");
}

TEST(HdrHistogram, RejectsAWrongEnvelope) {
  const Bytes content = compressed(Payload{}.bytes());
  expect_rejected(envelope(content, 0, 0x1c849303), "the cookie");
  expect_rejected(envelope(content, 0, 0x1c849302), "the cookie");
  expect_rejected(envelope(content, 1), "the length of what is compressed");
  expect_rejected(envelope(content, -1), "the length of what is compressed");
  expect_rejected(envelope(content, 0xf0000000), "the length of what is compressed");
  expect_rejected(base64_of({0x1c, 0x84}), "ends in the middle");
  expect_rejected(base64_of({0x1c, 0x84, 0x93, 0x14}), "ends in the middle");
  expect_rejected(envelope({}), "damaged");
}

TEST(HdrHistogram, RejectsADamagedCompressedPart) {
  Bytes content = compressed(Payload{}.bytes());
  content.back() ^= 1;  // the checksum
  expect_rejected(envelope(content), "damaged");
  expect_rejected(envelope(Bytes(50, 0xab)), "damaged");
}

TEST(HdrHistogram, RejectsBytesAfterTheCompressedPart) {
  Bytes content = compressed(Payload{}.bytes());
  content.push_back(0);
  expect_rejected(envelope(content), "the end of what is compressed");
}

TEST(HdrHistogram, RejectsABombWithoutUnpackingIt) {
  expect_rejected(envelope(compressed(Bytes(10'000'000))), "unpacks to more than");
}

TEST(HdrHistogram, RejectsAWrongPayloadHeader) {
  expect_rejected(text_of({.cookie = 0x1c849303}), "the payload's cookie");
  expect_rejected(text_of({.cookie = 0x1c849301}), "the payload's cookie");
  expect_rejected(text_of({.extra_length = 1}), "the payload's length");
  expect_rejected(text_of({.extra_length = -1}), "the payload's length");
  expect_rejected(text_of({.offset = 128}), "the index offset");
  expect_rejected(text_of({.digits = 6}), "the number of significant digits is 6, not 0 to 5");
  expect_rejected(text_of({.lowest = 0}), "the lowest value is 0, not 1 to");
  expect_rejected(text_of({.lowest = kLongMax}), "the lowest value");
  expect_rejected(text_of({.lowest = 1000, .highest = 1999}),
                  "the highest value is 1999, not 2000 to");
  expect_rejected(text_of({.highest = kLongMax + 1}), "the highest value");
  expect_rejected(text_of({.ratio = 0x4000000000000000}), "the conversion ratio");
}

TEST(HdrHistogram, RejectsDigitsThatDoNotFitBehindTheLowestValue) {
  // A unit of 2^45, of which 5 digits take 18 bits: 63. A unit of 2^44 still goes.
  constexpr std::uint64_t kUnit = std::uint64_t{1} << 45;
  expect_rejected(text_of({.digits = 5, .lowest = kUnit, .highest = kLongMax}),
                  "5 digits above 35184372088832 ns take 63 bits, not at most 62");
  EXPECT_EQ(error_of(text_of({.digits = 5, .lowest = kUnit / 2, .highest = kLongMax})), "");
}

TEST(HdrHistogram, RejectsCountsThatOverflowTheArray) {
  expect_rejected(text_of_words(Bytes(4609, 0x02)), "more than 4608 counts");
  expect_rejected(text_of_words({0xff, 0x47, 0x00}), "more than 4608 counts");
  expect_rejected(text_of_words({0x81, 0x48}), "more than 4608 counts");  // 4609 zeros
  const Bytes longest_run(9, 0xff);                                       // 2^63 zeros
  expect_rejected(text_of_words(longest_run), "more than 4608 counts");
}

TEST(HdrHistogram, RejectsCountsThatAddUpToTooMuch) {
  const Bytes words{0x02, 0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
  expect_rejected(text_of_words(words), "add up to more than");
}

TEST(HdrHistogram, RejectsACountThatIsCutOff) {
  expect_rejected(text_of_words({0x02, 0x80}), "ends in the middle");
  expect_rejected(text_of_words(Bytes(8, 0x80)), "ends in the middle");
}

}  // namespace
}  // namespace spate::compare
