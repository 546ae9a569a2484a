// spate_bench: the matrix and the micro-benchmarks.
#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include "claims.h"
#include "console.h"
#include "google_benchmark.h"
#include "matrix.h"
#include "micro/micro.h"
#include "mode_list.h"
#include "options.h"
#include "program.h"
#include "reporter.h"
#include "spate/bench/programs.h"
#include "spate/error.h"

namespace spate::bench {
namespace {

// Prints nothing; only lends its stream to Google Benchmark's listing.
class Listing : public benchmark::BenchmarkReporter {
 public:
  Listing() {
    SetOutputStream(&names_);
    SetErrorStream(&complaints_);  // that nothing matched, we say ourselves
  }
  bool ReportContext(const Context& /*context*/) override { return true; }
  void ReportRuns(const std::vector<Run>& /*runs*/) override {}
  std::string names() const { return names_.str(); }

 private:
  std::ostringstream names_;
  std::ostringstream complaints_;
};

// One name a line; Google Benchmark has no other way to tell what a filter matches.
std::string matching_benchmarks(std::vector<std::string>& args) {
  args.emplace_back("--benchmark_list_tests=true");
  initialize_google_benchmark(args);
  Listing listing;
  benchmark::RunSpecifiedBenchmarks(&listing);
  args.back() = "--benchmark_list_tests=false";
  initialize_google_benchmark(args);
  return listing.names();
}

// Google Benchmark's own output flag may also come from the environment; ours is the one that
// counts.
std::vector<std::string> google_benchmark_args(const Options& options) {
  std::vector<std::string> args = options.google_benchmark_args;
  args.insert(args.begin() + 1, {fmt::format("--benchmark_min_time={}",
                                             static_cast<double>(options.duration_ns) * 1e-9),
                                 "--benchmark_out=", "--benchmark_format=console"});
  return args;
}

ExitCode run(int argc, char** argv) {
  const std::optional<Options> options = parse_options(argc, argv);
  if (!options) {
    return ExitCode::fine;
  }
  std::vector<std::string> args = google_benchmark_args(*options);
  initialize_google_benchmark(args);
  RunStore store;
  register_matrix(*options, store);
  register_micro_benchmarks(*options, store);

  const std::string names = matching_benchmarks(args);
  const auto count = static_cast<std::size_t>(std::count(names.begin(), names.end(), '\n'));
  if (count == 0) {
    throw Error(fmt::format(
        "the filter '{}' matches no benchmark; spate_bench --benchmark_list_tests lists the names",
        options->filter));
  }
  if (options->list_only) {
    say(stdout, names);
    return ExitCode::fine;
  }

  const OpenBrokers brokers(*options);
  std::optional<Console> console;
  if (!options->json_on_stdout) {
    console.emplace(stdout, count);
  }
  const std::string program = program_name(argc, argv);
  Reporter reporter(program, *options, store, console ? &*console : nullptr);
  const bool complete = run_benchmarks(reporter);
  if (!complete) {
    say(stderr, fmt::format("{}: interrupted; what was finished is kept\n", program));
  }
  if (console) {
    print_claims(stdout, reporter.figures());
  } else {
    say(stdout, reporter.text());
  }
  // What was found is certain, whatever is missing.
  return reporter.findings() > 0 ? ExitCode::finding
         : complete              ? ExitCode::fine
                                 : ExitCode::inconclusive;
}

}  // namespace

int bench_main(int argc, char** argv) {
  return run_program(program_name(argc, argv), [&] {
    register_announced();
    return static_cast<int>(run(argc, argv));
  });
}

}  // namespace spate::bench
