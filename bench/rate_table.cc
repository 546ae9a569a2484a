#include "rate_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>
#include <utility>

#include "compare/terminal/columns.h"
#include "spate/bench/modes.h"
#include "step_length.h"
#include "units.h"

namespace spate::bench {
namespace {

constexpr std::size_t kExtraColumns = 12;
constexpr double kEnds = 10;  // steps at the two ends of the interval, where nothing is noisy

std::string rate_text(std::uint64_t rate) { return fmt::format("{}/s", show_whole(rate)); }

std::string time_of(const Json& row, const char* key) {
  const Json& value = row.at(key);
  return value.is_number() ? show_ns(value.get<double>()) : "-";
}

// "svc p99", which leaves room for the verdict.
std::string short_name(std::string_view name) {
  constexpr std::array<std::pair<std::string_view, const char*>, 2> kShort{
      {{"service_", "svc "}, {"lateness_", "late "}}};
  for (const auto& [prefix, shorter] : kShort) {
    if (name.starts_with(prefix)) {
      return shorter + std::string(name.substr(prefix.size()));
    }
  }
  return std::string(name);
}

// Of the objective, the first measure that has no column anyhow.
const Measure* extra_column(const Objective& objective) {
  for (const Condition& condition : objective.conditions()) {
    const std::string& name = condition.measure.name;
    if (name != "p50" && name != "p99") {
      return &condition.measure;
    }
  }
  return nullptr;
}

std::string extra_value(const Json& values, const Measure& measure) {
  const Json& value = values.at(measure.name);
  return value.is_number() ? measure.show(value.get<double>()) : "-";
}

std::string verdict_text(const Json& row) {
  if (!row.contains("spate") || row.contains("error_occurred")) {
    return "failed";
  }
  const Json& reasons = row.at("spate").at("step").at("reasons");
  if (reasons.empty()) {
    return "holds";
  }
  return fmt::format("no: {}{}", reasons.front().get<std::string>(),
                     reasons.size() > 1 ? fmt::format(", +{}", reasons.size() - 1) : "");
}

bool is_control(const Json& row) {
  return row.contains("spate") && row.at("spate").at("step").at("control").get<bool>();
}

double doublings(std::uint64_t from, std::uint64_t to) {
  return std::ceil(std::log2(static_cast<double>(to) / static_cast<double>(from)));
}

// Halvings until a factor of two has become the resolution's.
double halvings(const SearchLimits& limits) {
  const double resolution = 1 + limits.resolution_thousandths / 1000.0;
  return std::ceil(std::log2(std::log(2.0) / std::log(resolution)));
}

std::string tally(const SearchOutcome& outcome, std::uint64_t rate) {
  const std::vector<Step> steps = outcome.steps_at(rate);
  const auto held =
      std::count_if(steps.begin(), steps.end(), [](const Step& step) { return step.held; });
  return fmt::format("{} of {} steps", held == 0 ? "none" : std::to_string(held), steps.size());
}

std::string headline(const RateGoal& goal, const SearchOutcome& outcome) {
  const SearchAnswer& answer = outcome.answer;
  const std::string what =
      goal.objective.text() + (answer.end == SearchAnswer::End::unfinished ? " so far" : "");
  if (!answer.rate) {
    return fmt::format("No rate with {} was found", what);
  }
  if (outcome.at_least()) {
    return fmt::format("Highest rate with {}: at least {}", what, rate_text(*answer.rate));
  }
  return fmt::format("Highest rate with {}: {} (interval {} to {})", what, rate_text(*answer.rate),
                     rate_text(*answer.rate), rate_text(*answer.fails));
}

void tell_bounds(const RateGoal& goal, const SearchOutcome& outcome, std::string& out) {
  const SearchAnswer& answer = outcome.answer;
  auto to = std::back_inserter(out);
  if (answer.rate) {
    fmt::format_to(to, "  {} held in {}.\n", rate_text(*answer.rate), tally(outcome, *answer.rate));
  }
  if (answer.fails) {
    fmt::format_to(to, "  {} held in {}: {}.\n", rate_text(*answer.fails),
                   tally(outcome, *answer.fails), outcome.why_fails());
  } else if (answer.end == SearchAnswer::End::found) {
    fmt::format_to(to, "  Up to {}, where the search ends (--max-rate), no rate failed for good.\n",
                   rate_text(goal.limits.highest));
  }
  if (answer.end == SearchAnswer::End::none_holds) {
    fmt::format_to(to, "  No lower rate is tried than a hundredth of --rate: {}.\n",
                   rate_text(goal.limits.lowest));
  }
  if (answer.end == SearchAnswer::End::undecided) {
    fmt::format_to(
        to,
        "  After {} steps there is no end: what holds changes from step to step, at last "
        "for\n  {}. {}\n",
        outcome.steps.size(), outcome.last_failure(),
        outcome.virtual_time ? "A longer --duration helps: the steps differ in their draws alone."
                             : "A quieter machine helps, or a longer --duration.");
  }
}

void tell_doubts(const RateGoal& goal, const SearchOutcome& outcome, std::string& out) {
  const SearchAnswer& answer = outcome.answer;
  auto to = std::back_inserter(out);
  if (outcome.generator_limited()) {
    fmt::format_to(
        to,
        "  That is the limit of Spate or of this machine: over the mock without latency\n"
        "  it does not hold at {} either. What was tested may do more.\n",
        rate_text(*answer.fails));
  }
  if (outcome.control_cut_short) {
    fmt::format_to(to,
                   "  Whether it holds at {} over the mock without latency is not known, so that\n"
                   "  this may be the limit of Spate or of this machine.\n",
                   rate_text(*answer.fails));
  }
  if (!answer.rate) {
    return;
  }
  const std::uint64_t needed = goal.objective.deliveries_needed();
  const std::uint64_t had = outcome.deliveries();
  if (had < needed) {
    fmt::format_to(to,
                   "  Few samples: a step had {} deliveries; {} leave 100 beyond the highest\n"
                   "  quantile. Give a --duration {:.1f} times as long.\n",
                   show_whole(had), show_whole(needed),
                   std::ceil(10.0 * static_cast<double>(needed) / static_cast<double>(had)) / 10);
  }
}

}  // namespace

std::vector<Step> SearchOutcome::steps_at(std::uint64_t rate) const {
  std::vector<Step> found;
  std::copy_if(steps.begin(), steps.end(), std::back_inserter(found),
               [&](const Step& step) { return step.rate == rate && !step.control; });
  return found;
}

std::string SearchOutcome::why_fails() const {
  const std::vector<Step> at = answer.fails ? steps_at(*answer.fails) : std::vector<Step>();
  const auto failed =
      std::find_if(at.begin(), at.end(), [](const Step& step) { return !step.held; });
  return failed == at.end() ? "" : failed->reason;
}

std::uint64_t SearchOutcome::deliveries() const {
  const std::vector<Step> at = steps_at(*answer.rate);
  return std::max_element(at.begin(), at.end(),
                          [](const Step& a, const Step& b) { return a.deliveries < b.deliveries; })
      ->deliveries;
}

std::string SearchOutcome::last_failure() const {
  const auto last = std::find_if(steps.rbegin(), steps.rend(),
                                 [](const Step& step) { return !step.control && !step.held; });
  return last == steps.rend() ? "" : last->reason;
}

namespace {

// Of a whole search, which is an estimate.
std::string span_text(double ns) {
  constexpr double kMinute = 6e10;
  return ns < kMinute ? show_ns(ns) : fmt::format("{:.1f} min", ns / kMinute);
}

}  // namespace

std::string search_announcement(const RateGoal& goal, const Options& options) {
  const SearchLimits& limits = goal.limits;
  const double fewest = halvings(limits) + kEnds + 1;
  const double most = fewest + std::max(doublings(limits.start, limits.highest),
                                        doublings(limits.lowest, limits.start));
  std::string text = fmt::format("Looking for the highest rate with {}, from {} on:\n",
                                 goal.objective.text(), rate_text(limits.start));
  text += fmt::format("some {:.0f} to {:.0f} steps", fewest, most);
  if (!mode_named(options.modes.front()).simulated()) {
    const auto shortest_ns = static_cast<double>(step_length_ns(goal, options, limits.highest));
    const auto longest_ns = static_cast<double>(step_length_ns(goal, options, limits.lowest));
    text += fmt::format(" of {}{}, {} to {}, and at most {} steps",
                        shortest_ns < longest_ns ? show_ns(shortest_ns) + " to " : "",
                        show_ns(longest_ns), span_text(fewest * shortest_ns),
                        span_text(most * longest_ns), limits.most_steps);
  }
  return text + "\n";
}

std::string step_header(const Objective& objective) {
  const Measure* const extra = extra_column(objective);
  return fmt::format(
      "{:>4}{:>11}{:>9}{:>8}{:>8}{}  verdict\n", "step", "rate/s", "achieved", "p50", "p99",
      extra == nullptr ? "" : fmt::format("{:>{}}", short_name(extra->name), kExtraColumns));
}

std::string step_line(const Json& row, std::size_t number, const Objective& objective) {
  if (!row.contains("spate")) {
    return fmt::format("{:>4}  {}\n", number, verdict_text(row));
  }
  const auto asked = row.at("rate_asked").get<double>();
  const Measure* const extra = extra_column(objective);
  const std::string figures = fmt::format(
      "{:>4}{:>11}{:>8.1f}%{:>8}{:>8}{}  ", is_control(row) ? "self" : std::to_string(number),
      show_whole(static_cast<std::uint64_t>(asked)),
      100 * row.at("rate_achieved").get<double>() / asked, time_of(row, "response_ns_p50"),
      time_of(row, "response_ns_p99"),
      extra == nullptr
          ? ""
          : fmt::format("{:>{}}", extra_value(row.at("spate").at("step").at("values"), *extra),
                        kExtraColumns));
  return compare::wrapped(figures + verdict_text(row), kTableColumns, figures.size()) + "\n";
}

std::string search_report(const RateGoal& goal, const SearchOutcome& outcome,
                          const std::string& repeat, const Palette& palette) {
  std::string out = fmt::format("\n{}\n", palette.heading(headline(goal, outcome)));
  tell_bounds(goal, outcome, out);
  tell_doubts(goal, outcome, out);
  if (!repeat.empty()) {
    out += fmt::format("\n{} {}\n", palette.heading("Repeat"), repeat);
  }
  return out;
}

}  // namespace spate::bench
