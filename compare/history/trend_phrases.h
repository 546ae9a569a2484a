// The words that the reports of a trend for people share.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "compare/history/sparkline.h"
#include "compare/history/trend.h"

namespace spate::compare {

// The day, and the commit where there is one: "a7c838f02908 of 2026-11-29".
std::string point_phrase(const TrendPoint& point);

// "worse +20.4% (+18.2% .. +22.3%) since a7c838f02908 of 2026-11-29"; without the first word.
std::string step_phrase(const Trend& trend, const TrendLine& line, const TrendStep& step);
std::string_view direction_phrase(const TrendStep& step);

// What is to be said beside the lines, one remark each. `all`: all lines are shown.
std::vector<std::string> remarks(const Trend& trend, bool all);

std::string sparkline_of(const TrendLine& line, std::size_t columns, Script script);

// "24 points of 6 results each": of the line that has most.
std::string points_phrase(const TrendSeries& series);

// Whether a report shows it: not all have enough points.
bool is_shown(const TrendLine& line, bool all);
bool is_shown(const TrendSeries& series, bool all);

}  // namespace spate::compare
