#include "find_rate.h"

#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>

#include "live_view.h"
#include "matrix.h"
#include "program.h"
#include "rate_json.h"
#include "rate_table.h"
#include "report_page.h"
#include "reporter.h"
#include "spate/bench/modes.h"
#include "spate/random.h"
#include "step_length.h"
#include "step_verdict.h"
#include "stress_report.h"
#include "terminal.h"
#include "units.h"

namespace spate::bench {
namespace {

// The table, and what it says of the latest step.
class StepTable final : public Display {
 public:
  StepTable(std::FILE* out, const StressOptions& options)
      : out_(out), options_(options), palette_(Palette::of(out)) {}

  void begin(const Json& context) override {
    if (!mode_named(options_.matrix.modes.front()).simulated()) {
      say(context_warnings(context, palette_) + delivery_lines(context));
    }
    say(search_announcement(*options_.find_rate, options_.matrix) + "\n" +
        palette_.heading(step_header(options_.find_rate->objective)));
  }
  void benchmark_begins() override {}
  void row(const Json& row) override {
    say(step_line(row, ++number_, options_.find_rate->objective));
    latest_ = row;
  }
  void cut_short(const Json& /*row*/) override {
    say(fmt::format("{:>4}  INTERRUPTED: what was cut short is no step\n", number_ + 1));
  }
  void end() override {}

  void say(const std::string& text) {
    bench::say(out_, text);
    std::fflush(out_);
  }
  const Palette& palette() const { return palette_; }
  const Json& latest() const { return latest_; }

 private:
  std::FILE* out_;
  const StressOptions& options_;
  Palette palette_;
  std::size_t number_ = 0;
  Json latest_;
};

// A run of what waits for nothing, and in which nothing breaks: what then goes wrong is Spate's own
// doing.
void take_mock_without_latency(Options& options) {
  options.modes = {"mock"};
  options.chaos = {ChaosProfile{}};
  options.plan.mock = {.latency = LatencyModel::constant(0), .success = Probability(1.0)};
}

// The first step at a rate has the seed that was given, so that the run can be had by itself.
std::uint64_t seed_of(std::uint64_t seed, std::uint32_t attempt) {
  constexpr std::uint64_t kStep = 0x9e3779b97f4a7c15U;  // as in random.h
  return attempt == 0 ? seed : mix64(seed + kStep * attempt);
}

class Search {
 public:
  explicit Search(const StressOptions& options)
      : options_(options),
        goal_(*options.find_rate),
        view_(stdout, {.line = is_terminal(stdout)}),
        table_(stdout, options),
        reporter_(options.program, options.matrix, store_, &table_),
        search_(goal_.limits, [this](std::uint64_t rate, std::uint32_t attempt) {
          return step(rate, attempt, false);
        }) {
    outcome_.virtual_time = mode().simulated();
  }

  ExitCode run() {
    const bool complete =
        run_benchmarks(reporter_, [this](const std::function<void()>& run_registered) {
          run_registered_ = run_registered;
          outcome_.answer = search_.run();
          if (!outcome_.virtual_time && outcome_.answer.fails) {
            outcome_.generator_kept_up = generator_keeps_up(*outcome_.answer.fails);
          }
          if (!step_cell_.is_null()) {
            reporter_.append(answer_row(goal_, outcome_, step_cell_));
          }
        });
    if (!complete) {
      tell_interrupted();
    }
    table_.say(search_report(goal_, outcome_, complete ? repeat_search_command(options_) : "",
                             table_.palette()));
    write_report(options_, {.result = reporter_.text()});
    return complete ? exit_code() : ExitCode::inconclusive;
  }

 private:
  const Mode& mode() const { return mode_named(options_.matrix.modes.front()); }

  // Whether Spate alone holds where something failed: two of three, since either may be the
  // machine's bad moment.
  bool generator_keeps_up(std::uint64_t rate) {
    constexpr std::uint32_t kEnough = 2;
    Tries tries;
    while (tries.held < kEnough && tries.failed < kEnough) {
      ++(step(rate, tries.count(), true) ? tries.held : tries.failed);
    }
    return tries.held == kEnough;
  }

