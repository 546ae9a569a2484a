#include "rounding.h"

#include <cmath>
#include <limits>
#include <string>

namespace spate::bench {
namespace {

// Google Benchmark takes a standard deviation from the difference of two sums of squares, which
// rounding keeps apart where all values are equal.
double largest_rounding(double repetitions) {
  constexpr double kRoundings = 4;  // of each value: its square and its addition, in both sums
  return std::sqrt(kRoundings * repetitions * std::numeric_limits<double>::epsilon());
}

void clear_rounding_of(Json& row, const Json& mean, bool share_of_mean) {
  const double least = largest_rounding(row.at("repetitions").get<double>());
  for (auto& [key, value] : row.items()) {
    if (!value.is_number_float() || !mean.contains(key) || !mean.at(key).is_number()) {
      continue;
    }
    const double unit = share_of_mean ? 1 : std::abs(mean.at(key).get<double>());
    if (std::abs(value.get<double>()) <= least * unit) {
      value = 0;
    }
  }
}

}  // namespace

void clear_rounding(Json& rows, std::size_t first) {
  const Json* mean = nullptr;
  for (std::size_t at = first; at < rows.size(); ++at) {
    const std::string aggregate = rows[at].value("aggregate_name", "");
    if (aggregate == "mean") {
      mean = &rows[at];
    } else if (mean != nullptr && (aggregate == "stddev" || aggregate == "cv")) {
      clear_rounding_of(rows[at], *mean, aggregate == "cv");
    }
  }
}

}  // namespace spate::bench
