#include "spate/hdr_encoding.h"

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "spate/error.h"

namespace spate {
namespace {

using Bytes = std::vector<std::uint8_t>;

// Cookies name the version. The nibble 0x10 says "LEB128 words"; it means nothing in the envelope,
// where writers set it all the same.
constexpr std::uint32_t kEnvelopeCookie = 0x1c849304;
constexpr std::uint32_t kPayloadCookie = 0x1c849303;
constexpr std::uint32_t kWordNibble = 0x10;

constexpr std::size_t kEnvelopeBytes = 8;  // cookie, length of what is compressed
constexpr std::size_t kHeaderBytes = 40;
constexpr std::size_t kWordBytesMax = 9;

constexpr std::uint32_t kSignificantDigits = 2;
constexpr std::uint64_t kLowestNs = 1;

// Base64, RFC 4648 section 4: with padding, without line breaks.

constexpr std::string_view kAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

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

}  // namespace spate
