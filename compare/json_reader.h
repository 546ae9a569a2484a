// Reads JSON value by value, in one pass and without a tree, from text that nobody vouches for:
// what can be repaired is, and noted; what cannot is an Error that names the place.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "compare/byte_scan.h"
#include "compare/error.h"
#include "compare/json_text.h"

namespace spate::compare {

// The text ends within its value. Whatever was read until then was whole.
class Truncated : public Error {
 public:
  using Error::Error;
};

enum class JsonKind : std::uint8_t { object, array, string, number, boolean, null };

struct Repair {
  std::size_t offset = 0;  // in the text
  std::string what;        // what stood there and what was made of it, for people
};

// As many repairs of a kind are kept; a file that was written wrongly is wrong everywhere.
inline constexpr std::size_t kMaxRepairsOfAKind = 3;

// Stands before a value and reads it by the function for its kind, or passes over it by skip().
// Every function throws Truncated or Error, after which the reader is of no more use:
//
//   JsonReader reader(text, path);
//   reader.read_object([&](std::string_view key) {
//     key == "name" ? use(reader.read_string()) : reader.skip();
//   });
//   reader.finish();
//
// Repaired are: NaN, infinity and numbers beyond a double (null), control characters within strings
// and bytes that are not UTF-8 (kept), escapes that JSON lacks (kept as written), a comma after the
// last element, a byte-order mark. Not thread-safe.
class JsonReader {
 public:
  // `text` outlives the reader; `path` names it in messages.
  JsonReader(std::string_view text, std::string path);

  // Of the value at hand. A bare NaN or infinity is a number.
  JsonKind peek() const;

  // Calls member(std::string_view key) before each value of an object, which member must read or
  // skip. Keys come as they stand: the same one may come twice. A key lives as long as the reader.
  template <class F>
  void read_object(F&& member);
  // Calls element() before each value of an array, which element must read or skip.
  template <class F>
  void read_array(F&& element);

  // Into the text where it holds the string as it is, else into memory of the reader.
  std::string_view read_string();
  // Nothing where it is NaN, infinite, or beyond the range of a double.
  std::optional<double> read_number();
  bool read_boolean();
  void read_null();

  // The value as a tree. Of members with one name the last counts, which is a repair too.
  nlohmann::json read_json();

  // Passes over the value, whatever it is, and checks all of it but the range of its numbers.
  void skip();

  // Throws Error unless only white space follows: for after the outermost value.
  void finish();

  // Of the value at hand within member() and element(), of the byte behind it once it is read. So
  // the text of a value lies between the two.
  std::size_t offset() const { return static_cast<std::size_t>(at_ - text_.data()); }

  // In the order in which they were met; at most kMaxRepairsOfAKind of each kind.
  const std::vector<Repair>& repairs() const { return repairs_; }
  std::size_t repair_count() const;  // of all, kept or not

 private:
  enum class Flaw : std::uint8_t {
    byte_order_mark,
    last_comma,
    not_finite,
    beyond_double,
    control_character,
    not_utf8,
    odd_escape,
    same_key,
  };
  static constexpr std::size_t kFlaws = 8;

  void skip_space() { at_ = indentation_.end_of(at_, end_); }
  char current() const;         // throws Truncated at the end
  void open(JsonKind kind);     // passes its bracket
  bool closes(char bracket);    // behind the opening bracket or a comma; passes the closing one
  bool goes_on(char bracket);   // behind an element: is there another one?
  std::string_view read_key();  // and stands before its value

  // Strings as they stand between their quotes. A plain one is its own value; any other is not
  // passed by pass_plain_string().
  std::optional<std::string_view> pass_plain_string();
  std::string_view pass_odd_string();
  const char* pass_odd_byte(const char* at);
  std::string_view read_odd_string();

  std::string_view pass_number();  // empty where it is NaN or infinite
  std::string_view pass_finite_number();
  const char* pass_digits(const char* at) const;
  void pass_not_finite();

  void pass_word(std::string_view word);
  void skip_other();  // than plain strings and finite numbers

  nlohmann::json read_json_object();
  nlohmann::json read_json_number();

