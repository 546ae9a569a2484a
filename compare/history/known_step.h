// Which acknowledgement is about a step.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "compare/history/trend.h"

namespace spate::compare {

// The reason of the first that covers it: all steps of the line, or with `since` the one that is
// there. `points`: the history's.
std::optional<std::string> reason_of(const Settings& settings, std::string_view cell,
                                     const std::vector<TrendPoint>& points, const TrendLine& line,
                                     const Step& step);

}  // namespace spate::compare
