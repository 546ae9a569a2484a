#include "compare/json_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <utility>

#include "compare/json_escape.h"
#include "compare/json_number.h"

namespace spate::compare {
namespace {

using nlohmann::json;

constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

char lower(char letter) {
  return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
}

bool is_digit(char byte) { return !Digits::ends_at(byte); }

std::string_view name_of(JsonKind kind) {
  switch (kind) {
    case JsonKind::object:
      return "an object";
    case JsonKind::array:
      return "an array";
    case JsonKind::string:
      return "a string";
    case JsonKind::number:
      return "a number";
    case JsonKind::boolean:
      return "true or false";
    case JsonKind::null:
      break;
  }
  return "null";
}

// A byte of the file for a message: it may be anything.
std::string shown(char byte) {
  const bool is_printable = byte > ' ' && byte < '\x7f';
  return is_printable ? fmt::format("'{}'", byte)
                      : fmt::format("the byte 0x{:02x}", static_cast<unsigned char>(byte));
}

// Text in two bytes a character starts with its own mark, or has a zero byte in its first
// character.
bool is_utf16(std::string_view text) {
  return text.starts_with("\xff\xfe") || text.starts_with("\xfe\xff") ||
         (text.size() >= 2 && (text[0] == '\0') != (text[1] == '\0'));
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

JsonKind JsonReader::peek() const {
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
  if (peek() != JsonKind::boolean) {
    reject_kind(JsonKind::boolean);
  }
  const bool value = *at_ == 't';
  pass_word(value ? "true" : "false");
  return value;
}

void JsonReader::read_null() {
  if (peek() != JsonKind::null) {
    reject_kind(JsonKind::null);
  }
  pass_word("null");
}

json JsonReader::read_json() {
  switch (peek()) {
    case JsonKind::object:
      return read_json_object();
    case JsonKind::array: {
      json result = json::array();
      read_array([&] { result.push_back(read_json()); });
      return result;
    }
    case JsonKind::string:
      return read_string();
    case JsonKind::number:
      return read_json_number();
    case JsonKind::boolean:
      return read_boolean();
    case JsonKind::null:
      break;
  }
  read_null();
  return nullptr;
}

json JsonReader::read_json_object() {
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

json JsonReader::read_json_number() {
  const char* const begin = at_;
  const std::string_view number = pass_number();
  if (number.empty()) {
    return nullptr;
  }
  json value = number_to_json(number);
  if (value.is_null()) {
    note(Flaw::beyond_double, begin);
  }
  return value;
}

void JsonReader::skip_other() {
  switch (peek()) {
    case JsonKind::object:
      return read_object([this](std::string_view /*key*/) { skip(); });
    case JsonKind::array:
      return read_array([this] { skip(); });
    case JsonKind::string:
      return void(pass_odd_string());
    case JsonKind::number:
      return void(pass_number());
    case JsonKind::boolean:
      return void(read_boolean());
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
  return std::accumulate(flaw_counts_.begin(), flaw_counts_.end(), std::size_t{0});
}

std::string_view JsonReader::pass_odd_string() {
  const char* const begin = at_ + 1;
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

std::string_view JsonReader::read_odd_string() {
  const std::string_view text = pass_odd_string();
  const bool is_escaped = text.find('\\') != std::string_view::npos;
  return is_escaped ? std::string_view(decoded_.emplace_back(unescaped(text))) : text;
}

std::string_view JsonReader::pass_number() {
  if (peek() != JsonKind::number) {
    reject_kind(JsonKind::number);
  }
  const char* const front = at_ + (*at_ == '-' ? 1 : 0);
  if (front == end_ || is_digit(*front)) {
    return pass_finite_number();
  }
  pass_not_finite();
  return {};
}

// As C's printf and C++'s streams write them, Microsoft's too: NaN(ind), NaN(snan).
void JsonReader::pass_not_finite() {
  const char* at = at_ + (*at_ == '-' ? 1 : 0);
  std::string word;
  constexpr std::string_view kLetters = "adfinsty()";
  constexpr std::size_t kLongest = 9;
  for (; at != end_ && word.size() < kLongest && kLetters.find(lower(*at)) < kLetters.size();
       ++at) {
    word += lower(*at);
  }
  constexpr std::array<std::string_view, 5> kWords{"nan", "inf", "infinity", "nan(ind)",
                                                   "nan(snan)"};
  if (std::find(kWords.begin(), kWords.end(), word) == kWords.end()) {
    const bool is_cut = at == end_ && std::any_of(kWords.begin(), kWords.end(), [&](auto known) {
                          return known.starts_with(word);
                        });
    reject(is_cut ? end_ : at_, "a number");
  }
  note(Flaw::not_finite, at_);
  at_ = at;
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
  const auto index = static_cast<std::size_t>(flaw);
  if (flaw_counts_.at(index)++ < kMaxRepairsOfAKind) {
    repairs_.push_back({static_cast<std::size_t>(at - text_.data()), std::string(kWhat.at(index))});
  }
}

void JsonReader::reject(const char* at, std::string_view expected) const {
  const std::string place = place_of(text_, static_cast<std::size_t>(at - text_.data()));
  if (at == end_) {
    throw Truncated(fmt::format(
        "{} ends too early, at {}; the run that wrote it may have been cut off: run it again",
        path_, place));
  }
  throw Error(fmt::format("{} is not JSON at {}: expected {}, found {}", path_, place, expected,
                          shown(*at)));
}

void JsonReader::reject_kind(JsonKind expected) const {
  const JsonKind found = peek();
  throw Error(fmt::format("{} has {} at {}; expected {}", path_, name_of(found),
                          place_of(text_, offset()), name_of(expected)));
}

void JsonReader::reject_depth() const {
  throw Error(
      fmt::format("{} nests deeper than {} levels; no result file does", path_, kMaxJsonDepth));
}

}  // namespace spate::compare
