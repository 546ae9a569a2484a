// How long a step of a search is.
#pragma once

#include <cstdint>

#include "rate_flags.h"

namespace spate::bench {

// What was given; else what the objective's quantiles need at that rate, from the usual duration to
// ten times as long.
std::int64_t step_length_ns(const RateGoal& goal, const Options& options, std::uint64_t rate);

}  // namespace spate::bench
