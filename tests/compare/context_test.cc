// Sides whose surroundings differ are not comparable: exit 3, and no verdict.
#include "compare/context.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "tests/compare/sample.h"

namespace spate::compare {
namespace {

using nlohmann::json;
using testing::HasSubstr;

json context() {
  return {{"cpu_model", "Imagined 9000"},
          {"num_cpus", 2},
          {"build_type", "Release"},
          {"library_build_type", "release"},
          {"workers", 2},
          {"seed", 1},
          {"deliveries", {{"queue", "moodycamel 1.0.4"}, {"redis", "redis 7.0.15"}}}};
}

json file_with(const json& context, const std::vector<json>& rows) {
  json file = result_file(rows);
  file["context"].update(context);
  return file;
}

json changed(const std::string& pointer, const json& value) {
  json result = context();
  result[json::json_pointer(pointer)] = value;
  return result;
}

std::vector<std::pair<std::string, json>> changes() {
  return {{"/cpu_model", "Imagined 9001"},     {"/num_cpus", 4}, {"/build_type", "Debug"},
          {"/library_build_type", "debug"},    {"/workers", 4},  {"/seed", 2},
          {"/deliveries/redis", "redis 7.2.0"}};
}

Comparison of_contexts(const json& base, const json& candidate, const Settings& settings = {}) {
  const json row = plain_row("BM_a", 100);
  return compared_files({file_with(base, with_values(row, "real_time", around(100)))},
                        {file_with(candidate, with_values(row, "real_time", around(200)))},
                        settings);
}

TEST(Context, EqualOnesAreCompared) {
  const Comparison comparison = of_contexts(context(), context());
  EXPECT_TRUE(comparison.is_comparable);
  EXPECT_EQ(comparison.exit_code, ExitCode::finding);
}

TEST(Context, EachPartThatDiffersMakesTheSidesIncomparable) {
  for (const auto& [pointer, value] : changes()) {
    const Comparison comparison = of_contexts(context(), changed(pointer, value));
    EXPECT_FALSE(comparison.is_comparable) << pointer;
    EXPECT_EQ(comparison.exit_code, ExitCode::inconclusive) << pointer;
    EXPECT_TRUE(comparison.cells.empty());
    ASSERT_EQ(comparison.context_differences.size(), 1U) << pointer;
    EXPECT_EQ(outcome_name(comparison), "incomparable");
  }
}

TEST(Context, TheReportNamesPartValuesAndFiles) {
  const Comparison comparison = of_contexts(context(), changed("/deliveries/redis", "redis 7.2.0"));
  const ContextDifference& difference = comparison.context_differences.at(0);
  EXPECT_EQ(difference.name, "deliveries.redis");
  EXPECT_EQ(difference.detail, "redis 7.0.15 in base.json, redis 7.2.0 in new.json");
  EXPECT_EQ(summary(comparison), "incomparable: the sides differ in deliveries.redis");
}

TEST(Context, OneFileThatDiffersFromItsOwnSideIsEnough) {
  const std::vector<json> rows{plain_row("BM_a", 100)};
  const json good = file_with(context(), rows);
  const json odd = file_with(changed("/seed", 2), rows);
  EXPECT_FALSE(compared_files({good, odd}, {good}).is_comparable);
  EXPECT_FALSE(compared_files({good}, {good, good, odd}).is_comparable);
  EXPECT_TRUE(compared_files({good, good}, {good, good}).is_comparable);
}

TEST(Context, SilenceContradictsNothing) {
  EXPECT_TRUE(of_contexts(context(), json::object()).is_comparable);
  for (const auto& [pointer, value] : changes()) {
    EXPECT_TRUE(of_contexts(context(), changed(pointer, nullptr)).is_comparable) << pointer;
  }
}

TEST(Context, WhatSaysNothingOfTheMachineMayDiffer) {
  json other = context();
  other.update({{"date", "2027-01-01"}, {"host_idle_percent", 3}, {"git_commit", "abc"}});
  EXPECT_TRUE(of_contexts(context(), other).is_comparable);
}

TEST(Context, AdviceIsJudgedAndNeverFails) {
  Settings settings;
  settings.advisory = true;
  settings.fail_on = {true, true, false, true};
  for (const auto& [pointer, value] : changes()) {
    const Comparison comparison = of_contexts(context(), changed(pointer, value), settings);
    EXPECT_TRUE(comparison.is_comparable);
    EXPECT_EQ(comparison.tally.worse, 1U) << pointer;
    EXPECT_EQ(comparison.exit_code, ExitCode::fine) << pointer;
  }
  EXPECT_EQ(of_contexts(context(), context(), settings).exit_code, ExitCode::finding);
}

// Seed and workers are in each cell too.
TEST(Context, AdviceMatchesDeliveriesOfOtherSeedsAndWorkers) {
  json row = delivery_row();
  row["spate"]["cell"].update({{"seed", 2}, {"workers", 4}});
  row["spate"]["digest"] = "another seed, another digest";
  row["sent"] = 501;
  const json base = file_with(context(), often({delivery_row()}));
  json other = context();
  other.update({{"seed", 2}, {"workers", 4}});
  const json candidate = file_with(other, often({row}));
  Settings settings;
  settings.advisory = true;
  const Comparison comparison = compared_files({base}, {candidate}, settings);
  EXPECT_EQ(comparison.cells.size(), 1U);
  EXPECT_EQ(comparison.exit_code, ExitCode::fine);
  EXPECT_EQ(compared_files({base}, {candidate}).exit_code, ExitCode::inconclusive);
}

TEST(Context, AdvicePoolsTheSeedsOfOneSide) {
  json row = delivery_row();
  row["spate"]["cell"]["seed"] = 2;
  const json first = file_with(context(), {delivery_row()});
  const json second = file_with(changed("/seed", 2), {row});
  Settings settings;
  settings.advisory = true;
  const Comparison comparison = compared_files({first, second}, {first}, settings);
  EXPECT_EQ(comparison.cells.at(0).repetitions_reference, 2U);
}

TEST(Context, ABrokenInvariantIsFoundAllTheSame) {
  json lost = plain_row("BM_a", 100);
  lost["error_occurred"] = true;
  const Comparison comparison = compared_files({file_with(context(), {plain_row("BM_a", 100)})},
                                               {file_with(changed("/seed", 2), {lost})});
  EXPECT_EQ(comparison.exit_code, ExitCode::broken);
}

TEST(Context, ModesOfRunsWithOtherSeedsAndWorkersAreComparedAsTheirCellsSay) {
  const auto code_of = [](const json& other) {
    return run_on({file_with(context(), {delivery_row("mock")}).dump(),
                   file_with(other, {delivery_row("queue")}).dump()},
                  {"--modes", "mock,queue"})
        .code;
  };
  EXPECT_EQ(code_of(changed("/seed", 2)), ExitCode::fine);
  EXPECT_EQ(code_of(changed("/workers", 4)), ExitCode::fine);
  EXPECT_EQ(code_of(changed("/cpu_model", "Imagined 9001")), ExitCode::inconclusive);
}

TEST(Context, TheTextSaysWhatDiffersAndWhatToDo) {
  const std::vector<json> rows{plain_row("BM_a", 100)};
  const std::vector<std::string> files{file_with(context(), rows).dump(),
                                       file_with(changed("/num_cpus", 4), rows).dump()};
  const Outcome refused = run_on(files);
  EXPECT_THAT(refused.out, HasSubstr("note num_cpus differs: 2 in "));
  EXPECT_THAT(refused.out, HasSubstr("--advisory"));
  EXPECT_THAT(refused.out, HasSubstr("incomparable: the sides differ in num_cpus\n"));
  EXPECT_THAT(run_on(files, {"--advisory"}).out, HasSubstr("note what follows is advice"));
}

TEST(Context, OfAnotherShapeIsNoCause) {
  EXPECT_TRUE(
      of_contexts(changed("/deliveries", "one"), changed("/deliveries", "two")).is_comparable);
  EXPECT_TRUE(of_contexts(context(), changed("/cpu_model", json::array())).is_comparable);
  EXPECT_FALSE(of_contexts(context(), changed("/seed", 1.5)).is_comparable);
}

}  // namespace
}  // namespace spate::compare
