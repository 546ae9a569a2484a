#include "compare/hdr_histogram.h"

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
#include <limits>
#include <memory>
#include <string>
#include <utility>

#include "compare/error.h"

namespace spate::compare {
namespace {

using Bytes = std::vector<std::uint8_t>;

// Cookies name the version. The nibble 0x10 says "LEB128 words"; readers ignore it in the envelope,
// where writers set it all the same.
constexpr std::uint32_t kEnvelopeCookie = 0x1c849304;
constexpr std::uint32_t kPayloadCookie = 0x1c849303;
constexpr std::uint32_t kWordNibble = 0x10;
constexpr std::uint32_t kNibbleMask = 0xf0;

constexpr std::size_t kWordBytesMax = 9;
constexpr std::size_t kPayloadBytesMax = std::size_t{1} << 20;

constexpr std::uint64_t kLongMax = std::numeric_limits<std::int64_t>::max();  // Java's long
constexpr std::uint32_t kDigitsMax = 5;
constexpr int kValueBitsMax = 62;

[[noreturn]] void reject(const std::string& what) {
  throw Error("histogram text: " + what +
              "; expected HdrHistogram V2 compressed, in base64; make the file again");
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

// Numbers are big-endian in the headers, ZigZag LEB128-64b9B in the counts. Reads from the front
// and never beyond the end.
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

  // 7 bits a byte, lowest first; a ninth byte has 8, so that 64 bits need no tenth.
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

void expect_within(std::string_view field, std::uint64_t given, std::uint64_t least,
                   std::uint64_t most) {
  if (given < least || given > most) {
    reject(fmt::format("{} is {}, not {} to {}", field, given, least, most));
  }
}

// Octaves of buckets, each cut into 2^sub_bucket_bits equally wide ones; the first two octaves
// share the width 2^unit_bits.
struct Geometry {
  int unit_bits = 0;
  int sub_bucket_bits = 0;
  std::size_t size = 0;  // how many buckets there are

  HdrBucket bucket_at(std::size_t index, std::uint64_t count) const {
    const auto octave = static_cast<int>(index >> sub_bucket_bits);
    const int shift = octave > 0 ? octave - 1 : 0;
    const std::uint64_t scaled = index - (static_cast<std::size_t>(shift) << sub_bucket_bits);
    const int width_bits = unit_bits + shift;
    const std::uint64_t low = scaled << width_bits;
    const std::uint64_t high = low + (std::uint64_t{1} << width_bits) - 1;
    return {static_cast<std::int64_t>(low), static_cast<std::int64_t>(high), count};
  }
};

// Not std::bit_width, whose type differs among libraries.
int bits_of(std::uint64_t value) { return 64 - std::countl_zero(value); }

Geometry geometry_of(const HdrLayout& layout) {
  std::uint64_t resolved = 2;  // up to here each unit has a bucket of its own
  for (std::uint32_t i = 0; i < layout.digits; ++i) {
    resolved *= 10;
  }
  Geometry geometry;
  geometry.unit_bits = bits_of(static_cast<std::uint64_t>(layout.lowest_ns)) - 1;
  geometry.sub_bucket_bits = bits_of(resolved - 1) - 1;
  const int two_octaves_bits = geometry.unit_bits + geometry.sub_bucket_bits + 1;
  if (two_octaves_bits > kValueBitsMax) {
    reject(fmt::format("{} digits above {} ns take {} bits, not at most {}", layout.digits,
                       layout.lowest_ns, two_octaves_bits, kValueBitsMax));
  }
  const int highest_bits = bits_of(static_cast<std::uint64_t>(layout.highest_ns));
  const int octaves = 2 + std::max(0, highest_bits - two_octaves_bits);
  geometry.size = static_cast<std::size_t>(octaves) << geometry.sub_bucket_bits;
  return geometry;
}

HdrLayout read_header(Reader& in) {
  expect("the payload's cookie", in.u32(), kPayloadCookie | kWordNibble);
  const std::uint32_t words_bytes = in.u32();
  expect("the index offset", in.u32(), 0);
  const std::uint32_t digits = in.u32();
  expect_within("the number of significant digits", digits, 0, kDigitsMax);
  const std::uint64_t lowest = in.u64();
  expect_within("the lowest value", lowest, 1, kLongMax / 2);
  const std::uint64_t highest = in.u64();
  expect_within("the highest value", highest, 2 * lowest, kLongMax);
  expect("the conversion ratio", in.u64(), std::bit_cast<std::uint64_t>(1.0));
  expect("the payload's length", words_bytes, in.rest().size());
  return {static_cast<std::int64_t>(lowest), static_cast<std::int64_t>(highest), digits};
}

// Odd words are runs of zeros, even ones are counts.
std::vector<HdrBucket> read_buckets(Reader& in, const Geometry& geometry) {
  std::vector<HdrBucket> buckets;
  std::size_t index = 0;
  std::uint64_t total = 0;
  while (!in.at_end()) {
    const std::uint64_t word = in.word();
    const std::uint64_t half = word >> 1;
    const bool is_zero_run = word % 2 == 1;
    const std::uint64_t passed = is_zero_run ? half + 1 : 1;
    if (passed > geometry.size - index) {
      reject(fmt::format("it has more than {} counts", geometry.size));
    }
    if (!is_zero_run && half > 0) {
      if (half > kLongMax - total) {
        reject(fmt::format("its counts add up to more than {}", kLongMax));
      }
      total += half;
      buckets.push_back(geometry.bucket_at(index, half));
    }
    index += passed;
  }
  return buckets;
}

HdrHistogram decode_payload(std::span<const std::uint8_t> payload) {
  Reader in(payload);
  const HdrLayout layout = read_header(in);
  return {layout, read_buckets(in, geometry_of(layout))};
}

// Of `count` values in ascending order, from 1 on, the quantile q: one step below q before rounding
// up, as HdrHistogram does, since 0.999 is not exactly a double. Precondition: count > 0.
std::uint64_t rank_of(double q, std::uint64_t count) noexcept {
  if (!(q > 0.0)) {
    return 1;
  }
  const double below = std::nextafter(std::min(q, 1.0), 0.0);
  const double rank = std::ceil(below * static_cast<double>(count));
  return std::clamp<std::uint64_t>(static_cast<std::uint64_t>(rank), 1, count);
}

}  // namespace

HdrHistogram::HdrHistogram(HdrLayout layout, std::vector<HdrBucket> buckets)
    : layout_(layout), buckets_(std::move(buckets)) {
  for (const HdrBucket& bucket : buckets_) {
    count_ += bucket.count;
  }
}

std::optional<std::int64_t> HdrHistogram::quantile(double q) const noexcept {
  if (count_ == 0) {
    return std::nullopt;
  }
  const std::uint64_t rank = rank_of(q, count_);
  if (rank == count_ && max_ns_) {
    return max_ns_;  // above the last bucket too
  }
  auto bucket = buckets_.begin();
  for (std::uint64_t seen = bucket->count; seen < rank; seen += bucket->count) {
    ++bucket;
  }
  return std::min(bucket->high_ns, max_ns_.value_or(bucket->high_ns));
}

std::optional<double> HdrHistogram::mean() const noexcept {
  if (count_ == 0) {
    return std::nullopt;
  }
  double sum = 0;
  for (const HdrBucket& bucket : buckets_) {
    sum += static_cast<double>(bucket.middle_ns()) * static_cast<double>(bucket.count);
  }
  return sum / static_cast<double>(count_);
}

HdrHistogram decode_hdr(std::string_view base64) {
  const Bytes bytes = from_base64(base64);
  Reader in(bytes);
  expect("the cookie", in.u32() & ~kNibbleMask, kEnvelopeCookie);
  const std::uint32_t compressed_bytes = in.u32();
  expect("the length of what is compressed", compressed_bytes, in.rest().size());

  const auto payload = std::make_unique_for_overwrite<std::array<std::uint8_t, kPayloadBytesMax>>();
  uLongf payload_bytes = kPayloadBytesMax;
  uLong used_bytes = compressed_bytes;
  const int status = uncompress2(payload->data(), &payload_bytes, in.rest().data(), &used_bytes);
  if (status == Z_BUF_ERROR) {
    reject(fmt::format("it unpacks to more than {} bytes", kPayloadBytesMax));
  }
  if (status != Z_OK) {
    reject(fmt::format("its compressed part is damaged ({})", zError(status)));
  }
  expect("the end of what is compressed", used_bytes, compressed_bytes);
  return decode_payload(std::span(*payload).first(payload_bytes));
}

}  // namespace spate::compare
