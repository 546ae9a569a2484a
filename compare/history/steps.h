// Steps of a metric from one level to the next, as large as matters.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "compare/schema.h"
#include "compare/statistics/interval.h"

namespace spate::compare {

struct Step {
  std::size_t at = 0;                // the first value of the new level
  double difference = 0;             // from the level before, on the metric's scale
  std::optional<double> change;      // the same, as Evidence::change
  std::optional<Interval> interval;  // of the change, 95 %; none where the levels are too short
  double p = 1;                      // that the order of the values is chance; 0 of virtual time
  bool is_worse = false;
};

// How a series of one value a commit is looked at.
struct SeriesQuestion {
  Metric metric;
  std::span<const double> values;
  bool deterministic = false;  // virtual time: each value is all that there is to know
};

// Each in order.
struct Steps {
  std::vector<Step> shown;
  // Where neighbours resemble each other: what would be shown if their order were chance, and is
  // not. A step, or wandering: nobody can tell.
  std::vector<Step> doubtful;
};

// A change point (statistics/change_points.h) is a step when what lies between the one
// before it and the next one differs on its two sides by the metric's effect or more; the least of
// those that do not is dropped, and its neighbours are weighed anew, until all do. What is below
// zero has no ratio, and no steps.
Steps find_steps(const SeriesQuestion& question, double alpha);

}  // namespace spate::compare
