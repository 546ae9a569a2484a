// spate_stress: one stress run, for a person.
#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <cstdio>
#include <optional>
#include <string>
#include <vector>

#include "compare/comparison.h"
#include "compare/load.h"
#include "compare/text_report.h"
#include "find_rate.h"
#include "google_benchmark.h"
#include "live_view.h"
#include "matrix.h"
#include "mode_list.h"
#include "program.h"
#include "replay.h"
#include "report_page.h"
#include "reporter.h"
#include "result_file.h"
#include "spate/bench/modes.h"
#include "spate/bench/programs.h"
#include "spate/error.h"
#include "stress_options.h"
#include "stress_report.h"
#include "terminal.h"
#include "trace_file.h"

namespace spate::bench {
namespace {

class StressDisplay final : public Display {
 public:
  StressDisplay(std::FILE* out, const StressOptions& options)
      : out_(out), options_(options), palette_(Palette::of(out)) {}

  void begin(const Json& context) override {
    if (!options_.matrix.virtual_time) {  // else neither the machine nor the build matters
      say(out_, fmt::format("{}{}", context_warnings(context, palette_), delivery_lines(context)));
      std::fflush(out_);
    }
  }
  void benchmark_begins() override {}
  void row(const Json& row) override {
    if (row.contains("spate")) {  // else it failed, and the reporter has said why
      const auto mode = row.at("spate").at("cell").at("mode").get<std::string>();
      print(row, repeat_command(options_, mode, row.at("sent").get<std::uint64_t>(),
                                repeatable_digests(row)));
      ++reports_;
      compare_digests(row);
    }
  }
  void cut_short(const Json& row) override {
    say(out_,
        fmt::format("{}\n",
                    palette_.warning(
                        "INTERRUPTED: of the part that was run; what was under way is unknown or "
                        "lost")));
    print(row, "");
    cut_short_ = row;
  }
  void end() override {}

  // Of whole runs.
  std::size_t reports() const { return reports_; }
  // Runs whose digests are not those of --expect-digest.
  std::size_t unexpected() const { return unexpected_; }
  // Of the run that was stopped; null where none was.
  const Json& cut_short_row() const { return cut_short_; }

 private:
  void compare_digests(const Json& row) {
    const std::string difference = digest_difference(row, options_.expect_digest);
    if (!difference.empty()) {
      say(stderr, fmt::format("{}: {}\n", options_.program, difference));
      ++unexpected_;
    }
  }

  void print(const Json& row, const std::string& repeat) {
    say(out_, fmt::format("{}\n", stress_report(row, repeat, options_.latency_file, palette_)));
    std::fflush(out_);
  }

  std::FILE* out_;
  const StressOptions& options_;
  Palette palette_;
  std::size_t reports_ = 0;
  std::size_t unexpected_ = 0;
  Json cut_short_;
};

// The delivery's cells and nothing else, once each, whatever the environment asks of Google
// Benchmark.
std::vector<std::string> google_benchmark_args(const StressOptions& options) {
  return {options.program,
          "--benchmark_filter=^delivery/",
          fmt::format("--benchmark_min_time={}",
                      static_cast<double>(options.matrix.closed_loop_ns) * 1e-9),
          "--benchmark_min_warmup_time=0",
          "--benchmark_repetitions=1",
          "--benchmark_report_aggregates_only=false",
          "--benchmark_enable_random_interleaving=false",
          "--benchmark_list_tests=false",
          "--benchmark_format=console",
          "--benchmark_out=",
          "--benchmark_time_unit=ns",
          "--benchmark_perf_counters=",
          "--benchmark_context="};
}

// Through its JSON, as spate_compare would read it from a file.
compare::ExitCode print_comparison(const StressOptions& options, const std::string& result) {
  std::vector<compare::ResultFile> files;
  files.push_back(compare::parse_results(result, result_name(options)));
  const compare::Comparison comparison =
      compare::compare_modes({options.matrix.modes.front(), options.matrix.modes.back()}, files);
  say(stdout, compare::text_report(comparison));
  return comparison.exit_code;
}

int stress(int argc, char** argv) {
  const std::optional<StressOptions> options = parse_stress_options(argc, argv);
  if (!options) {
    return 0;
  }
  std::vector<std::string> args = google_benchmark_args(*options);
  initialize_google_benchmark(args);
  if (options->find_rate) {
    return static_cast<int>(find_rate(*options));
  }
  RunStore store;
  const LiveView::Shows shows{.line = is_terminal(stdout), .events = options->verbose};
  LiveView view(stdout, shows);
  std::optional<RunReport> last_report;
  register_matrix(options->matrix, store,
                  {.watcher = shows.line || shows.events ? &view : nullptr,
                   .last_report = options->trace_path.empty() ? nullptr : &last_report});

  FaultDirector::Listener say_fault;
  if (options->verbose) {
    say_fault = [&view](const ExecutedFault& executed) { view.say_fault(executed); };
  }
  const OpenBrokers brokers(options->matrix, say_fault);
  StressDisplay display(stdout, *options);
  Reporter reporter(options->program, options->matrix, store, &display);
  const bool complete = run_benchmarks(reporter);
  if (!complete) {
    say(stderr,
        fmt::format(
            "{}: interrupted{}\n", options->program,
            options->matrix.out_path.empty() ? "" : "; only whole runs are written to --output"));
  }
  int compared = 0;
  ReportedRuns runs{.result = reporter.text(), .cut_short = display.cut_short_row()};
  if (options->compare && display.reports() == options->matrix.modes.size()) {
    runs.modes = {options->matrix.modes.front(), options->matrix.modes.back()};
    compared = static_cast<int>(print_comparison(*options, runs.result));
  }
  if (last_report) {
    ResultFile(options->trace_path, "--trace").write_last(trace_json(*last_report));
  }
  write_report(*options, runs);
  // What was found is certain, whatever is missing.
  if (reporter.findings() > 0 || display.unexpected() > 0) {
    return static_cast<int>(ExitCode::finding);
  }
  return complete ? compared : static_cast<int>(ExitCode::inconclusive);
}

}  // namespace

int stress_main(int argc, char** argv) {
  return run_program(program_name(argc, argv), [&] {
    register_announced();
    return stress(argc, argv);
  });
}

}  // namespace spate::bench
