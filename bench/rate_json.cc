#include "rate_json.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace spate::bench {
namespace {

Json optional(const std::optional<std::uint64_t>& rate) { return rate ? Json(*rate) : nullptr; }

Json answer_object(const RateGoal& goal, const SearchOutcome& outcome) {
  const SearchAnswer& answer = outcome.answer;
  const bool few = outcome.deliveries() < goal.objective.deliveries_needed();
  return {{"rate", *answer.rate},
          {"fails", optional(answer.fails)},
          {"why_fails", answer.fails ? Json(outcome.why_fails()) : Json(nullptr)},
          {"at_least", outcome.at_least()},
          {"generator_limited", outcome.generator_limited()},
          {"few_samples", few},
          {"steps", outcome.steps.size()}};
}

Json answer_cell(const RateGoal& goal, const Json& step_cell) {
  Json cell = step_cell;
  cell.erase("rate");
  if (!goal.duration_given) {
    cell["duration_ns"] = nullptr;  // as long as each step needs
  }
  cell["objective"] = goal.objective.text();
  cell["rate_resolution"] = goal.limits.resolution_thousandths / 1000.0;
  return cell;
}

void add_rate(const SearchOutcome& outcome, Json& row) {
  const std::uint64_t rate = *outcome.answer.rate;
  std::vector<Step> steps = outcome.steps_at(rate);
  std::uint64_t messages = 0;
  for (const Step& step : steps) {
    messages += step.messages;
  }
  const auto middle = steps.begin() + static_cast<std::ptrdiff_t>(steps.size() / 2);
  std::nth_element(steps.begin(), middle, steps.end(),
                   [](const Step& a, const Step& b) { return a.cpu_ns < b.cpu_ns; });
  row["iterations"] = messages;
  row["real_time"] = 1e9 / static_cast<double>(rate);
  row["cpu_time"] = middle->cpu_ns;
  row["time_unit"] = "ns";
  row["messages_per_second"] = rate;
}

const char* why_there_is_none(const SearchOutcome& outcome) {
  if (outcome.generator_limited()) {
    return "no rate was found: even over the mock without latency none holds, here and now";
  }
  return outcome.answer.end == SearchAnswer::End::none_holds
             ? "there is no rate at which the objective holds"
             : "no rate was found: what holds changes from step to step";
}

}  // namespace

Json step_object(const StepVerdict& verdict, bool control) {
  Json values = Json::object();
  for (const auto& [name, value] : verdict.values) {
    values[name] = value;
  }
  return {{"holds", verdict.holds()},
          {"reasons", verdict.reasons},
          {"values", std::move(values)},
          {"control", control}};
}

Json answer_row(const RateGoal& goal, const SearchOutcome& outcome, const Json& step_cell) {
  const std::string name = fmt::format(
      "highest_rate/mode:{}/chaos:{}/agents:{}/{}", step_cell.at("mode").get<std::string>(),
      step_cell.at("chaos").at("profile").get<std::string>(),
      step_cell.at("agents").get<std::uint64_t>(), goal.objective.text());
  Json row{{"name", name},
           {"family_index", 0},
           {"per_family_instance_index", 0},
           {"run_name", name},
           {"run_type", "iteration"},
           {"repetitions", 1},
           {"repetition_index", 0},
           {"threads", 1}};
  Json spate{{"cell", answer_cell(goal, step_cell)}};
  if (outcome.answer.rate) {
    add_rate(outcome, row);
    spate["answer"] = answer_object(goal, outcome);
  } else {
    row["error_occurred"] = true;
    row["error_message"] = why_there_is_none(outcome);
  }
  row["spate"] = std::move(spate);
  return row;
}

}  // namespace spate::bench