  void tell_interrupted() {
    const char* left_out = "no answer is";
    if (outcome_.answer.end == SearchAnswer::End::unfinished) {
      outcome_.answer = search_.known();
    } else {
      outcome_.control_cut_short = true;
      left_out = "the answer is not, since Spate's own limit is not known";
    }
    bench::say(stderr, fmt::format("{}: interrupted{}\n", options_.program,
                                   options_.matrix.out_path.empty()
                                       ? ""
                                       : fmt::format("; the steps are in --output, {}", left_out)));
  }

  bool step(std::uint64_t rate, std::uint32_t attempt, bool control) {
    Options options = options_.matrix;
    options.rates = {rate};
    options.duration_ns = step_length_ns(goal_, options, rate);
    options.plan.seed = seed_of(options.plan.seed, attempt);
    // What is later than this cannot have achieved 99 % of the rate: see assemble_rate().
    constexpr std::int64_t kLeast = 500'000'000;
    options.plan.overrun_limit_ns = std::max(kLeast, options.duration_ns / 50);
    if (control) {
      take_mock_without_latency(options);
    }
    view_.set_caption(fmt::format("step {}, {}/s  ", outcome_.steps.size() + 1, show_whole(rate)));
    register_matrix(
        options, store_,
        {.watcher = is_terminal(stdout) ? &view_ : nullptr,
         .annotate = [&](const RunPlan& /*plan*/, const RunReport& report, Json& spate) {
           spate["step"] = step_object(judge_step(goal_.objective, report), control);
         }});
    run_registered_();
    return note(rate, control);
  }

  // What the latest row says.
  bool note(std::uint64_t rate, bool control) {
    const Json& row = table_.latest();
    Step step;
    step.rate = rate;
    step.control = control;
    if (row.contains("error_occurred")) {
      step.reason = row.at("error_message").get<std::string>();
    } else {
      const Json& reasons = row.at("spate").at("step").at("reasons");
      step.held = reasons.empty();
      step.reason = step.held ? "" : reasons.front().get<std::string>();
      step.messages = row.at("iterations").get<std::uint64_t>();
      step.deliveries = row.at("delivered").get<std::uint64_t>();
      step.cpu_ns = row.at("cpu_time").get<double>();
    }
    if (!control && row.contains("spate")) {
      step_cell_ = row.at("spate").at("cell");
      step_cell_["seed"] = options_.matrix.plan.seed;
    }
    outcome_.steps.push_back(step);
    return step.held;
  }

  ExitCode exit_code() const {
    switch (outcome_.answer.end) {
      case SearchAnswer::End::none_holds:
        return outcome_.generator_limited() ? ExitCode::inconclusive : ExitCode::finding;
      case SearchAnswer::End::found:
        break;
      case SearchAnswer::End::undecided:
      case SearchAnswer::End::unfinished:
        return ExitCode::inconclusive;
    }
    // That it holds as far as somebody wanted to know is an answer.
    const bool asked_so_far = !outcome_.answer.fails && goal_.highest_given &&
                              outcome_.answer.rate == goal_.limits.highest;
    return outcome_.at_least() && !asked_so_far ? ExitCode::inconclusive : ExitCode::fine;
  }

  const StressOptions& options_;
  const RateGoal& goal_;
  RunStore store_;
  LiveView view_;
  StepTable table_;
  Reporter reporter_;
  RateSearch search_;
  std::function<void()> run_registered_;
  SearchOutcome outcome_;
  Json step_cell_;
};

}  // namespace

ExitCode find_rate(const StressOptions& options) {
  // What is wrong with the plan is said before anything is started.
  RunStore none;
  register_matrix(options.matrix, none);
  benchmark::ClearRegisteredBenchmarks();
  const OpenBrokers brokers(options.matrix);
  return Search(options).run();
}

}  // namespace spate::bench
