#include "compare/html/search_section.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>
#include <cstddef>
#include <optional>
#include <set>
#include <string_view>
#include <utility>
#include <vector>

#include "compare/humane.h"
#include "compare/metrics.h"
#include "compare/schema.h"

namespace spate::compare::html {
namespace {

// All digits: it is what somebody will ask for.
std::string rate_text(double rate) { return fmt::format("{}/s", rate); }

// "p99", "service_max"; all else that an objective can limit is a count, but for the success.
bool is_time(std::string_view measure) {
  for (const std::string_view prefix : {"service_", "lateness_"}) {
    measure.remove_prefix(measure.starts_with(prefix) ? prefix.size() : 0);
  }
  return measure == "max" || measure == "mean" ||
         (measure.size() > 1 && measure[0] == 'p' &&
          std::isdigit(static_cast<unsigned char>(measure[1])) != 0);
}

std::string measured_text(std::string_view measure, std::optional<double> value) {
  return is_time(measure)       ? humane(Unit::nanoseconds, value)
         : measure == "success" ? humane(Unit::share, value)
         : value                ? fmt::format("{:.13g}", *value)
                                : "-";
}

std::optional<double> value_of(const SearchStep& step, std::string_view measure) {
  for (const auto& [name, value] : step.values) {
    if (name == measure) {
      return value;
    }
  }
  return std::nullopt;
}

// Of what the objective limits, in the order of their names.
std::set<std::string> measures_of(const Search& search) {
  std::set<std::string> measures;
  for (const SearchStep& step : search.steps) {
    for (const auto& [name, value] : step.values) {
      measures.insert(name);
    }
  }
  return measures;
}

// The time that the objective limits; of one without any the p99.
struct DrawnTime {
  std::string name = "p99";
  bool of_row = true;  // as the row has it, and not the step

