// What a person reads of a search for the highest rate: a line a step, and the answer.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "rate_flags.h"
#include "result_json.h"
#include "terminal.h"

namespace spate::bench {

// No line is wider, unless rates or names are of unusual length.
inline constexpr std::size_t kTableColumns = 80;

// One run of the search.
struct Step {
  std::uint64_t rate = 0;
  // Over the mock without latency, to see what Spate itself can do; no part of the search.
  bool control = false;
  bool held = false;
  std::string reason;  // the first one; empty where it held
  std::uint64_t messages = 0;
  std::uint64_t deliveries = 0;
  double cpu_ns = 0;  // a message
};

// All that came of a search.
struct SearchOutcome {
  SearchAnswer answer;
  std::vector<Step> steps;
  // Of the control run at the rate that fails; unset: there was none, or it did not end.
  std::optional<bool> generator_kept_up;
  bool control_cut_short = false;
  bool virtual_time = false;  // no machine has a part in what happened

  // Of the steps at a rate, which is the control run's only where that is asked for.
  std::vector<Step> steps_at(std::uint64_t rate) const;
  // Where a limit was found, but it is Spate's own.
  bool generator_limited() const { return generator_kept_up && !*generator_kept_up; }
  // Whether the answer is a lower bound and no more.
  bool at_least() const {
    return answer.rate && (!answer.fails || generator_limited() || control_cut_short ||
                           answer.end == SearchAnswer::End::undecided);
  }
  // Why the rate above does not hold: of its steps, the first that did not.
  std::string why_fails() const;
  // Of a step at the answer's rate, the most. Precondition: there is one.
  std::uint64_t deliveries() const;
  // Why the last step that failed did.
  std::string last_failure() const;
};

// "Looking for …", with how long it may take.
std::string search_announcement(const RateGoal& goal, const Options& options);
std::string step_header(const Objective& objective);
// Of a row with `spate.step`, or of one that failed.
std::string step_line(const Json& row, std::size_t number, const Objective& objective);

// `repeat`: the command line that repeats the search.
std::string search_report(const RateGoal& goal, const SearchOutcome& outcome,
                          const std::string& repeat, const Palette& palette);

}  // namespace spate::bench
