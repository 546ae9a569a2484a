#include "spate/hdr_encoding.h"

#include <gtest/gtest.h>
#include <zlib.h>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <random>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "spate/error.h"

namespace spate {
namespace {

constexpr std::int64_t kHour = LatencyRecorder::kHighestNs;

// A second writer, independent of the one under test, that can also write what is wrong.

using Bytes = std::vector<std::uint8_t>;

std::string base64_of(const Bytes& bytes) {
  constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  for (std::size_t bit = 0; bit < bytes.size() * 8; bit += 6) {
    std::size_t digit = 0;
    for (std::size_t i = bit; i < bit + 6; ++i) {
      const std::size_t byte = i / 8 < bytes.size() ? bytes[i / 8] : 0U;
      digit = digit * 2 + (byte >> (7 - i % 8)) % 2;
    }
    text += kDigits[digit];
  }
  while (text.size() % 4 != 0) {
    text += '=';
  }
  return text;
}

void append(Bytes& out, std::uint64_t value, int bytes) {
  for (int i = bytes - 1; i >= 0; --i) {
    out.push_back(static_cast<std::uint8_t>(value >> (8 * i) & 0xff));
  }
}

struct Payload {
  Bytes words = {0x00};
  std::uint64_t cookie = 0x1c849313;
  std::int64_t extra_length = 0;
  std::uint64_t offset = 0;
  std::uint64_t digits = 2;
  std::uint64_t lowest = 1;
  std::uint64_t highest = 3'600'000'000'000;
  std::uint64_t ratio = 0x3ff0000000000000;  // 1.0

