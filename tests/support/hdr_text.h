// A writer of HdrHistogram's exchange format that is independent of the library's, and can also
// write what is wrong.
#pragma once

#include <gtest/gtest.h>
#include <zlib.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace spate::testing_support {

using Bytes = std::vector<std::uint8_t>;

inline std::string base64_of(const Bytes& bytes) {
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

inline void append(Bytes& out, std::uint64_t value, int bytes) {
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

inline Bytes compressed(const Bytes& bytes) {
  Bytes out(compressBound(bytes.size()));
  uLongf size = out.size();
  EXPECT_EQ(compress(out.data(), &size, bytes.data(), bytes.size()), Z_OK);
  out.resize(size);
  return out;
}

inline std::string envelope(const Bytes& content, std::int64_t extra_length = 0,
                            std::uint64_t cookie = 0x1c849314) {
  Bytes out;
  append(out, cookie, 4);
  append(out, content.size() + static_cast<std::uint64_t>(extra_length), 4);
  out.insert(out.end(), content.begin(), content.end());
  return base64_of(out);
}

inline std::string text_of(const Payload& payload) { return envelope(compressed(payload.bytes())); }
inline std::string text_of_words(const Bytes& words) { return text_of(Payload{.words = words}); }

}  // namespace spate::testing_support
