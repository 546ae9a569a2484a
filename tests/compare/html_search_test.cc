// What a page tells of a search for the highest rate: the numbers of its rows.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/compare/sample.h"

namespace spate::compare::html {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::Not;

json step_row(int rate, int p99_ms, const std::vector<std::string>& reasons = {},
              bool control = false) {
  json row = delivery_row("mock", rate);
  row["response_ns_p99"] = 1e6 * p99_ms;
  row["messages_per_second"] = rate - 1;
  row["spate"]["step"] = {{"holds", reasons.empty()},
                          {"reasons", reasons},
                          {"values", {{"p99", 1e6 * p99_ms}, {"shed", rate / 100}}},
                          {"control", control}};
  return row;
}

json answer_row(const json& answer) {
  json row = plain_row("highest_rate/mode:mock/chaos:off/agents:9/p99<20ms", 1000);
  row["spate"]["cell"] = delivery_row("mock")["spate"]["cell"];
  row["spate"]["cell"].erase("rate");
  row["spate"]["cell"]["objective"] = "p99<20ms,shed<90";
  if (answer.is_null()) {
    row["error_occurred"] = true;
    row["error_message"] = "there is no rate at which the objective holds";
  } else {
    row["messages_per_second"] = answer["rate"];
    row["spate"]["answer"] = answer;
  }
  return row;
}

json found(const json& more = json::object()) {
  json answer = {{"rate", 2000},         {"fails", 4100},
                 {"at_least", false},    {"why_fails", "p99 <31 ms"},
                 {"few_samples", false}, {"generator_limited", false}};
  answer.update(more);
  return answer;
}

std::vector<json> steps() {
  return {step_row(1000, 12), step_row(2000, 15), step_row(4100, 31, {"p99 31 ms", "shed 41"}),
          step_row(2000, 29, {"p99 29 ms"}), step_row(2000, 17)};
}

Outcome page_of(std::vector<json> rows, const json& answer) {
  rows.push_back(answer_row(answer));
  return run_on({result_file(rows).dump()}, {"--format=html"});
}

TEST(HtmlSearch, TheAnswerStandsFirst) {
  const Outcome outcome = page_of(steps(), found());
  EXPECT_EQ(outcome.code, ExitCode::fine);
  EXPECT_THAT(
      outcome.out,
      HasSubstr("<h1>mock, no chaos, highest rate with p99&lt;20ms,shed&lt;90, 9 agents</h1>"));
  EXPECT_THAT(outcome.out, HasSubstr("Highest rate with p99&lt;20ms,shed&lt;90: 2000/s (interval "
                                     "2000/s to 4100/s)."));
  EXPECT_THAT(outcome.out, HasSubstr("<dt>highest rate</dt><dd>2000/s</dd>"));
  EXPECT_THAT(outcome.out, HasSubstr("<dt>interval</dt><dd>2000/s to 4100/s</dd>"));
  EXPECT_THAT(outcome.out, HasSubstr("<dt>steps</dt><dd>5</dd>"));
  EXPECT_THAT(outcome.out, HasSubstr("4100/s does not hold: p99 &lt;31 ms"));
  EXPECT_THAT(outcome.out, Not(HasSubstr("No run of a delivery")));
  EXPECT_THAT(outcome.out, Not(HasSubstr("Time of the other benchmarks")))
      << "one message's share of a second is no time that anything took";
}

TEST(HtmlSearch, EveryStepHasItsNumbers) {
  std::vector<json> rows = steps();
  rows.push_back(step_row(4100, 2, {}, true));
  const std::string page = page_of(rows, found()).out;
  EXPECT_THAT(page, HasSubstr("<caption>Every step, as it was run</caption>"));
  EXPECT_THAT(page, HasSubstr("<th scope=\"row\">1</th><td>1000/s</td><td>999.0/s</td>"
                              "<td>5.400ms</td><td>12.00ms</td><td>0</td><td>10</td>"
                              "<td class=\"word\">holds</td>"));
  EXPECT_THAT(page, HasSubstr("<td>31.00ms</td><td>0</td><td>41</td>"
                              "<td class=\"word\">does not: p99 31 ms, shed 41</td>"));
  EXPECT_THAT(page, HasSubstr("<th scope=\"row\">6</th><td>4100/s</td>"));
  EXPECT_THAT(page, HasSubstr("<td class=\"word\">Spate alone: holds</td>"));
}

TEST(HtmlSearch, TheChartHasTheStepsByTheirRates) {
  std::vector<json> rows = steps();
  rows.push_back(step_row(4100, 2, {}, true));  // of another delivery
  const std::string page = page_of(rows, found()).out;
  EXPECT_THAT(page, HasSubstr("<strong>p99 by rate</strong>"));
  EXPECT_THAT(page, HasSubstr("<th scope=\"row\">1000/s</th><td>12.00ms</td><td></td>"
                              "<td class=\"word\">1 of 1 step</td>"));
  EXPECT_THAT(page, HasSubstr("<th scope=\"row\">2000/s</th><td>16.00ms</td><td>29.00ms</td>"
                              "<td class=\"word\">2 of 3 steps</td>"));
  EXPECT_THAT(page, HasSubstr("<th scope=\"row\">4100/s</th><td></td><td>31.00ms</td>"
                              "<td class=\"word\">0 of 1 step</td>"));
}

TEST(HtmlSearch, ALowerBoundIsToldAsOne) {
  const std::string page =
      page_of(steps(), found({{"at_least", true}, {"fails", nullptr}, {"why_fails", nullptr}})).out;
  EXPECT_THAT(page, HasSubstr("Highest rate with p99&lt;20ms,shed&lt;90: at least 2000/s."));
  EXPECT_THAT(page, HasSubstr("<dd>2000/s to any</dd>"));
  EXPECT_THAT(page, HasSubstr("a higher rate may hold"));
  EXPECT_THAT(page, Not(HasSubstr("limit of Spate")));
}

TEST(HtmlSearch, DoubtsOfTheAnswerAreTold) {
  const std::string page =
      page_of(steps(),
              found({{"at_least", true}, {"generator_limited", true}, {"few_samples", true}}))
          .out;
  EXPECT_THAT(page, HasSubstr("the limit of Spate or of this machine"));
  EXPECT_THAT(page, HasSubstr("Few samples"));
  EXPECT_THAT(page, HasSubstr("<dd>2000/s to any</dd>")) << "whatever fails next";
  const std::string sure = page_of(steps(), found()).out;
  EXPECT_THAT(sure, Not(HasSubstr("Few samples")));
  EXPECT_THAT(sure, Not(HasSubstr("lower bound")));
}

TEST(HtmlSearch, WithoutAnAnswerTheStepsAreThere) {
  const Outcome none = page_of({step_row(1000, 30, {"p99 30 ms"})}, nullptr);
  EXPECT_EQ(none.code, ExitCode::broken) << "a row that failed";
  EXPECT_THAT(none.out,
              HasSubstr("No rate with p99&lt;20ms,shed&lt;90 was found: there is no rate"));
  EXPECT_THAT(none.out, HasSubstr("does not: p99 30 ms"));
  std::vector<json> rows = steps();
  rows.push_back(step_row(4100, 2, {}, true));
  rows.back()["spate"]["cell"]["mode"] = "queue";  // another delivery than what is looked at
  const Outcome stopped = run_on({result_file(rows, true).dump()}, {"--format=html"});
  EXPECT_EQ(stopped.code, ExitCode::inconclusive);
  EXPECT_THAT(stopped.out, HasSubstr("<h1>mock, no chaos, 9 agents, highest rate</h1>"));
  EXPECT_THAT(stopped.out, HasSubstr("The search did not come to its end, after 6 steps"));
  EXPECT_THAT(stopped.out, HasSubstr("<caption>Every step, as it was run</caption>"));
}

TEST(HtmlSearch, OfTwoSidesBothAreShownAndOfModesTheirs) {
  std::vector<json> rows = steps();
  rows.push_back(answer_row(found()));
  const std::string file = result_file(rows).dump();
  const std::string both = run_on({file, file}, {"--format=html"}).out;
  EXPECT_THAT(both, HasSubstr("<strong>base: mock, no chaos, 9 agents</strong>"));
  EXPECT_THAT(both, HasSubstr("<strong>new: mock, no chaos, 9 agents</strong>"));
  std::vector<json> three;
  for (const std::string mode : {"mock", "queue", "redis"}) {
    for (json row : rows) {
      row["spate"]["cell"]["mode"] = mode;
      row["run_name"] = row["name"] = mode + row["name"].get<std::string>();
      three.push_back(row);
    }
  }
  const std::string modes =
      run_on({result_file(three).dump()}, {"--format=html", "--modes=mock,queue"}).out;
  EXPECT_THAT(modes, HasSubstr("<strong>mock, no chaos, 9 agents</strong>"));
  EXPECT_THAT(modes, HasSubstr("<strong>queue, no chaos, 9 agents</strong>"));
  EXPECT_THAT(modes, Not(HasSubstr("<strong>redis, no chaos, 9 agents</strong>")));
}

TEST(HtmlSearch, AStepOfAnotherTypeIsRefusedByName) {
  json row = step_row(1000, 12);
  row["spate"]["step"]["reasons"] = "none";
  const Outcome outcome = page_of({row}, found());
  EXPECT_EQ(outcome.code, ExitCode::unusable);
  EXPECT_THAT(outcome.err, HasSubstr("rate:1000"));
  EXPECT_THAT(outcome.err, HasSubstr("'reasons' is a string; expected an array"));
}

}  // namespace
}  // namespace spate::compare::html
