// The scale on which values of a metric are subtracted: times, rates and quantiles by their
// logarithms, so that a ratio is a difference and exchanging two sides mirrors it; proportions as
// they are.
#pragma once

#include <span>
#include <vector>

#include "compare/schema.h"

namespace spate::compare {

bool is_ratio(const Metric& metric);

// From that scale to a change as people read it (0.21: larger by 21 %, of a proportion by 21
// points), and back.
double to_change(const Metric& metric, double difference);
double to_difference(const Metric& metric, double change);

// Whether they can be brought to that scale: of what is below zero there is no ratio.
bool has_scale(const Metric& metric, std::span<const double> values);

// The values on that scale. The logarithm of zero stands below that of any double, so far that what
// was zero and is no longer has changed beyond any effect, and zeros do not differ from each other.
std::vector<double> on_scale(const Metric& metric, std::span<const double> values);

// Whether that change is for the worse; of a metric without a direction none is for the better.
bool is_bad(const Metric& metric, double change);

}  // namespace spate::compare
