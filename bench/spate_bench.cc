// spate_bench: the matrix and the micro-benchmarks.
#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <exception>
#include <optional>
#include <sstream>
#include <string>
#include <system_error>
#include <vector>

#include "interrupt.h"
#include "matrix.h"
#include "micro/micro.h"
#include "options.h"
#include "reporter.h"
#include "spate/error.h"

namespace spate::bench {
namespace {

// Google Benchmark keeps a pointer to the program's name: `args` must live as long as it is used.
void initialize_google_benchmark(std::vector<std::string>& args) {
  std::vector<char*> argv;
  argv.reserve(args.size());
  for (std::string& arg : args) {
    argv.push_back(arg.data());
  }
  int argc = static_cast<int>(argv.size());
  benchmark::Initialize(&argc, argv.data());
  if (argc > 1) {
    throw Error(fmt::format("unknown flag '{}'; spate_bench --help lists the flags", argv[1]));
  }
}

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
    fmt::print("{}", names);
    return ExitCode::fine;
  }

  Reporter reporter(*options, count, store);
  catch_interrupts();
  try {
    benchmark::RunSpecifiedBenchmarks(&reporter);
  } catch (const Interrupted&) {
    reporter.finish(true);
    fmt::print(stderr, "spate_bench: interrupted; what was finished is kept\n");
    // What was found is certain, whatever is missing.
    return reporter.findings() > 0 ? ExitCode::finding : ExitCode::inconclusive;
  }
  return reporter.findings() > 0 ? ExitCode::finding : ExitCode::fine;
}

}  // namespace
}  // namespace spate::bench

int main(int argc, char** argv) {
  using spate::ExitCode;
  ExitCode code = ExitCode::fine;
  try {
    code = spate::bench::run(argc, argv);
    // What is lost here was promised; a reader must not take the rest for the whole.
    if (std::fflush(stdout) != 0 || std::ferror(stdout) != 0) {
      throw spate::Error("standard output cannot be written to its end; is its disk full?");
    }
  } catch (const spate::Error& error) {
    fmt::print(stderr, "spate_bench: {}\n", error.what());
    code = error.code();
  } catch (const std::system_error&) {  // fmt's, of the same cause
    fmt::print(stderr, "spate_bench: standard output cannot be written; is its disk full?\n");
    code = ExitCode::usage;
  } catch (const std::exception& error) {
    fmt::print(stderr, "spate_bench: {}\n", error.what());
    code = ExitCode::usage;
  }
  return static_cast<int>(code);
}