  Bytes bytes() const {
    Bytes out;
    append(out, cookie, 4);
    append(out, words.size() + static_cast<std::uint64_t>(extra_length), 4);
    append(out, offset, 4);
    append(out, digits, 4);
    append(out, lowest, 8);
    append(out, highest, 8);
    append(out, ratio, 8);
    out.insert(out.end(), words.begin(), words.end());
    return out;
  }
};

Bytes compressed(const Bytes& bytes) {
  Bytes out(compressBound(bytes.size()));
  uLongf size = out.size();
  EXPECT_EQ(compress(out.data(), &size, bytes.data(), bytes.size()), Z_OK);
  out.resize(size);
  return out;
}

std::string envelope(const Bytes& content, std::int64_t extra_length = 0,
                     std::uint64_t cookie = 0x1c849314) {
  Bytes out;
  append(out, cookie, 4);
  append(out, content.size() + static_cast<std::uint64_t>(extra_length), 4);
  out.insert(out.end(), content.begin(), content.end());
  return base64_of(out);
}

std::string text_of(const Payload& payload) { return envelope(compressed(payload.bytes())); }
std::string text_of_words(const Bytes& words) { return text_of(Payload{.words = words}); }

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

void expect_same_counts(const LatencyRecorder& decoded, const LatencyRecorder& original) {
  EXPECT_TRUE(std::ranges::equal(decoded.counts(), original.counts()));
  EXPECT_EQ(decoded.count(), original.count());
  EXPECT_EQ(decoded.overflow(), original.overflow());
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

// Round trips.

TEST(HdrEncoding, RoundTripKeepsCounts) {
  const LatencyRecorder original = sample_recorder();
  expect_same_counts(decode_hdr(encode_hdr(original)), original);
}

TEST(HdrEncoding, RoundTripKeepsAnEmptyRecorder) {
  expect_same_counts(decode_hdr(encode_hdr(LatencyRecorder{})), LatencyRecorder{});
}

TEST(HdrEncoding, RoundTripKeepsEveryBucketAlone) {
  for (std::size_t index = 0; index < LatencyRecorder::kBuckets; ++index) {
    std::vector<std::uint64_t> counts(LatencyRecorder::kBuckets);
    counts[index] = index + 1;
    const LatencyRecorder original = recorder_of_counts(counts);
    expect_same_counts(decode_hdr(encode_hdr(original)), original);
  }
}

TEST(HdrEncoding, RoundTripKeepsCountsOfEveryWordLength) {
  std::vector<std::uint64_t> counts(LatencyRecorder::kBuckets);
  for (std::size_t bits = 0; bits < 62; ++bits) {
    counts[2 * bits] = std::uint64_t{1} << bits;
  }
  const LatencyRecorder original = recorder_of_counts(counts);
  expect_same_counts(decode_hdr(encode_hdr(original)), original);
}

TEST(HdrEncoding, RoundTripKeepsMinMaxAndMeanToTheBucket) {
  LatencyRecorder original;
  original.record(1'000'000);
  original.record(2'000'000);
  const LatencyRecorder decoded = decode_hdr(encode_hdr(original));
  EXPECT_NEAR(static_cast<double>(decoded.min()), 1e6, 1e4);
  EXPECT_NEAR(static_cast<double>(decoded.max()), 2e6, 2e4);
  EXPECT_NEAR(decoded.mean(), 1.5e6, 1.5e4);
  EXPECT_LE(decoded.min(), original.min());
  EXPECT_GE(decoded.max(), original.max());
}

// The bytes.

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

TEST(HdrEncoding, ReadsTheEnvelopeCookieWithAndWithoutItsNibble) {
  const Bytes content = compressed(Payload{}.bytes());
  EXPECT_EQ(decode_hdr(envelope(content, 0, 0x1c849314)).count(), 0U);
  EXPECT_EQ(decode_hdr(envelope(content, 0, 0x1c849304)).count(), 0U);
}

TEST(HdrEncoding, WritesAndReadsTheLargestCountInNineBytes) {
  std::vector<std::uint64_t> counts(LatencyRecorder::kBuckets);
  counts[0] = std::numeric_limits<std::int64_t>::max();
  const std::string text = text_of_words({0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff});
  EXPECT_EQ(encode_hdr(recorder_of_counts(counts)), text);
  expect_same_counts(decode_hdr(text), recorder_of_counts(counts));
}

TEST(HdrEncoding, ReadsARunOfZerosUpToTheLastBucket) {
  // 4608 zeros are zigzag 9215, 4607 are 9213.
  EXPECT_EQ(decode_hdr(text_of_words({0xff, 0x47})).count(), 0U);
  EXPECT_EQ(decode_hdr(text_of_words({0xfd, 0x47, 0x02})).counts().back(), 1U);
}

// Malformed texts.

TEST(HdrEncoding, RejectsTruncationAtEveryByte) {
  const std::string text = encode_hdr(sample_recorder());
  for (std::size_t length = 0; length < text.size(); ++length) {
    EXPECT_NE(error_of(text.substr(0, length)), "") << length;
  }
}

TEST(HdrEncoding, RejectsTruncationOfTheCompressedPartAtEveryByte) {
  const Bytes whole = compressed(Payload{.words = Bytes(300, 0x02)}.bytes());
  for (std::size_t length = 0; length < whole.size(); ++length) {
    const Bytes part(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(length));
    EXPECT_NE(error_of(envelope(part)), "") << length;
  }
}

TEST(HdrEncoding, RejectsTruncationOfThePayloadAtEveryByte) {
  const Bytes whole = Payload{.words = {0x02, 0x80, 0x01}}.bytes();
  for (std::size_t length = 0; length < whole.size(); ++length) {
    const Bytes part(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(length));
    EXPECT_NE(error_of(envelope(compressed(part))), "") << length;
  }
}

// zlib's checksum covers the payload, and we compare every field around it.
TEST(HdrEncoding, RejectsOrReadsTheSameAfterAnyChangedCharacter) {
  const LatencyRecorder original = sample_recorder();
  const std::string text = encode_hdr(original);
  for (std::size_t i = 0; i < text.size(); ++i) {
    for (const char other : {'A', '/', '=', '-', '\n', '\0', '\xff'}) {
      std::string changed = text;
      changed[i] = other;
      if (error_of(changed).empty()) {
        expect_same_counts(decode_hdr(changed), original);
      }
    }
  }
}

TEST(HdrEncoding, SurvivesRandomPayloads) {
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

TEST(HdrEncoding, RejectsWhatIsNotBase64) {
  expect_rejected("", "multiple of 4");
  expect_rejected("HIS", "multiple of 4");
  expect_rejected("HIS-", "0x2d at position 3");
  expect_rejected("H\nST", "0x0a at position 1");
  expect_rejected("HI=T", "0x3d at position 2");
  expect_rejected("A===", "0x3d at position 1");
  expect_rejected("====", "0x3d at position 0");
  expect_rejected("HISTFAAAAB==", "bits that belong to no byte");
  expect_rejected(encode_hdr(LatencyRecorder{}) + " ", "multiple of 4");
}

TEST(HdrEncoding, RejectsAWrongEnvelope) {
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

TEST(HdrEncoding, RejectsADamagedCompressedPart) {
  Bytes content = compressed(Payload{}.bytes());
  content.back() ^= 1;  // the checksum
  expect_rejected(envelope(content), "damaged");
  expect_rejected(envelope(Bytes(50, 0xab)), "damaged");
}

TEST(HdrEncoding, RejectsBytesAfterTheCompressedPart) {
  Bytes content = compressed(Payload{}.bytes());
  content.push_back(0);
  expect_rejected(envelope(content), "the end of what is compressed");
}

TEST(HdrEncoding, RejectsABombWithoutUnpackingIt) {
  expect_rejected(envelope(compressed(Bytes(10'000'000))), "unpacks to more than");
}

TEST(HdrEncoding, RejectsAWrongPayloadHeader) {
  expect_rejected(text_of({.cookie = 0x1c849303}), "the payload's cookie");
  expect_rejected(text_of({.cookie = 0x1c849301}), "the payload's cookie");
  expect_rejected(text_of({.extra_length = 1}), "the payload's length");
  expect_rejected(text_of({.extra_length = -1}), "the payload's length");
  expect_rejected(text_of({.offset = 128}), "the index offset");
  expect_rejected(text_of({.digits = 3}), "the number of significant digits");
  expect_rejected(text_of({.lowest = 1000}), "the lowest value");
  expect_rejected(text_of({.highest = 3'600'000'000}), "the highest value");
  expect_rejected(text_of({.ratio = 0x4000000000000000}), "the conversion ratio");
}

TEST(HdrEncoding, RejectsCountsThatOverflowTheArray) {
  expect_rejected(text_of_words(Bytes(4609, 0x02)), "more than 4608 counts");
  expect_rejected(text_of_words({0xff, 0x47, 0x00}), "more than 4608 counts");
  expect_rejected(text_of_words({0x81, 0x48}), "more than 4608 counts");  // 4609 zeros
  const Bytes longest_run(9, 0xff);                                       // 2^63 zeros
  expect_rejected(text_of_words(longest_run), "more than 4608 counts");
}

TEST(HdrEncoding, RejectsCountsThatAddUpToTooMuch) {
  const Bytes words{0x02, 0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
  expect_rejected(text_of_words(words), "add up to more than");
}

TEST(HdrEncoding, RejectsACountThatIsCutOff) {
  expect_rejected(text_of_words({0x02, 0x80}), "ends in the middle");
  expect_rejected(text_of_words(Bytes(8, 0x80)), "ends in the middle");
}

}  // namespace
}  // namespace spate
