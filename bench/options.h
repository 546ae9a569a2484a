// The command line of spate_bench.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "brokers.h"
#include "spate/chaos_profile.h"
#include "spate/run_plan.h"

namespace spate::bench {

struct Options {
  // The axes.
  std::vector<std::string> modes;
  std::vector<ChaosProfile> chaos;
  std::vector<std::uint64_t> rates;
  std::vector<std::uint32_t> agents;

  RunPlan plan;                           // what all cells have in common
  std::int64_t duration_ns = 0;           // of an open loop
  std::int64_t closed_loop_ns = 0;        // --benchmark_min_time, or the same
  std::optional<std::uint64_t> messages;  // in place of what the durations come to
  std::string templates_name;             // "built-in", or a digest of the file's content
  BrokerSettings brokers;
  bool virtual_time = false;  // in all that is run: what else the machine does makes no difference

  // Google Benchmark's flags that our reporters answer.
  std::string out_path;                  // --benchmark_out; empty: none
  bool json_on_stdout = false;           // --benchmark_format=json
  bool console_aggregates_only = false;  // --benchmark_display_aggregates_only
  std::string filter;                    // --benchmark_filter
  bool list_only = false;                // --benchmark_list_tests
  std::vector<std::pair<std::string, std::string>> extra_context;  // --benchmark_context
  // The other flags, for benchmark::Initialize; the program's name first.
  std::vector<std::string> google_benchmark_args;
};

// Empty when the program has nothing left to do (--help, --version). Throws Error.
std::optional<Options> parse_options(int argc, const char* const* argv);

}  // namespace spate::bench
