// The command line of spate_stress.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "options.h"

namespace spate::bench {

struct StressOptions {
  Options matrix;  // one cell; with `compare` two, the mock's first
  bool compare = false;
  bool verbose = false;
  std::string duration;  // as it was given
  // Flags as they were given, but for those that the run's own row tells better (mode, length,
  // seed, workers) and those that say what to do with it.
  std::vector<std::pair<std::string, std::string>> described_by;
};

// Empty when the program has nothing left to do (--help, --version). Throws Error.
std::optional<StressOptions> parse_stress_options(int argc, const char* const* argv);

// The command line that repeats the run of one row, which may be one of the two of a comparison:
// ready for a shell. `messages`: how many were sent, which repeats a closed loop.
std::string repeat_command(const StressOptions& options, std::string_view mode,
                           std::uint64_t messages);

}  // namespace spate::bench
