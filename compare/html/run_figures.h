// The charts of one cell's runs.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "compare/html/figure.h"
#include "compare/html/run.h"

namespace spate::compare::html {

// The runs of a cell that did not fail, of one side.
struct Side {
  std::string name;  // "base"; empty where there is but one
  std::vector<Run> runs;
};

// As many agents as a chart shows: those with the slowest p99.
inline constexpr std::size_t kMaxAgents = 20;
// As many slices of a time line; where there are more, neighbours are drawn as one.
inline constexpr std::size_t kMaxSlices = 200;

// Of a row's counter, over the runs that have it.
std::optional<double> median_of(const Side& side, std::string_view counter);

// Quantiles of the response times from the histograms, of several runs their median: up to the
// first that is the maximum, and to p99.999 at the most. `name` is the line's.
Line response_line(const Side& side, std::string name);

// The same of each side, and the service times at the quantiles that rows keep of them.
Figure percentile_figure(std::span<const Side> sides);

// p50 and p99 of each side's first run, and what chaos and real faults did to it.
Figure timeline_figure(std::span<const Side> sides);

// p99 and mean of each agent; of several runs the median.
Figure agent_figure(std::span<const Side> sides);

// Of the same agents what share of the deliveries succeeded.
Figure agent_success_figure(std::span<const Side> sides);

}  // namespace spate::compare::html
