#include "units.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "spate/error.h"
#include "spate/run_plan.h"

namespace spate::bench {
namespace {

template <class T>
bool parse_whole(std::string_view text, T& value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc{} && end == text.data() + text.size();
}

constexpr std::int64_t kHourNs = 3'600'000'000'000;

struct Unit {
  std::string_view name;
  double ns;
};
constexpr std::array<Unit, 6> kUnits{
    {{"h", 3.6e12}, {"min", 6e10}, {"s", 1e9}, {"ms", 1e6}, {"us", 1e3}, {"ns", 1.0}}};

struct Limits {
  std::int64_t least_ns;
  std::int64_t most_ns;
};

std::int64_t parse_time_ns(std::string_view flag, std::string_view text, std::int64_t bare_unit_ns,
                           const Limits& limits) {
  const std::size_t digits = std::min(text.find_first_not_of("0123456789."), text.size());
  const std::string_view unit_name = text.substr(digits);
  const double unit_ns =
      unit_name.empty() ? static_cast<double>(bare_unit_ns) : ns_per_unit(unit_name);
  double value = 0.0;
  if (unit_ns == 0.0 || !parse_whole(text.substr(0, digits), value) ||
      !(value * unit_ns <= static_cast<double>(limits.most_ns)) ||
      std::llround(value * unit_ns) < limits.least_ns) {
    throw Error(fmt::format(
        "{} '{}': give a duration from {} to {}, in ns, us, ms, s, min or h, such as 10ms or 2s",
        flag, text, limits.least_ns == 0 ? "0" : exact_time(limits.least_ns),
        exact_time(limits.most_ns)));
  }
  return std::llround(value * unit_ns);
}

}  // namespace

std::uint64_t parse_count(std::string_view flag, std::string_view text, std::uint64_t least,
                          std::uint64_t most) {
  std::uint64_t value = 0;
  if (!parse_whole(text, value) || value < least || value > most) {
    throw Error(fmt::format("{} '{}': give a whole number from {} to {}", flag, text, least, most));
  }
  return value;
}

double parse_probability(std::string_view flag, std::string_view text) {
  double value = 0.0;
  if (!parse_whole(text, value) || !(value >= 0.0 && value <= 1.0)) {
    throw Error(fmt::format("{} '{}': give a probability from 0 to 1, such as 0.05", flag, text));
  }
  return value;
}

std::uint32_t parse_factor_thousandths(std::string_view flag, std::string_view text) {
  double value = 0.0;
  if (!parse_whole(text, value) || !(value >= 1.0 && value <= 1000.0)) {
    throw Error(fmt::format("{} '{}': give a number from 1 to 1000, such as 2.5", flag, text));
  }
  return static_cast<std::uint32_t>(std::lround(value * 1000));
}

std::int64_t parse_duration_ns(std::string_view flag, std::string_view text,
                               std::int64_t bare_unit_ns, std::int64_t least_ns) {
  return parse_time_ns(flag, text, bare_unit_ns, {least_ns, kMaxDelayNs});
}

std::int64_t parse_length_ns(std::string_view flag, std::string_view text,
                             std::int64_t bare_unit_ns, std::int64_t least_ns) {
  return parse_time_ns(flag, text, bare_unit_ns, {least_ns, 1000 * kHourNs});
}

std::vector<std::string> parse_list(std::string_view flag, std::string_view text) {
  std::vector<std::string> items;
  std::size_t begin = 0;
  while (begin <= text.size()) {
    const std::size_t end = std::min(text.find(',', begin), text.size());
    std::string item(text.substr(begin, end - begin));
    if (item.empty()) {
      throw Error(fmt::format("{} '{}': an item of the list is empty", flag, text));
    }
    if (std::find(items.begin(), items.end(), item) != items.end()) {
      throw Error(fmt::format("{} '{}': '{}' is there twice; give it once", flag, text, item));
    }
    items.push_back(std::move(item));
    begin = end + 1;
  }
  return items;
}

double ns_per_unit(std::string_view unit) {
  const auto* const found = std::find_if(kUnits.begin(), kUnits.end(),
                                         [&](const Unit& known) { return known.name == unit; });
  return found == kUnits.end() ? 0.0 : found->ns;
}

std::string show_ns(double ns) {
  for (const Unit& unit : kUnits) {
    // From where rounding would show 1000 of the smaller unit.
    if (unit.ns <= 1e9 && ns >= 0.9995 * unit.ns) {
      const double value = ns / unit.ns;
      // Three digits, also where rounding makes one more in front.
      const int decimals = value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2;
      return fmt::format("{:.{}f} {}", value, decimals, unit.name);
    }
  }
  return fmt::format("{:.2f} ns", ns);
}

std::string exact_time(std::int64_t ns) {
  for (const Unit& unit : kUnits) {
    const auto size = static_cast<std::int64_t>(unit.ns);
    if (ns > 0 && ns % size == 0) {
      return fmt::format("{}{}", ns / size, unit.name);
    }
  }
  return "0s";
}

std::string show_count(double count) {
  struct Scale {
    double unit;
    double from;  // where rounding would show too many digits of the smaller unit
    const char* suffix;
  };
  for (const Scale& scale :
       {Scale{1e9, 999.95e6, "G"}, Scale{1e6, 999.95e3, "M"}, Scale{1e3, 9999.5, "k"}}) {
    if (count >= scale.from) {
      const double value = count / scale.unit;
      // As many digits, also where rounding makes one more in front.
      return fmt::format("{:.{}f}{}", value, value >= 99.995 ? 1 : 2, scale.suffix);
    }
  }
  return fmt::format("{:.0f}", count);
}

std::string show_whole(std::uint64_t number) {
  std::string text = std::to_string(number);
  for (std::size_t at = text.size(); at > 3;) {
    at -= 3;
    text.insert(at, 1, ',');
  }
  return text;
}

}  // namespace spate::bench
