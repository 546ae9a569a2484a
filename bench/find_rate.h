// The search for the highest rate that holds, over real runs: each of them a benchmark and a row.
#pragma once

#include "spate/error.h"
#include "stress_options.h"

namespace spate::bench {

// Opens the brokers, makes the search, prints its table and its answer, writes its rows. Google
// Benchmark must have been initialized. Precondition: options.find_rate. Throws Error.
ExitCode find_rate(const StressOptions& options);

}  // namespace spate::bench
