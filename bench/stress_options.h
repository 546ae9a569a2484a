// The command line of spate_stress.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "options.h"
#include "rate_flags.h"

namespace spate::bench {

struct StressOptions {
  std::string program;  // its name
  Options matrix;       // one cell; with `compare` two, the mock's first
  bool compare = false;
  bool verbose = false;
  std::string duration;      // as it was given
  std::string latency_file;  // where the mock's latencies were recorded; empty: nowhere
  // Where the trace of the run is written; empty: nowhere.
  std::string trace_path;
  // Where the page with its charts is written; empty: nowhere.
  std::string report_path;
  // The highest rate is asked for; the matrix has that at which the search begins.
  std::optional<RateGoal> find_rate;
  // 16 hexadecimal digits of the digest, and perhaps a colon and those of the mock's; empty: any.
  std::string expect_digest;
  // Flags as they were given, "--name=value" or the bare name of a switch, but for those that
  // repeat_command() always writes (mode, length, seed, workers) and those that say what to do with
  // the run.
  std::vector<std::string> described_by;
};

// Empty when the program has nothing left to do (--help, --version). Throws Error.
std::optional<StressOptions> parse_stress_options(int argc, const char* const* argv);

// The command line that repeats the run of one row, which may be one of the two of a comparison:
// ready for a shell. `sent`: how many messages that run sent, which is the length of a closed loop
// that had none given. `digests`: for --expect-digest.
std::string repeat_command(const StressOptions& options, std::string_view mode, std::uint64_t sent,
                           const std::string& digests);

// The command line that repeats the search for the highest rate. Precondition: it is asked for.
std::string repeat_search_command(const StressOptions& options);

}  // namespace spate::bench
