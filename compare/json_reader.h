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
  JsonKind peek();

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

  // Passes over the value, whatever it is, and checks it all the same.
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
    trailing_comma,
    not_finite,
    beyond_double,
    control_character,
    not_utf8,
    odd_escape,
    same_key,
  };
  static constexpr std::size_t kFlaws = 8;

  void skip_space() { at_ = run_end<Space>(at_, end_); }
  char current();  // throws Truncated at the end
  void open(char bracket, char const* expected);
  bool first(char bracket);        // is there an element after the opening bracket?
  bool another(char bracket);      // is there one after an element?
  std::string_view read_key();     // and stands before its value
  std::string_view pass_string();  // what stands between the quotes
  std::string_view pass_odd_string(const char* begin);
  const char* pass_odd_byte(const char* at);
  std::string_view pass_number();  // nothing where it is no finite number
  const char* pass_digits(const char* at);
  void pass_not_finite();
  void pass_word(std::string_view word);

  void note(Flaw flaw, const char* at);
  [[noreturn]] void reject(const char* at, std::string_view expected) const;
  [[noreturn]] void reject_depth() const;

  std::string_view text_;
  std::string path_;
  const char* at_;
  const char* end_;
  int depth_ = 0;
  std::deque<std::string> decoded_;  // addresses must stay
  std::vector<Repair> repairs_;
  std::array<std::size_t, kFlaws> flaws_{};
};

inline char JsonReader::current() {
  if (at_ == end_) [[unlikely]] {
    reject(at_, "more");
  }
  return *at_;
}

inline void JsonReader::open(char bracket, const char* expected) {
  skip_space();
  if (current() != bracket) [[unlikely]] {
    reject(at_, expected);
  }
  if (depth_ == kMaxJsonDepth) [[unlikely]] {
    reject_depth();
  }
  ++depth_;
  ++at_;
}

inline bool JsonReader::first(char bracket) {
  skip_space();
  if (current() != bracket) {
    return true;
  }
  ++at_;
  --depth_;
  return false;
}

inline bool JsonReader::another(char bracket) {
  skip_space();
  const char separator = current();
  ++at_;
  if (separator == ',') [[likely]] {
    const char* const comma = at_ - 1;
    if (first(bracket)) [[likely]] {
      return true;
    }
    note(Flaw::trailing_comma, comma);
    return false;
  }
  if (separator != bracket) [[unlikely]] {
    reject(at_ - 1, bracket == '}' ? "',' or '}'" : "',' or ']'");
  }
  --depth_;
  return false;
}

template <class F>
void JsonReader::read_object(F&& member) {
  open('{', "an object");
  for (bool more = first('}'); more; more = another('}')) {
    member(read_key());
  }
}

template <class F>
void JsonReader::read_array(F&& element) {
  open('[', "an array");
  for (bool more = first(']'); more; more = another(']')) {
    element();
  }
}

inline std::string_view JsonReader::pass_string() {
  if (current() != '"') [[unlikely]] {
    reject(at_, "a string");
  }
  const char* const begin = at_ + 1;
  const char* const stop = run_end<Plain>(begin, end_);
  if (stop == end_ || *stop != '"') [[unlikely]] {
    return pass_odd_string(begin);
  }
  at_ = stop + 1;
  return {begin, static_cast<std::size_t>(stop - begin)};
}

inline std::string_view JsonReader::read_key() {
  const std::string_view key = read_string();
  skip_space();
  if (current() != ':') [[unlikely]] {
    reject(at_, "':'");
  }
  ++at_;
  skip_space();
  return key;
}

inline const char* JsonReader::pass_digits(const char* at) {
  const char* const stop = run_end<Digits>(at, end_);
  if (stop == at) [[unlikely]] {
    reject(at, "a digit");
  }
  return stop;
}

}  // namespace spate::compare
