#include "compare/humane.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <span>

namespace spate::compare {
namespace {

using Json = nlohmann::json;

struct Scale {
  double size = 1;
  std::string_view suffix;
};

constexpr std::array<Scale, 4> kTimes{{{1, "ns"}, {1e3, "us"}, {1e6, "ms"}, {1e9, "s"}}};
constexpr std::array<Scale, 4> kRates{{{1, "/s"}, {1e3, "k/s"}, {1e6, "M/s"}, {1e9, "G/s"}}};

// About four digits, since ratios near 1 are what people look for.
std::string digits(double value) {
  const double size = std::abs(value);
  if (size >= 1e5 || (size > 0 && size < 1e-3)) {
    return fmt::format("{:.3g}", value);
  }
  return fmt::format("{:.{}f}", value, size >= 100 ? 1 : size >= 10 ? 2 : 3);
}

// In the largest unit that leaves at least 1.
std::string scaled(double value, std::span<const Scale> scales) {
  std::size_t best = 0;
  while (best + 1 < scales.size() && std::abs(value) >= scales[best + 1].size) {
    ++best;
  }
  return digits(value / scales[best].size) + std::string(scales[best].suffix);
}

// One failure in a million must not read as none.
std::string percent(double share) {
  constexpr double kRoundsToAll = 0.99995;
  if (share >= kRoundsToAll && share < 1) {
    return ">99.99%";
  }
  return digits(share * 100) + "%";
}

}  // namespace

std::string humane(Unit unit, std::optional<double> value) {
  if (!value) {
    return "-";
  }
  switch (unit) {
    case Unit::nanoseconds:
      return scaled(*value, kTimes);
    case Unit::per_second:
      return scaled(*value, kRates);
    case Unit::share:
      return percent(*value);
    case Unit::plain:
      return digits(*value);
  }
  return "-";
}

std::string humane_ratio(std::optional<double> ratio) {
  if (!ratio) {
    return "-";
  }
  const double size = std::abs(*ratio);
  const bool readable = size == 0 || (size >= 0.1 && size < 1000);
  return readable ? fmt::format("{:.2f}x", *ratio) : fmt::format("{:.3g}x", *ratio);
}

std::string dotted(std::string_view pointer) {
  std::string result(pointer.substr(1));
  std::replace(result.begin(), result.end(), '/', '.');
  return result;
}

std::string plural(std::size_t count, std::string_view noun) {
  return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

std::string unquoted(const nlohmann::json& value) {
  return value.is_string() ? value.get<std::string>() : value.dump();
}

std::string valid_utf8(std::string_view text) {
  // As a JSON string and back: the library knows what is valid.
  const nlohmann::json quoted(text);
  return nlohmann::json::parse(quoted.dump(-1, ' ', false, Json::error_handler_t::replace));
}

std::string one_line(std::string_view text) {
  std::string result = valid_utf8(text);
  for (char& c : result) {
    const auto code = static_cast<unsigned char>(c);
    if (code < 0x20 || code == 0x7f) {
      c = '?';
    }
  }
  return result;
}

}  // namespace spate::compare
