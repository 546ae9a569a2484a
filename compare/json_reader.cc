#include "compare/json_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <numeric>
#include <system_error>
#include <utility>

#include "compare/json_escape.h"

namespace spate::compare {
namespace {

using nlohmann::json;

constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

char lower(char letter) {
  return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
}

bool is_digit(char byte) { return !Digits::ends_at(byte); }

// Text in two bytes a character starts with its own mark, or has a zero byte in its first
// character.
bool is_utf16(std::string_view text) {
  return text.starts_with("\xff\xfe") || text.starts_with("\xfe\xff") ||
         (text.size() >= 2 && (text[0] == '\0') != (text[1] == '\0'));
}

// A number that from_chars finds beyond a double is either too large or too small for one.
bool is_large(std::string_view number) {
  const std::size_t mark = std::min(number.find_first_of("eE"), number.size());
  const std::size_t whole = std::min(number.substr(0, mark).find('.'), mark);
  // 0 for 0.x, x and 0.0x alike: only the exponent decides where the digits are that few.
  const std::size_t lead = number.find_first_of("123456789");
  if (lead >= mark) {
    return false;
  }
  long exponent = lead < whole ? static_cast<long>(whole - lead) : -static_cast<long>(lead - whole);
  if (mark < number.size()) {
    const bool negative = number[mark + 1] == '-';
    const std::size_t digits = number.find_first_of("0123456789", mark);
    const char* const end = number.data() + number.size();
    constexpr long kBeyondAnyText = 1'000'000'000'000;
    long given = kBeyondAnyText;
    (void)std::from_chars(number.data() + digits, end, given);
    exponent += negative ? -given : given;
  }
  return exponent > 0;
}

std::optional<double> to_double(std::string_view number) {
  double value = 0;
  const auto [stop, fault] = std::from_chars(number.data(), number.data() + number.size(), value);
  if (fault == std::errc{}) {
    return value;
  }
  if (is_large(number)) {
    return std::nullopt;
  }
  return number.front() == '-' ? -0.0 : 0.0;
}

template <class Integer>
std::optional<Integer> to_integer(std::string_view number) {
  Integer value = 0;
  const char* const end = number.data() + number.size();
  const auto [stop, fault] = std::from_chars(number.data(), end, value);
  return fault == std::errc{} && stop == end ? std::optional{value} : std::nullopt;
}

// Integers stay integers as far as 64 bits go.
json to_json(std::string_view number) {
  if (const auto value = to_integer<std::uint64_t>(number)) {
    return *value;
  }
  if (const auto value = to_integer<std::int64_t>(number)) {
    return *value;
  }
  const std::optional<double> value = to_double(number);
  return value ? json(*value) : json();
}

}  // namespace

JsonReader::JsonReader(std::string_view text, std::string path)
    : text_(text), path_(std::move(path)), at_(text.data()), end_(text.data() + text.size()) {
  if (is_utf16(text)) {
    throw Error(fmt::format("{} is UTF-16; expected a result file in UTF-8: convert it", path_));
  }
  if (text.starts_with(kByteOrderMark)) {
    note(Flaw::byte_order_mark, at_);
    at_ += kByteOrderMark.size();
  }
  skip_space();
  if (at_ == end_) {
    throw Error(fmt::format(
        "{} is empty; expected a Google Benchmark result file, written to its end", path_));
  }
}

JsonKind JsonReader::peek() {
  switch (current()) {
    case '{':
      return JsonKind::object;
    case '[':
      return JsonKind::array;
    case '"':
      return JsonKind::string;
    case 't':
    case 'f':
      return JsonKind::boolean;
    case 'n':
      // "nan" starts like "null".
      return end_ - at_ > 1 && lower(at_[1]) == 'a' ? JsonKind::number : JsonKind::null;
    case '-':
    case 'N':
    case 'i':
    case 'I':
      return JsonKind::number;
    default:
      if (is_digit(*at_)) {
        return JsonKind::number;
      }
      reject(at_, "a value");
  }
}

std::string_view JsonReader::read_string() {
  const std::string_view text = pass_string();
  if (text.find('\\') == std::string_view::npos) {
    return text;
  }
  return decoded_.emplace_back(unescaped(text));
}

std::optional<double> JsonReader::read_number() {
  const char* const begin = at_;
  const std::string_view number = pass_number();
  if (number.empty()) {
    return std::nullopt;
  }
  const std::optional<double> value = to_double(number);
  if (!value) {
    note(Flaw::beyond_double, begin);
  }
  return value;
}

bool JsonReader::read_boolean() {
  const bool value = current() == 't';
  pass_word(value ? "true" : "false");
  return value;
}

void JsonReader::read_null() { pass_word("null"); }

json JsonReader::read_json() {
  switch (peek()) {
    case JsonKind::object: {
      json result = json::object();
      read_object([&](std::string_view key) {
        const char* const begin = at_;
        json value = read_json();
        const auto [member, is_new] = result.emplace(key, nullptr);
        if (!is_new) {
          note(Flaw::same_key, begin);
        }
        *member = std::move(value);
      });
      return result;
    }
    case JsonKind::array: {
      json result = json::array();
      read_array([&] { result.push_back(read_json()); });
      return result;
    }
    case JsonKind::string:
      return read_string();
    case JsonKind::number: {
      const char* const begin = at_;
      const std::string_view number = pass_number();
      json value = number.empty() ? json() : to_json(number);
      if (!number.empty() && value.is_null()) {
        note(Flaw::beyond_double, begin);
      }
      return value;
    }
    case JsonKind::boolean:
      return read_boolean();
    case JsonKind::null:
      read_null();
      return nullptr;
  }
  std::abort();  // all kinds are above
}

void JsonReader::skip() {
  switch (peek()) {
    case JsonKind::object:
      return read_object([this](std::string_view /*key*/) { skip(); });
    case JsonKind::array:
      return read_array([this] { skip(); });
    case JsonKind::string:
      (void)pass_string();
      return;
    case JsonKind::number:
      (void)pass_number();
      return;
    case JsonKind::boolean:
      (void)read_boolean();
      return;
    case JsonKind::null:
      return read_null();
  }
}

void JsonReader::finish() {
  skip_space();
  if (at_ != end_) {
    reject(at_, "nothing more");
  }
}

std::size_t JsonReader::repair_count() const {
  return std::accumulate(flaws_.begin(), flaws_.end(), std::size_t{0});
}

std::string_view JsonReader::pass_odd_string(const char* begin) {
  const char* at = begin;
  for (;; at = run_end<Plain>(at, end_)) {
    if (at == end_) {
      reject(at, "a closing quote");
    }
    if (*at == '"') {
      break;
    }
    at = pass_odd_byte(at);
  }
  at_ = at + 1;
  return {begin, static_cast<std::size_t>(at - begin)};
}

// Passes over one byte of a string that is not plain, with what belongs to it.
const char* JsonReader::pass_odd_byte(const char* at) {
  const std::string_view rest(at, static_cast<std::size_t>(end_ - at));
  if (*at == '\0') {
    reject(at, "no zero byte");
  }
  const bool escapes = *at == '\\';
  const bool ascii = static_cast<signed char>(*at) >= 0;
  if (ascii && !escapes) {
    if (*at < 0x20) {
      note(Flaw::control_character, at);
    }
    return at + 1;
  }
  const std::size_t length = escapes ? escape_length(rest) : utf8_length(rest);
  if (length == 0) {
    note(escapes ? Flaw::odd_escape : Flaw::not_utf8, at);
  }
  return at + std::max<std::size_t>(length, 1);
}

std::string_view JsonReader::pass_number() {
  const char* const begin = at_;
  const char* at = begin + (current() == '-' ? 1 : 0);
  if (at != end_ && !is_digit(*at)) {
    pass_not_finite();
    return {};
  }
  at = at != end_ && *at == '0' ? at + 1 : pass_digits(at);
  if (at != end_ && *at == '.') {
    at = pass_digits(at + 1);
  }
  if (at != end_ && (*at == 'e' || *at == 'E')) {
    ++at;
    at = pass_digits(at != end_ && (*at == '+' || *at == '-') ? at + 1 : at);
  }
  at_ = at;
  return {begin, static_cast<std::size_t>(at - begin)};
}

// As C's printf and C++'s streams write them, and Microsoft's with "(ind)" or "(snan)" behind NaN.
void JsonReader::pass_not_finite() {
  const char* const begin = at_;
  std::string word;
  for (const char* at = begin + (*begin == '-' ? 1 : 0); at != end_ && word.size() < 10; ++at) {
    word += lower(*at);
  }
  for (const std::string_view known : {"nan(snan)", "nan(ind)", "nan", "infinity", "inf"}) {
    if (word.starts_with(known)) {
      at_ = begin + (*begin == '-' ? 1 : 0) + known.size();
      note(Flaw::not_finite, begin);
      return;
    }
  }
  reject(begin, "a number");
}

void JsonReader::pass_word(std::string_view word) {
  const std::string_view rest(at_, static_cast<std::size_t>(end_ - at_));
  if (!rest.starts_with(word)) {
    reject(word.starts_with(rest) ? end_ : at_, word);
  }
  at_ += word.size();
}

void JsonReader::note(Flaw flaw, const char* at) {
  static constexpr std::array<std::string_view, kFlaws> kWhat{
      "a byte-order mark, passed over",
      "a comma behind the last element, passed over",
      "NaN or infinity, which JSON lacks: read as null",
      "a number beyond the range of a double: read as null",
      "a control character within a string, kept",
      "a byte that is not UTF-8, kept",
      "an escape that JSON lacks, kept as written",
      "a second value of one name, of which the last counts",
  };
  std::size_t& count = flaws_.at(static_cast<std::size_t>(flaw));
  if (count++ < kMaxRepairsOfAKind) {
    repairs_.push_back({static_cast<std::size_t>(at - text_.data()),
                        std::string(kWhat.at(static_cast<std::size_t>(flaw)))});
  }
}

void JsonReader::reject(const char* at, std::string_view expected) const {
  const auto offset = static_cast<std::size_t>(at - text_.data());
  const std::string place = place_of(text_, offset);
  if (at == end_) {
    throw Truncated(
        fmt::format("{} ends too early, at {}: expected {}; the run that wrote it may have been "
                    "cut off: run it again",
                    path_, place, expected));
  }
  throw Error(fmt::format("{} is not JSON at {}: expected {}", path_, place, expected));
}

void JsonReader::reject_depth() const {
  throw Error(
      fmt::format("{} nests deeper than {} levels; no result file does", path_, kMaxJsonDepth));
}

}  // namespace spate::compare
