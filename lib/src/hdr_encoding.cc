#include "spate/hdr_encoding.h"

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "spate/error.h"

namespace spate {
namespace {

using Bytes = std::vector<std::uint8_t>;

// Cookies name the version. The nibble 0x10 says "LEB128 words"; readers ignore it in the envelope,
// where writers set it all the same.
constexpr std::uint32_t kEnvelopeCookie = 0x1c849304;
constexpr std::uint32_t kPayloadCookie = 0x1c849303;
constexpr std::uint32_t kWordNibble = 0x10;
constexpr std::uint32_t kNibbleMask = 0xf0;

constexpr std::size_t kEnvelopeBytes = 8;  // cookie, length of what is compressed
constexpr std::size_t kHeaderBytes = 40;
constexpr std::size_t kWordBytesMax = 9;
constexpr std::size_t kHistogramBytesMax = kHeaderBytes + LatencyRecorder::kBuckets * kWordBytesMax;

constexpr std::uint32_t kSignificantDigits = 2;
constexpr std::uint64_t kLowestNs = 1;
constexpr std::uint64_t kCountMax = std::numeric_limits<std::int64_t>::max();  // Java's long

[[noreturn]] void reject(const std::string& what) {
  throw Error("histogram text: " + what +
              "; expected HdrHistogram V2 compressed, in base64, with 2 digits for 1 ns to 1 h;"
              " make the file again");
}

// Base64, RFC 4648 section 4: with padding, without line breaks.

constexpr std::string_view kAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::uint8_t kNoDigit = 0xff;

constexpr std::array<std::uint8_t, 256> kDigitOf = [] {
  std::array<std::uint8_t, 256> digits{};
  digits.fill(kNoDigit);
  for (std::size_t i = 0; i < kAlphabet.size(); ++i) {
    digits[static_cast<unsigned char>(kAlphabet[i])] = static_cast<std::uint8_t>(i);
  }
  return digits;
}();

std::string to_base64(std::span<const std::uint8_t> bytes) {
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  for (; !bytes.empty(); bytes = bytes.subspan(std::min<std::size_t>(3, bytes.size()))) {
    const std::size_t taken = std::min<std::size_t>(3, bytes.size());
    std::uint32_t group = 0;
    for (std::size_t i = 0; i < 3; ++i) {
      group = group << 8 | (i < taken ? bytes[i] : 0U);
    }
    for (std::size_t i = 0; i < 4; ++i) {
      text += i <= taken ? kAlphabet[group >> (18 - 6 * i) & 0x3f] : '=';
    }
  }
  return text;
}

std::size_t padding_of(std::string_view text) {
  if (text.empty() || text.size() % 4 != 0) {
    reject(
        fmt::format("base64 of {} characters, which is not a multiple of 4 above 0", text.size()));
  }
  if (!text.ends_with('=')) {
    return 0;
  }
  return text.ends_with("==") ? 2 : 1;
}

Bytes from_base64(std::string_view text) {
  const std::size_t padding = padding_of(text);
  const std::string_view digits = text.substr(0, text.size() - padding);
  Bytes bytes;
  bytes.reserve(text.size() / 4 * 3);
  std::uint32_t pending = 0;
  int pending_bits = 0;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    const auto character = static_cast<unsigned char>(digits[i]);
    if (kDigitOf[character] == kNoDigit) {
      reject(fmt::format("byte 0x{:02x} at position {} is not base64", character, i));
    }
    pending = pending << 6 | kDigitOf[character];
    pending_bits += 6;
    if (pending_bits >= 8) {
      pending_bits -= 8;
      bytes.push_back(static_cast<std::uint8_t>(pending >> pending_bits & 0xff));
    }
  }
  if ((pending & ((1U << pending_bits) - 1)) != 0) {
    reject("base64 whose last character has bits that belong to no byte");
  }
  return bytes;
}

// Numbers: big-endian in the headers, ZigZag LEB128-64b9B in the counts.

void put_u32(Bytes& out, std::uint32_t value) {
  for (int shift = 24; shift >= 0; shift -= 8) {
    out.push_back(static_cast<std::uint8_t>(value >> shift & 0xff));
  }
}

void put_u64(Bytes& out, std::uint64_t value) {
  put_u32(out, static_cast<std::uint32_t>(value >> 32));
  put_u32(out, static_cast<std::uint32_t>(value));
}

// 7 bits a byte, lowest first; a ninth byte takes 8, so that 64 bits need no tenth.
void put_word(Bytes& out, std::uint64_t word) {
  for (std::size_t i = 1; i < kWordBytesMax && word > 0x7f; ++i) {
    out.push_back(static_cast<std::uint8_t>((word & 0x7f) | 0x80));
    word >>= 7;
  }
  out.push_back(static_cast<std::uint8_t>(word));
}

// ZigZag: counts are even, runs of zeros, as negative numbers, are odd.
void put_count(Bytes& out, std::uint64_t count) { put_word(out, count << 1); }
void put_zero_run(Bytes& out, std::uint64_t length) { put_word(out, (length << 1) - 1); }

// Reads from the front and never beyond the end.
class Reader {
 public:
  explicit Reader(std::span<const std::uint8_t> bytes) : rest_(bytes) {}

  bool at_end() const { return rest_.empty(); }
  std::span<const std::uint8_t> rest() const { return rest_; }

  std::uint8_t byte() {
    if (rest_.empty()) {
      reject("it ends in the middle of a number");
    }
    const std::uint8_t first = rest_.front();
    rest_ = rest_.subspan(1);
    return first;
  }

  std::uint32_t u32() {
    std::uint32_t value = 0;
    for (int i = 0; i < 4; ++i) {
      value = value << 8 | byte();
    }
    return value;
  }

