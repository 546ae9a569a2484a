#include "steady_state.h"

#include <algorithm>
#include <vector>

namespace spate::bench {
namespace {

constexpr double kMatters = 0.5;  // of the median
constexpr double kLonger = 10;    // as many runs

double median_of(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const std::size_t middle = values.size() / 2;
  return values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

}  // namespace

Trend trend_of(std::span<const double> values) {
  Trend trend;
  std::vector<double> slopes;
  for (std::size_t later = 1; later < values.size(); ++later) {
    for (std::size_t earlier = 0; earlier < later; ++earlier) {
      const double rise = values[later] - values[earlier];
      trend.rises += rise > 0 ? 1 : rise < 0 ? -1 : 0;
      slopes.push_back(rise / static_cast<double>(later - earlier));
    }
  }
  trend.slope = median_of(std::move(slopes));
  trend.median = median_of({values.begin(), values.end()});
  return trend;
}

bool builds_up(std::span<const double, kWindows> values, double limit) {
  const Trend trend = trend_of(values);
  const double growth = trend.slope * (kWindows - 1);
  return trend.rises >= kRising && growth >= kMatters * trend.median &&
         trend.median + kLonger * growth > limit;
}

const char* building_up(const std::array<WindowReport, kWindows>& windows, double limit_ns) {
  std::array<double, kWindows> p50{};
  std::array<double, kWindows> p99{};
  for (std::size_t i = 0; i < kWindows; ++i) {
    if (windows[i].delivered == 0) {
      return "";
    }
    p50[i] = static_cast<double>(windows[i].response_p50_ns);
    p99[i] = static_cast<double>(windows[i].response_p99_ns);
  }
  return builds_up(p50, limit_ns) ? "p50" : builds_up(p99, limit_ns) ? "p99" : "";
}

}  // namespace spate::bench
