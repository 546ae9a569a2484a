// spate_conformance: does a delivery keep its contract?
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

#include "brokers.h"
#include "command_line.h"
#include "command_lines.h"
#include "conformance/clauses.h"
#include "conformance/trial.h"
#include "conformance/watchdog.h"
#include "mode_list.h"
#include "program.h"
#include "spate/bench/modes.h"
#include "spate/bench/programs.h"
#include "spate/clock.h"
#include "spate/error.h"
#include "units.h"

namespace spate::bench {
namespace {

constexpr std::int64_t kLimitNs = 30 * kSecondNs;
constexpr int kMostHung = 2;  // stages: what hangs always need not be waited for in each

constexpr const char* kFooter =
    "A right delivery takes one to three seconds, any other one 30 s at the most.\n"
    "\n"
    "Examples:\n"
    "  spate_conformance --modes queue,mutex  of these two\n"
    "  my_conformance                         of the deliveries that a program of one's own adds\n"
    "\n"
    "Exit codes:\n"
    "  0  every clause holds\n"
    "  1  one is broken\n"
    "  2  usage\n"
    "  3  the time was over before all was looked at";

struct Settings {
  std::vector<std::string> modes;
  bool ordered = true;
};

// What can be looked at.
std::vector<std::string_view> trial_modes() {
  std::vector<std::string_view> names;
  for (const Mode& mode : all_modes()) {
    if (!mode.simulated() && !is_broker(mode.name)) {
      names.push_back(mode.name);
    }
  }
  return names;
}

void check_on_trial(const std::string& name) {
  const auto& all = all_modes();
  if (std::none_of(all.begin(), all.end(), [&](const Mode& mode) { return mode.name == name; })) {
    throw Error(
        fmt::format("unknown mode {}; use {}", as_given(name), fmt::join(trial_modes(), ", ")));
  }
  const Mode& mode = mode_named(name);
  if (mode.simulated()) {
    throw Error(
        fmt::format("--modes '{}': it has no delivery to look at; give another mode", name));
  }
  if (is_broker(name)) {
    throw Error(
        fmt::format("--modes '{}': only what is in this process can be looked at; for a "
                    "broker, see a run: spate_stress --real={} --chaos=storm",
                    name, name));
  }
  check_built(mode);
}

struct Texts {
  std::string modes = own_mode_names();
  bool unordered = false;
};

void set_up(CLI::App& app, Texts& texts) {
  app.description(
      "Looks whether deliveries keep their contract, and says in words what they break.");
  add_flag(app, "--modes", texts.modes,
           fmt::format("{}[,…]", fmt::join(trial_modes(), "|")).c_str(),
           "which; without it, those that this program adds");
  add_switch(app, "--unordered", texts.unordered, "they promise no order, so it is not looked at");
  app.footer(examples_of(app, "spate_conformance", kFooter));
}

bool parse(int argc, const char* const* argv, Settings& settings) {
  Texts texts;
  CLI::App app("", program_name(argc, argv));
  set_up(app, texts);
  if (!parse_command_line(app, arguments(argc, argv))) {
    return false;
  }
  if (texts.modes.empty()) {
    throw Error(fmt::format("--modes is missing; give some of {}", fmt::join(trial_modes(), ", ")));
  }
  settings.modes = parse_list("--modes", texts.modes);
  settings.ordered = !texts.unordered;
  std::for_each(settings.modes.begin(), settings.modes.end(), check_on_trial);
  return true;
}

// Clause by clause.
struct Verdict {
  std::array<std::vector<std::string>, kClauses> findings;
  std::array<bool, kClauses> unseen{};  // a stage that looks at it did not go to its end
  bool late = false;

  bool broken() const {
    return std::any_of(findings.begin(), findings.end(),
                       [](const auto& some) { return !some.empty(); });
  }
  bool complete() const {
    return std::none_of(unseen.begin(), unseen.end(), [](bool is) { return is; });
  }
};

// Of which few stages know anything.
bool is_special(Clause clause) {
  return clause == Clause::copies || clause == Clause::order || clause == Clause::bytes ||
         clause == Clause::urgent || clause == Clause::bound || clause == Clause::ends;
}
bool looks_at(const Stage& stage, Clause clause) {
  return !is_special(clause) ||
         std::find(stage.clauses.begin(), stage.clauses.end(), clause) != stage.clauses.end();
}

Verdict look_at(const Mode& mode, bool ordered) {
  std::vector<Stage> stages = by_hand_stages();
  for (Stage& stage : run_stages()) {
    stages.push_back(std::move(stage));
  }
  const SteadyClock clock;
  const std::int64_t deadline_ns = clock.now_ns() + kLimitNs;
  Verdict verdict;
  int hung = 0;
  for (const Stage& stage : stages) {
    StageResult result;
    if (clock.now_ns() < deadline_ns && hung < kMostHung) {
      result = run_watched(mode, stage, ordered, deadline_ns);
      hung += result.hung ? 1 : 0;
    }
    for (StageFinding& finding : result.findings) {
      verdict.findings[static_cast<std::size_t>(finding.clause)].push_back(std::move(finding.text));
    }
    for (std::size_t clause = 0; clause < kClauses && !result.complete; ++clause) {
      verdict.unseen[clause] |= looks_at(stage, static_cast<Clause>(clause));
    }
  }
  verdict.late = clock.now_ns() >= deadline_ns;
  return verdict;
}

void print(const Verdict& verdict, bool ordered) {
  for (std::size_t at = 0; at < kClauses; ++at) {
    const auto clause = static_cast<Clause>(at);
    if (clause == Clause::order && !ordered) {
      continue;
    }
    const bool broken = !verdict.findings[at].empty();
    const char* const word = broken ? "BROKEN" : verdict.unseen[at] ? "?" : "ok";
    say(stdout, fmt::format("  {:<8}{}\n", word, promise_of(clause)));
    for (const std::string& finding : verdict.findings[at]) {
      say(stdout, fmt::format("            {}\n", finding));
    }
  }
  if (!verdict.complete()) {
    say(stdout, fmt::format("  ? is not known: {}\n",
                            verdict.late ? fmt::format("the {} s were over", kLimitNs / kSecondNs)
                                         : "a part of the trial did not come to its end"));
  }
  std::fflush(stdout);
}

int work(int argc, char** argv) {
  Settings settings;
  register_announced();
  if (!parse(argc, argv, settings)) {
    return static_cast<int>(ExitCode::fine);
  }
  bool broken = false;
  bool complete = true;
  for (const std::string& name : settings.modes) {
    const Mode& mode = mode_named(name);
    const std::string what = mode.mocked() ? "without latency, which would reorder" : mode.version;
    say(stdout, fmt::format("{}{}{}\n", name, what.empty() ? "" : ": ", what));
    std::fflush(stdout);  // before there is another process that could write it too
    const Verdict verdict = look_at(mode, settings.ordered);
    print(verdict, settings.ordered);
    broken = broken || verdict.broken();
    complete = complete && verdict.complete();
  }
  return static_cast<int>(broken     ? ExitCode::finding
                          : complete ? ExitCode::fine
                                     : ExitCode::inconclusive);
}

}  // namespace

void see_conformance_app(const SeeApp& see) {
  Texts texts;
  see_command_line(
      "spate_conformance", [&](CLI::App& app) { set_up(app, texts); }, see);
}

int conformance_main(int argc, char** argv) {
  return run_program(program_name(argc, argv), [&] { return work(argc, argv); });
}

}  // namespace spate::bench
