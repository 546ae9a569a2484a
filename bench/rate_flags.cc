#include "rate_flags.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <utility>

#include "command_line.h"
#include "matrix.h"
#include "spate/error.h"
#include "units.h"

namespace spate::bench {
namespace {

constexpr const char* kFindRate = "--find-rate";
constexpr const char* kHighest = "--max-rate";
constexpr const char* kResolution = "--rate-resolution";
// The search goes down to such a part of where it begins: below, a step has hardly any deliveries.
constexpr std::uint64_t kDownTo = 100;

constexpr std::array<std::pair<const char*, const char*>, 6> kRefused{
    {{"--compare", "search each of the two by itself"},
     {"--messages", "a step has a --duration"},
     {"--fault", "a step is of a run in which nothing breaks"},
     {"--trace", "a trace is of one run"},
     {"--expect-digest", "each rate has another"},
     {"--verbose", "there are dozens of runs"}}};

bool given(const CLI::App& app, const char* flag) { return app.get_option(flag)->count() > 0; }

// In thousandths.
std::uint32_t parse_resolution(const std::string& text) {
  constexpr double kLeast = 0.1;
  constexpr double kMost = 50;
  const char* const end = text.data() + text.size() - (text.ends_with('%') ? 1 : 0);
  double percent = 0;
  const auto [stop, error] = std::from_chars(text.data(), end, percent);
  if (!text.ends_with('%') || error != std::errc{} || stop != end ||
      !(percent >= kLeast && percent <= kMost)) {
    throw Error(
        fmt::format("{} '{}': give {}% to {}%, such as 2%", kResolution, text, kLeast, kMost));
  }
  return static_cast<std::uint32_t>(std::lround(percent * 10));
}

}  // namespace

void add_rate_flags(CLI::App& app, RateTexts& texts) {
  app.add_option(kFindRate, texts.objective,
                 fmt::format("in place of one run, look for the highest rate at which this holds, "
                             "such as\n'p99<20ms,lost=0'; of {}.\nThe search begins at --rate "
                             "(1000 unless given), --duration is that of a step (2s)",
                             objective_usage()))
      ->type_name("OBJECTIVE");
  add_flag(app, kHighest, texts.highest, "N", "the search goes no higher");
  add_flag(app, kResolution, texts.resolution, "PERCENT",
           "the search ends at two rates so far apart");
}

bool asks_for_rate(const CLI::App& app) {
  const bool asked = given(app, kFindRate);
  for (const auto& [flag, why] : kRefused) {
    if (asked && given(app, flag)) {
      throw Error(fmt::format("{} and {}: {}; leave one of them out", kFindRate, flag, why));
    }
  }
  for (const char* const flag : {kHighest, kResolution}) {
    if (!asked && given(app, flag)) {
      throw Error(fmt::format("{}: without {} it would change nothing; add it", flag, kFindRate));
    }
  }
  return asked;
}

RateGoal understand_rate_goal(const RateTexts& texts, const CLI::App& app, const Options& options) {
  RateGoal goal;
  goal.objective = Objective::parse(kFindRate, texts.objective);
  goal.highest_given = given(app, kHighest);
  goal.duration_given = given(app, "--duration");
  goal.limits.start = options.rates.front();
  if (goal.limits.start == 0) {
    throw Error(
        fmt::format("{} and --rate 0: a closed loop has no rate to begin with; give more, "
                    "or leave it out",
                    kFindRate));
  }
  goal.limits.lowest = std::max<std::uint64_t>(goal.limits.start / kDownTo, 1);
  goal.limits.highest = parse_count(kHighest, texts.highest, 1, kMaxRate);
  if (goal.limits.start > goal.limits.highest) {
    throw Error(fmt::format("--rate {} is above {} {}; lower the one or raise the other",
                            goal.limits.start, kHighest, goal.limits.highest));
  }
  if (messages_for(goal.limits.highest, options.duration_ns) > kMaxMessages) {
    throw Error(fmt::format(
        "{} {} for the --duration of a step are {} messages, but at most {} fit; lower one of them",
        kHighest, goal.limits.highest, messages_for(goal.limits.highest, options.duration_ns),
        kMaxMessages));
  }
  goal.limits.resolution_thousandths = parse_resolution(texts.resolution);
  if (!options.chaos.front().faults.empty()) {
    throw Error(fmt::format(
        "{} with a chaos file that has real faults: a step is of a run in which nothing breaks; "
        "take them out",
        kFindRate));
  }
  return goal;
}

}  // namespace spate::bench
