// Whether a run was in a steady state: a queue that builds up passes any limit, if only it is given
// the time.
#pragma once

#include <array>
#include <cstddef>
#include <span>

#include "spate/report.h"

namespace spate::bench {

// What a series of values, taken at equal distances, does.
struct Trend {
  // Mann and Kendall's S: of all pairs, those that rise less those that fall. (Mann, "Nonparametric
  // tests against trend", Econometrica 13, 1945; Kendall, "Rank Correlation Methods", 1948.)
  int rises = 0;
  double slope = 0;  // from one value to the next: Sen's, the median of all pairs' (Sen, "Estimates
                     // of the regression coefficient based on Kendall's tau", JASA 63, 1968)
  double median = 0;  // of the values
};
// Of at least two values.
Trend trend_of(std::span<const double> values);

// Of ten values without a trend, S is as high as this in 0.46 % of all cases (of all orders of ten
// values, counted out).
inline constexpr int kRising = 29;

// Whether the windows' values rise, by rank; by half of their median or more within the run; and so
// that ten times as long a run would pass `limit`. (A trend may be certain, and of no matter.)
bool builds_up(std::span<const double, kWindows> values, double limit);

// Which of the windows' response times builds up: "p50" or "p99"; empty where neither does, or a
// window has seen nothing. `limit_ns`: where that begins to matter.
const char* building_up(const std::array<WindowReport, kWindows>& windows, double limit_ns);

}  // namespace spate::bench
