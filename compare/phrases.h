// The words and numbers that every report for people uses for the parts of a comparison.
#pragma once

#include <string>
#include <vector>

#include "compare/comparison.h"

namespace spate::compare {

// "+21.3%"; of a proportion, which changes by a difference, "-0.5pt". "-" where there is none.
std::string humane_change(const Metric& metric, std::optional<double> change);

// "+18.2% .. +25.1%"; "-" where there is none.
std::string humane_interval(const MetricResult& result);
std::string humane_interval(const Metric& metric, const std::optional<Interval>& interval);

// "worse", "cannot tell: sees 12.0% or more", "cannot tell: needs 8 runs", "acknowledged: why".
std::string verdict_phrase(const MetricResult& result);

// Which cells a report shows, by their place in the comparison: those in which something got better
// or worse or was acknowledged, and of those with nothing but doubt the first few. The rest is
// counted.
struct ShownCells {
  std::vector<std::size_t> cells;
  std::size_t doubtful_left_out = 0;
};
ShownCells shown_cells(const Comparison& comparison, bool all);

// The cell, and the metric if only that lacks a partner.
std::string unmatched_phrase(const Unmatched& unmatched);

// "spate.digest: base "9f…", new "a0…"", of long values the part where they differ.
std::string difference_phrase(const Difference& difference);

// "all 6 that got worse have chaos:on; of the 8 others 2 have it".
std::string common_phrase(const CommonFactor& factor);

// What a reader must know of how it was judged, a line each: what one value stands for, that the
// sides differ and all is advice, metrics that nobody classified, how many false alarms to expect.
std::vector<std::string> remarks(const Comparison& comparison);

}  // namespace spate::compare
