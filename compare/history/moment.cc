#include "compare/history/moment.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <charconv>
#include <chrono>
#include <system_error>

namespace spate::compare {
namespace {

// Takes a number of so many digits from the front.
bool take_digits(std::string_view& text, std::size_t digits, int& number) {
  if (text.size() < digits || text.front() == '-') {
    return false;
  }
  const auto [end, fault] = std::from_chars(text.data(), text.data() + digits, number);
  const bool all = fault == std::errc{} && end == text.data() + digits;
  text.remove_prefix(digits);
  return all;
}

bool take_one_of(std::string_view& text, std::string_view characters) {
  if (text.empty() || characters.find(text.front()) == std::string_view::npos) {
    return false;
  }
  text.remove_prefix(1);
  return true;
}

// "Z", "+01:00", "-0530" or nothing; `text` is all of the rest.
std::optional<std::chrono::minutes> offset_of(std::string_view text) {
  if (text.empty() || text == "Z") {
    return std::chrono::minutes{0};
  }
  const bool west = text.front() == '-';
  int hours = 0;
  int minutes = 0;
  if (!take_one_of(text, "+-") || !take_digits(text, 2, hours)) {
    return std::nullopt;
  }
  (void)take_one_of(text, ":");
  if (!take_digits(text, 2, minutes) || !text.empty() || hours > 23 || minutes > 59) {
    return std::nullopt;
  }
  const std::chrono::minutes offset = std::chrono::hours{hours} + std::chrono::minutes{minutes};
  return west ? -offset : offset;
}

}  // namespace

std::optional<std::string> utc_of(std::string_view date) {
  int year = 0;
  int month = 0;
  int day = 0;
  int hour = 0;
  int minute = 0;
  int second = 0;
  const bool read =
      take_digits(date, 4, year) && take_one_of(date, "-/") && take_digits(date, 2, month) &&
      take_one_of(date, "-/") && take_digits(date, 2, day) && take_one_of(date, "T -") &&
      take_digits(date, 2, hour) && take_one_of(date, ":") && take_digits(date, 2, minute) &&
      take_one_of(date, ":") && take_digits(date, 2, second);
  const std::chrono::year_month_day given(std::chrono::year{year},
                                          std::chrono::month{static_cast<unsigned>(month)},
                                          std::chrono::day{static_cast<unsigned>(day)});
  if (!read || !given.ok() || hour > 23 || minute > 59 || second > 60) {
    return std::nullopt;
  }
  const std::optional<std::chrono::minutes> offset = offset_of(date);
  if (!offset) {
    return std::nullopt;
  }
  const std::chrono::sys_seconds utc = std::chrono::sys_days(given) + std::chrono::hours{hour} +
                                       std::chrono::minutes{minute} + std::chrono::seconds{second} -
                                       *offset;
  return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(utc.time_since_epoch().count()));
}

}  // namespace spate::compare
