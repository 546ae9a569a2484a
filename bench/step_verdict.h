// Whether one run, a step of the search for the highest rate, holds.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "objective.h"
#include "result_json.h"

namespace spate::bench {

struct StepVerdict {
  std::vector<std::string> reasons;  // why it does not hold, for people; none: it holds
  // Of each condition's measure, in their order; null where nothing was delivered.
  std::vector<std::pair<std::string, Json>> values;

  bool holds() const { return reasons.empty(); }
};

// A run holds that meets the objective, and what everybody expects besides:
// - the rate was achieved: not saturated;
// - a steady state: see building_up();
// - an account that balances, with nothing lost, twice, damaged, alien or anomalous;
// - nothing rejected by the delivery, and nothing of which nobody knows what became of it.
// What the objective limits itself (lost, duplicated, rejected, unknown, shed) goes by that limit
// alone.
StepVerdict judge_step(const Objective& objective, const RunReport& report);

}  // namespace spate::bench