  std::optional<double> of(const SearchStep& step) const {
    return of_row ? step.row->value(kResponseP99) : value_of(step, name);
  }
};

DrawnTime drawn_time(const Search& search) {
  for (const std::string& measure : measures_of(search)) {
    if (is_time(measure)) {
      return {measure, false};
    }
  }
  return {};
}

// The median of those steps at the rate that held, or of those that did not.
std::optional<double> time_at(const Search& search, const DrawnTime& time, double rate,
                              bool holds) {
  std::vector<double> values;
  for (const SearchStep& step : search.steps) {
    const std::optional<double> value = time.of(step);
    if (!step.is_control && step.rate == rate && step.holds == holds && value) {
      values.push_back(*value);
    }
  }
  return median(std::move(values));
}

std::string tally(const Search& search, double rate) {
  std::size_t held = 0;
  std::size_t all = 0;
  for (const SearchStep& step : search.steps) {
    if (!step.is_control && step.rate == rate) {
      ++all;
      held += step.holds ? 1U : 0U;
    }
  }
  return fmt::format("{} of {}", held, plural(all, "step"));
}

Figure rates_figure(const Search& search) {
  const DrawnTime time = drawn_time(search);
  Figure figure;
  figure.kind = FigureKind::steps;
  figure.title = fmt::format("{} by rate", time.name);
  figure.hint =
      "Of the steps at a rate the median. Where some held and some did not, chance decides.";
  figure.lines = {{"steps that held", 2, 0, false, {}}, {"steps that did not", 1, 1, true, {}}};
  figure.behind = {{"held", {}}};
  std::set<double> rates;
  for (const SearchStep& step : search.steps) {
    if (!step.is_control) {
      rates.insert(step.rate);
    }
  }
  for (const double rate : rates) {
    const auto at = static_cast<double>(figure.labels.size());
    for (const bool holds : {true, false}) {
      if (const std::optional<double> value = time_at(search, time, rate, holds)) {
        figure.lines[holds ? 0 : 1].points.push_back({at, value, std::nullopt});
      }
    }
    figure.labels.push_back(rate_text(rate));
    figure.behind[0].texts.push_back(tally(search, rate));
  }
  return figure;
}

std::string verdict_of(const SearchStep& step) {
  return fmt::format(
      "{}{}", step.is_control ? "Spate alone: " : "",
      step.holds ? "holds" : fmt::format("does not: {}", fmt::join(step.reasons, ", ")));
}

// What a row has anyhow is no column of its own.
bool is_shown_anyhow(const std::string& measure) {
  return measure == "p50" || measure == "p99" || measure == "lost";
}

Table step_table(const Search& search) {
  Table table{"Every step, as it was run",
              {"step", "rate", "achieved", "p50 response", "p99 response", "lost"},
              {},
              0};
  std::set<std::string> more = measures_of(search);
  std::erase_if(more, is_shown_anyhow);
  table.head.insert(table.head.end(), more.begin(), more.end());
  table.words_from = table.head.size();
  table.head.emplace_back("verdict");
  for (const SearchStep& step : search.steps) {
    std::vector<std::string> row{std::to_string(table.rows.size() + 1),
                                 rate_text(step.rate),
                                 humane(Unit::per_second, step.row->value(kThroughput)),
                                 humane(Unit::nanoseconds, step.row->value(kResponseP50)),
                                 humane(Unit::nanoseconds, step.row->value(kResponseP99)),
                                 measured_text("lost", step.row->value("lost"))};
    for (const std::string& measure : more) {
      row.push_back(measured_text(measure, value_of(step, measure)));
    }
    row.push_back(verdict_of(step));
    table.rows.push_back(std::move(row));
  }
  return table;
}

std::string highest_rate(const SearchAnswer& answer) {
  return (answer.at_least ? "at least " : "") + rate_text(answer.rate);
}

std::string interval(const SearchAnswer& answer) {
  return fmt::format("{} to {}", rate_text(answer.rate),
                     answer.at_least || !answer.fails ? "any" : rate_text(*answer.fails));
}

void add_key_numbers(const Search& search, Page& page) {
  std::vector<std::pair<std::string, std::string>> numbers;
  if (!search.objective.empty()) {
    numbers.emplace_back("objective", search.objective);
  }
  if (search.answer) {
    numbers.emplace_back("highest rate", highest_rate(*search.answer));
    numbers.emplace_back("interval", interval(*search.answer));
  }
  numbers.emplace_back("steps", std::to_string(search.steps.size()));
  page.add_key_numbers(numbers);
}

void add_notes(const Search& search, Page& page) {
  if (!search.answer) {
    page.add_note(answer_phrase(search));
    return;
  }
  const SearchAnswer& answer = *search.answer;
  page.add_note(
      answer.fails ? fmt::format("{} does not hold: {}", rate_text(*answer.fails), answer.why_fails)
                   : "No rate above it was met that surely does not hold.");
  if (answer.generator_limited) {
    page.add_note(
        "That is the limit of Spate or of this machine: over the mock without latency it does not "
        "hold there either. What was tested may do more.");
  } else if (answer.at_least) {
    page.add_note("A lower bound: a higher rate may hold.");
  }
  if (answer.few_samples) {
    page.add_note(
        "Few samples: the steps were too short for the objective's highest quantile; a longer "
        "--duration helps.");
  }
}

}  // namespace

std::string answer_phrase(const Search& search) {
  if (search.objective.empty()) {
    return fmt::format("The search did not come to its end, after {}",
                       plural(search.steps.size(), "step"));
  }
  if (!search.answer) {
    return fmt::format("No rate with {} was found: {}", search.objective, search.why_none);
  }
  return fmt::format(
      "Highest rate with {}: {}{}", search.objective, highest_rate(*search.answer),
      search.answer->at_least ? "" : fmt::format(" (interval {})", interval(*search.answer)));
}

void add_search(const Search& search, const std::string& whose, Page& page) {
  page.begin_fold(whose.empty() ? search.name : fmt::format("{}: {}", whose, search.name),
                  answer_phrase(search), true);
  add_key_numbers(search, page);
  add_notes(search, page);
  page.begin_figures();
  page.add_figure(rates_figure(search));
  page.end_figures();
  if (!search.steps.empty()) {
    page.add_table(step_table(search));
  }
  page.end_fold();
}

}  // namespace spate::compare::html
