#include "google_benchmark.h"

#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <array>

#include "spate/error.h"

namespace spate::bench {
namespace {

constexpr const char* kSwitch = "[=true|false]";

constexpr std::array<GoogleBenchmarkFlag, 17> kFlags{{
    {"--benchmark_list_tests", kSwitch, "list the benchmarks that the filter matches, and end"},
    {"--benchmark_filter", "=REGEX", "just those that match; -REGEX: those that do not"},
    {"--benchmark_min_time", "=SECONDS", "of a closed loop, and of the micro-benchmarks"},
    {"--benchmark_min_warmup_time", "=SECONDS", "so long each runs before, without being counted"},
    {"--benchmark_repetitions", "=N", "run each so often"},
    {"--benchmark_enable_random_interleaving", kSwitch, "repetitions in an order left to chance"},
    {"--benchmark_report_aggregates_only", kSwitch, "of repetitions mean, median, … alone"},
    {"--benchmark_display_aggregates_only", kSwitch, "the same of the table; the file has all"},
    {"--benchmark_format", "=console|json", "of standard output"},
    {"--benchmark_out", "=FILE", "the result, as JSON that is valid at all times"},
    {"--benchmark_out_format", "=json", "it is always JSON"},
    {"--benchmark_color", "=auto|true|false", "changes nothing: the table has no colours"},
    {"--benchmark_counters_tabular", kSwitch, "changes nothing: the table has columns"},
    {"--benchmark_context", "=KEY=VALUE,…", "more for the file's context"},
    {"--benchmark_time_unit", "=ns|us|ms|s", "of times in the file that have no unit of their own"},
    {"--benchmark_perf_counters", "=NAME,…", "where Google Benchmark was built with libpfm"},
    {"--v", "=N", "how much Google Benchmark says of its work"},
}};

}  // namespace

std::span<const GoogleBenchmarkFlag> google_benchmark_flags() { return kFlags; }

void initialize_google_benchmark(std::vector<std::string>& args) {
  std::vector<char*> argv;
  argv.reserve(args.size());
  for (std::string& arg : args) {
    argv.push_back(arg.data());
  }
  int argc = static_cast<int>(argv.size());
  benchmark::Initialize(&argc, argv.data());
  if (argc > 1) {
    throw Error(fmt::format("unknown flag '{}'; --help lists the flags", argv[1]));
  }
}

}  // namespace spate::bench
