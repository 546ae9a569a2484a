#include "compare/json_escape.h"

#include <array>
#include <charconv>
#include <cstdint>
#include <optional>

namespace spate::compare {
namespace {

struct Escape {
  std::size_t length = 0;
  std::uint32_t code_point = 0;
};

// The four digits of "\uXXXX" at the front of `text`.
std::optional<std::uint32_t> hex_unit(std::string_view text) {
  if (text.size() < 6 || !text.starts_with("\\u")) {
    return std::nullopt;
  }
  std::uint32_t unit = 0;
  const char* const begin = text.data() + 2;
  const auto [stop, fault] = std::from_chars(begin, begin + 4, unit, 16);
  return fault == std::errc{} && stop == begin + 4 ? std::optional{unit} : std::nullopt;
}

Escape read_unicode(std::string_view text) {
  const std::optional<std::uint32_t> unit = hex_unit(text);
  if (!unit || (*unit >= 0xdc00 && *unit <= 0xdfff)) {
    return {};
  }
  if (*unit < 0xd800 || *unit > 0xdbff) {
    return {6, *unit};
  }
  const std::optional<std::uint32_t> low = hex_unit(text.substr(6));
  if (!low || *low < 0xdc00 || *low > 0xdfff) {
    return {};
  }
  return {12, 0x10000 + ((*unit - 0xd800) << 10U) + (*low - 0xdc00)};
}

Escape read_escape(std::string_view text) {
  constexpr std::string_view kLetters = "\"\\/bfnrt";
  constexpr std::string_view kMeanings = "\"\\/\b\f\n\r\t";
  const std::size_t letter = text.size() < 2 ? std::string_view::npos : kLetters.find(text[1]);
  if (letter == std::string_view::npos) {
    return read_unicode(text);
  }
  return {2, static_cast<std::uint32_t>(kMeanings[letter])};
}

void append_utf8(std::uint32_t code_point, std::string& out) {
  const auto append = [&out](std::uint32_t byte) { out += static_cast<char>(byte); };
  const auto tail = [&](unsigned shift) { append(0x80U | ((code_point >> shift) & 0x3fU)); };
  if (code_point < 0x80) {
    append(code_point);
  } else if (code_point < 0x800) {
    append(0xc0U | (code_point >> 6U));
    tail(0);
  } else if (code_point < 0x10000) {
    append(0xe0U | (code_point >> 12U));
    tail(6);
    tail(0);
  } else {
    append(0xf0U | (code_point >> 18U));
    tail(12);
    tail(6);
    tail(0);
  }
}

}  // namespace

std::size_t escape_length(std::string_view text) { return read_escape(text).length; }

std::string unescaped(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  while (!text.empty()) {
    const std::size_t plain = std::min(text.find('\\'), text.size());
    result += text.substr(0, plain);
    text.remove_prefix(plain);
    if (text.empty()) {
      break;
    }
    const Escape escape = read_escape(text);
    if (escape.length == 0) {
      result += '\\';
      text.remove_prefix(1);
    } else {
      append_utf8(escape.code_point, result);
      text.remove_prefix(escape.length);
    }
  }
  return result;
}

// The well-formed sequences of the Unicode Standard, table 3-7.
std::size_t utf8_length(std::string_view text) {
  struct Shape {
    unsigned char first_min, first_max, second_min, second_max;
    std::size_t length;
  };
  static constexpr std::array<Shape, 9> kShapes{{
      {0x00, 0x7f, 0x00, 0xff, 1},
      {0xc2, 0xdf, 0x80, 0xbf, 2},
      {0xe0, 0xe0, 0xa0, 0xbf, 3},
      {0xe1, 0xec, 0x80, 0xbf, 3},
      {0xed, 0xed, 0x80, 0x9f, 3},
      {0xee, 0xef, 0x80, 0xbf, 3},
      {0xf0, 0xf0, 0x90, 0xbf, 4},
      {0xf1, 0xf3, 0x80, 0xbf, 4},
      {0xf4, 0xf4, 0x80, 0x8f, 4},
  }};
  const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(text[at]); };
  for (const Shape& shape : kShapes) {
    if (byte(0) < shape.first_min || byte(0) > shape.first_max) {
      continue;
    }
    bool fits = shape.length <= text.size() &&
                (shape.length == 1 || (byte(1) >= shape.second_min && byte(1) <= shape.second_max));
    for (std::size_t at = 2; fits && at < shape.length; ++at) {
      fits = (byte(at) & 0xc0U) == 0x80;
    }
    return fits ? shape.length : 0;
  }
  return 0;
}

}  // namespace spate::compare