  void note(Flaw flaw, const char* at);
  [[noreturn]] void reject(const char* at, std::string_view expected) const;
  [[noreturn]] void reject_kind(JsonKind expected) const;
  [[noreturn]] void reject_depth() const;

  std::string_view text_;
  std::string path_;
  const char* at_;
  const char* end_;
  Indentation indentation_;
  int depth_ = 0;
  std::deque<std::string> decoded_;  // what read_string() has given out, so it must stay in place
  std::vector<Repair> repairs_;
  std::array<std::size_t, kFlaws> flaw_counts_{};
};

// Here stands what a file consists of nearly throughout; the rest is in json_reader.cc.

inline char JsonReader::current() const {
  if (at_ == end_) [[unlikely]] {
    reject(at_, "more");
  }
  return *at_;
}

inline void JsonReader::open(JsonKind kind) {
  if (current() != (kind == JsonKind::object ? '{' : '[')) [[unlikely]] {
    reject_kind(kind);
  }
  if (depth_ == kMaxJsonDepth) [[unlikely]] {
    reject_depth();
  }
  ++depth_;
  ++at_;
}

inline bool JsonReader::closes(char bracket) {
  skip_space();
  if (current() != bracket) {
    return false;
  }
  ++at_;
  --depth_;
  return true;
}

inline bool JsonReader::goes_on(char bracket) {
  if (closes(bracket)) {
    return false;
  }
  if (*at_ != ',') [[unlikely]] {
    reject(at_, bracket == '}' ? "',' or '}'" : "',' or ']'");
  }
  const char* const comma = at_++;
  if (closes(bracket)) [[unlikely]] {
    note(Flaw::last_comma, comma);
    return false;
  }
  return true;
}

template <class F>
void JsonReader::read_object(F&& member) {
  open(JsonKind::object);
  for (bool more = !closes('}'); more; more = goes_on('}')) {
    member(read_key());
  }
}

template <class F>
void JsonReader::read_array(F&& element) {
  open(JsonKind::array);
  for (bool more = !closes(']'); more; more = goes_on(']')) {
    element();
  }
}

inline std::string_view JsonReader::read_key() {
  if (*at_ != '"') [[unlikely]] {
    reject(at_, "a name in quotes");
  }
  const std::string_view key = read_string();
  skip_space();
  if (current() != ':') [[unlikely]] {
    reject(at_, "':'");
  }
  ++at_;
  skip_space();
  return key;
}

inline std::string_view JsonReader::read_string() {
  const std::optional<std::string_view> plain = pass_plain_string();
  return plain ? *plain : read_odd_string();
}

inline std::optional<std::string_view> JsonReader::pass_plain_string() {
  if (current() != '"') [[unlikely]] {
    reject_kind(JsonKind::string);
  }
  const char* const begin = at_ + 1;
  const char* const stop = run_end<Plain>(begin, end_);
  if (stop == end_ || *stop != '"') [[unlikely]] {
    return std::nullopt;
  }
  at_ = stop + 1;
  return std::string_view(begin, static_cast<std::size_t>(stop - begin));
}

inline std::string_view JsonReader::pass_finite_number() {
  const auto is_at = [this](const char* at, char byte) { return at != end_ && *at == byte; };
  const char* at = at_ + (is_at(at_, '-') ? 1 : 0);
  at = is_at(at, '0') ? at + 1 : pass_digits(at);
  if (is_at(at, '.')) {
    at = pass_digits(at + 1);
  }
  if (is_at(at, 'e') || is_at(at, 'E')) {
    ++at;
    at = pass_digits(is_at(at, '+') || is_at(at, '-') ? at + 1 : at);
  }
  const std::string_view number(at_, static_cast<std::size_t>(at - at_));
  at_ = at;
  return number;
}

inline const char* JsonReader::pass_digits(const char* at) const {
  const char* const stop = run_end<Digits>(at, end_);
  if (stop == at) [[unlikely]] {
    reject(at, "a digit");
  }
  return stop;
}

inline void JsonReader::skip() {
  const char front = current();
  if (front == '"' && pass_plain_string()) {
    return;
  }
  if (Digits::ends_at(front)) {
    skip_other();
  } else {
    (void)pass_finite_number();
  }
}

}  // namespace spate::compare
