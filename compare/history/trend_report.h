// The trend of a history, for people and for programs.
#pragma once

#include <string>

#include "compare/history/sparkline.h"
#include "compare/history/trend.h"
#include "compare/text_report.h"

namespace spate::compare {

// At most 80 columns wide, but for names. `style.all`: also lines with too few points.
std::string trend_text(const Trend& trend, const TextStyle& style, Script script);
std::string trend_markdown(const Trend& trend, bool all);

// All points of all lines, and all steps: what a chart needs.
std::string trend_json(const Trend& trend);

}  // namespace spate::compare
