#include "compare/json_number.h"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <system_error>

namespace spate::compare {
namespace {

// Of a number that no double can hold: is it too large, rather than too close to zero?
bool is_large(std::string_view number) {
  const std::size_t mark = number.find_first_of("eE");
  std::int64_t exponent = 0;
  if (mark != std::string_view::npos) {
    std::string_view digits = number.substr(mark + 1);
    digits.remove_prefix(digits.front() == '+' ? 1 : 0);
    std::int32_t given = 0;
    const auto [stop, fault] = std::from_chars(digits.data(), digits.data() + digits.size(), given);
    if (fault != std::errc{}) {
      return digits.front() != '-';
    }
    exponent = given;
  }
  const std::string_view mantissa = number.substr(0, mark);
  const std::size_t lead = mantissa.find_first_of("123456789");
  const std::size_t point = std::min(mantissa.find('.'), mantissa.size());
  return static_cast<std::int64_t>(point) - static_cast<std::int64_t>(lead) + exponent > 0;
}

template <class Integer>
std::optional<Integer> to_integer(std::string_view number) {
  Integer value = 0;
  const char* const end = number.data() + number.size();
  const auto [stop, fault] = std::from_chars(number.data(), end, value);
  return fault == std::errc{} && stop == end ? std::optional{value} : std::nullopt;
}

}  // namespace

std::optional<double> to_double(std::string_view number) {
  double value = 0;
  const auto [stop, fault] = std::from_chars(number.data(), number.data() + number.size(), value);
  if (fault == std::errc{}) {
    return value;
  }
  return is_large(number) ? std::nullopt : std::optional{number.front() == '-' ? -0.0 : 0.0};
}

nlohmann::json number_to_json(std::string_view number) {
  if (const auto value = to_integer<std::uint64_t>(number)) {
    return *value;
  }
  if (const auto value = to_integer<std::int64_t>(number)) {
    return *value;
  }
  const std::optional<double> value = to_double(number);
  return value ? nlohmann::json(*value) : nlohmann::json();
}

}  // namespace spate::compare
