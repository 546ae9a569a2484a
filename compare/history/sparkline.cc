#include "compare/history/sparkline.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <string_view>
#include <vector>

#include "compare/metrics.h"

namespace spate::compare {
namespace {

constexpr std::size_t kHeights = 8;
constexpr std::array<std::string_view, kHeights> kBlocks{"\u2581", "\u2582", "\u2583", "\u2584",
                                                         "\u2585", "\u2586", "\u2587", "\u2588"};
constexpr std::array<std::string_view, kHeights> kAscii{"_", ".", ",", "-", "~", "=", "*", "#"};

std::string_view environment(const char* name) {
  const char* const value = std::getenv(name);
  return value == nullptr ? "" : value;
}

// Where a level ends in the columns: the first `levels` of `all` have so many of the values. Each
// has one column at least, and together they have all that there are.
std::size_t column_of(std::size_t values, std::size_t levels, std::size_t all_values,
                      std::size_t all_levels, std::size_t columns) {
  return levels + (values - levels) * (columns - all_levels) / (all_values - all_levels);
}

struct Scale {
  double low = 0;
  double high = 0;
};

Scale scale_of(std::span<const double> values, double least_range) {
  const auto [low, high] = std::minmax_element(values.begin(), values.end());
  const double missing = std::max(0.0, least_range - (*high - *low));
  return {*low - missing / 2, *high + missing / 2};
}

std::size_t height_of(double value, const Scale& scale) {
  const double range = scale.high - scale.low;
  const double part = range > 0 ? (value - scale.low) / range : 0.5;
  return std::min(kHeights - 1, static_cast<std::size_t>(part * static_cast<double>(kHeights)));
}

}  // namespace

Script script_of_locale() {
  for (const char* const name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    std::string value(environment(name));
    if (value.empty()) {
      continue;
    }
    std::transform(value.begin(), value.end(), value.begin(), [](char c) {
      return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    const bool is_utf8 =
        value.find("utf-8") != std::string::npos || value.find("utf8") != std::string::npos;
    return is_utf8 ? Script::blocks : Script::ascii;
  }
  return Script::ascii;
}

std::string sparkline(std::span<const double> values, std::span<const std::size_t> marks,
                      double least_range, std::size_t columns, Script script) {
  if (values.empty()) {
    return "";
  }
  if (2 * marks.size() >= columns) {
    marks = {};
  }
  const Scale scale = scale_of(values, least_range);
  const auto& heights = script == Script::blocks ? kBlocks : kAscii;
  const std::size_t room = columns - marks.size();
  std::vector<std::size_t> ends(marks.begin(), marks.end());
  ends.push_back(values.size());
  std::string result;
  std::size_t begin = 0;
  std::size_t column = 0;
  for (std::size_t level = 0; level < ends.size(); ++level) {
    result += begin == 0 ? "" : "|";
    const std::size_t end = ends[level];
    const std::size_t count = end - begin;
    const std::size_t next =
        values.size() <= room ? end : column_of(end, level + 1, values.size(), ends.size(), room);
    const std::size_t width = next - column;
    for (std::size_t i = 0; i < width; ++i) {
      const auto part =
          values.subspan(begin + count * i / width, count * (i + 1) / width - count * i / width);
      result += heights.at(height_of(*median({part.begin(), part.end()}), scale));
    }
    begin = end;
    column = next;
  }
  return result;
}

}  // namespace spate::compare
