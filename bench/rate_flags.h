// The flags of spate_stress that ask for the highest rate.
#pragma once

#include <optional>
#include <string>

#include "objective.h"
#include "options.h"
#include "rate_search.h"

namespace CLI {
class App;
}

namespace spate::bench {

struct RateGoal {
  Objective objective;
  SearchLimits limits;
  bool highest_given = false;   // else nobody knows whether it is high enough
  bool duration_given = false;  // else a step may be longer, where its quantiles need it
};

struct RateTexts {
  std::string objective;
  std::string highest = "10000000";
  std::string resolution = "2%";
};

// `texts` must outlive the parse.
void add_rate_flags(CLI::App& app, RateTexts& texts);

// Whether the highest rate is asked for. Then what makes no sense beside it is refused: throws
// Error.
bool asks_for_rate(const CLI::App& app);

// The rate of `options` is where the search begins. Throws Error.
RateGoal understand_rate_goal(const RateTexts& texts, const CLI::App& app, const Options& options);

}  // namespace spate::bench