  std::uint64_t u64() {
    const std::uint64_t high = u32();
    return high << 32 | u32();
  }

  std::uint64_t word() {
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < kWordBytesMax - 1; ++i) {
      const std::uint8_t next = byte();
      value |= std::uint64_t{next & 0x7fU} << (7 * i);
      if (next <= 0x7f) {
        return value;
      }
    }
    return value | std::uint64_t{byte()} << (7 * (kWordBytesMax - 1));
  }

 private:
  std::span<const std::uint8_t> rest_;
};

void expect(std::string_view field, std::uint64_t given, std::uint64_t expected) {
  if (given != expected) {
    reject(fmt::format("{} is {:#x}, not {:#x}", field, given, expected));
  }
}

// The payload: header, then counts.

Bytes encode_counts(std::span<const std::uint64_t> counts) {
  while (counts.size() > 1 && counts.back() == 0) {
    counts = counts.first(counts.size() - 1);
  }
  Bytes out;
  for (std::size_t i = 0; i < counts.size();) {
    std::size_t end = i;
    while (end < counts.size() && counts[end] == 0) {
      ++end;
    }
    if (end - i > 1) {  // HdrHistogram writes a lone zero as a count
      put_zero_run(out, end - i);
      i = end;
    } else {
      put_count(out, counts[i]);
      ++i;
    }
  }
  return out;
}

Bytes encode_payload(const LatencyRecorder& recorder) {
  const Bytes words = encode_counts(recorder.counts());
  Bytes out;
  out.reserve(kHeaderBytes + words.size());
  put_u32(out, kPayloadCookie | kWordNibble);
  put_u32(out, static_cast<std::uint32_t>(words.size()));
  put_u32(out, 0);  // normalizing index offset: the counts are not shifted
  put_u32(out, kSignificantDigits);
  put_u64(out, kLowestNs);
  put_u64(out, std::uint64_t{LatencyRecorder::kHighestNs});
  put_u64(out, std::bit_cast<std::uint64_t>(1.0));  // conversion ratio: the values are not scaled
  out.insert(out.end(), words.begin(), words.end());
  return out;
}

void read_header(Reader& in) {
  expect("the payload's cookie", in.u32(), kPayloadCookie | kWordNibble);
  const std::uint32_t words_bytes = in.u32();
  expect("the index offset", in.u32(), 0);
  expect("the number of significant digits", in.u32(), kSignificantDigits);
  expect("the lowest value", in.u64(), kLowestNs);
  expect("the highest value", in.u64(), std::uint64_t{LatencyRecorder::kHighestNs});
  expect("the conversion ratio", in.u64(), std::bit_cast<std::uint64_t>(1.0));
  expect("the payload's length", words_bytes, in.rest().size());
}

LatencyRecorder decode_payload(std::span<const std::uint8_t> payload) {
  Reader in(payload);
  read_header(in);
  std::vector<std::uint64_t> counts(LatencyRecorder::kBuckets);
  std::size_t index = 0;
  std::uint64_t total = 0;
  while (!in.at_end()) {
    const std::uint64_t word = in.word();
    const bool is_zero_run = word % 2 == 1;
    const std::uint64_t buckets = is_zero_run ? (word >> 1) + 1 : 1;
    if (buckets > counts.size() - index) {
      reject(fmt::format("it has more than {} counts", counts.size()));
    }
    if (!is_zero_run) {
      counts[index] = word >> 1;
      if (counts[index] > kCountMax - total) {
        reject(fmt::format("its counts add up to more than {}", kCountMax));
      }
      total += counts[index];
    }
    index += buckets;
  }
  return LatencyRecorder::from_counts(
      std::span<const std::uint64_t, LatencyRecorder::kBuckets>(counts));
}

// The envelope: what is compressed, and how long it is.

Bytes inflate_all(std::span<const std::uint8_t> compressed) {
  Bytes payload(kHistogramBytesMax);  // no histogram is longer, so no stream can make us take more
  uLongf payload_bytes = payload.size();
  uLong compressed_bytes = compressed.size();
  const int status =
      uncompress2(payload.data(), &payload_bytes, compressed.data(), &compressed_bytes);
  if (status == Z_BUF_ERROR) {
    reject(fmt::format("it unpacks to more than {} bytes", kHistogramBytesMax));
  }
  if (status != Z_OK) {
    reject(fmt::format("its compressed part is damaged ({})", zError(status)));
  }
  expect("the end of what is compressed", compressed_bytes, compressed.size());
  payload.resize(payload_bytes);
  return payload;
}

}  // namespace

std::string encode_hdr(const LatencyRecorder& recorder) {
  const Bytes payload = encode_payload(recorder);
  Bytes compressed(compressBound(payload.size()));
  uLongf compressed_bytes = compressed.size();
  const int status = compress(compressed.data(), &compressed_bytes, payload.data(), payload.size());
  if (status != Z_OK) {
    throw Error(fmt::format("zlib cannot compress a histogram of {} bytes ({}); free some memory",
                            payload.size(), zError(status)));
  }
  Bytes out;
  out.reserve(kEnvelopeBytes + compressed_bytes);
  put_u32(out, kEnvelopeCookie | kWordNibble);
  put_u32(out, static_cast<std::uint32_t>(compressed_bytes));
  out.insert(out.end(), compressed.data(), compressed.data() + compressed_bytes);
  return to_base64(out);
}

LatencyRecorder decode_hdr(std::string_view base64) {
  const Bytes bytes = from_base64(base64);
  Reader in(bytes);
  expect("the cookie", in.u32() & ~kNibbleMask, kEnvelopeCookie);
  const std::uint32_t compressed_bytes = in.u32();
  expect("the length of what is compressed", compressed_bytes, in.rest().size());
  return decode_payload(inflate_all(in.rest()));
}

}  // namespace spate
