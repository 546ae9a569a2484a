#include "compare/history/trend.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "compare/history/trend_report.h"
#include "tests/compare/sample.h"
#include "tests/compare/statistics/draws.h"

namespace spate::compare {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;

// A history in memory.
class Kept {
 public:
  // Results of commit number `commit`, of that minute.
  void add(std::size_t commit, const std::vector<json>& rows, std::size_t minute,
           const json& context = {{"cpu_model", "one"}}) {
    json file = result_file(rows);
    file["context"].update(context);
    file["context"]["date"] = fmt::format("2026-01-{:02}T{:02}:{:02}:00+00:00", 1 + minute / 1440,
                                          minute / 60 % 24, minute % 60);
    if (!file["context"].contains("git_commit")) {
      file["context"]["git_commit"] = fmt::format("{:012x}", commit);
    }
    ResultFile loaded = parse_results(file.dump(), fmt::format("{:03}.json", files_.size()));
    Provenance provenance = provenance_of(loaded);
    files_.push_back({std::move(loaded), std::move(provenance)});
  }

  // A step of cpu_time by so much, `after` commits after the first.
  void add_step(std::size_t commits, std::size_t after, double factor) {
    const std::vector<double> noise = around(1, 20);
    for (std::size_t i = 0; i < commits; ++i) {
      json row = delivery_row();
      row["cpu_time"] = 1000 * noise[i * 7 % 20] * (i < after ? 1 : factor);
      add(i, {row}, i);
    }
  }

  Trend trend(TrendSettings settings = {}) {
    settings.settings.alpha = 0.001;
    settings.settings.today = "2026-12-01";
    return trend_of({"folder", std::move(files_), std::move(unreadable)}, std::move(settings));
  }

  std::vector<std::string> unreadable;

 private:
  std::vector<KeptResult> files_;
};

const TrendLine& line_of(const TrendSeries& series, std::string_view key) {
  for (const TrendLine& line : series.lines) {
    if (line.metric.key == key) {
      return line;
    }
  }
  ADD_FAILURE() << "no line of " << key;
  return series.lines.front();
}

TrendSettings gate(bool worse = true) {
  TrendSettings settings;
  settings.is_gate = true;
  settings.settings.fail_on = {worse, false, false, false};
  return settings;
}

TEST(Trend, ProcessesOfACommitAreOnePoint) {
  Kept kept;
  std::size_t minute = 0;
  for (const double cpu : {10.0, 30.0, 14.0}) {
    json row = delivery_row();
    row["cpu_time"] = cpu;
    kept.add(1, {row}, minute++);
  }
  kept.add(2, {delivery_row()}, minute++);
  const Trend trend = kept.trend();
  ASSERT_EQ(trend.points.size(), 2U);
  EXPECT_EQ(trend.points[0].results, 3U);
  ASSERT_EQ(trend.series.size(), 1U);
  const LinePoint& point = line_of(trend.series[0], kCpuTime).points.front();
  EXPECT_EQ(point.value, 14);
  EXPECT_EQ(point.low, 10);
  EXPECT_EQ(point.high, 30);
  EXPECT_EQ(point.processes, 3U);
}

TEST(Trend, ACommitStandsWhereItWasFirstMeasured) {
  Kept kept;
  kept.add(7, {delivery_row()}, 0);
  kept.add(3, {delivery_row()}, 1);
  kept.add(7, {delivery_row()}, 2);
  const Trend trend = kept.trend();
  ASSERT_EQ(trend.points.size(), 2U);
  EXPECT_EQ(trend.points[0].commit, "000000000007");
  EXPECT_EQ(trend.points[1].commit, "000000000003");
  EXPECT_EQ(line_of(trend.series[0], kCpuTime).points.front().processes, 2U);
}

TEST(Trend, WithoutACommitOrWithChangesEachMomentIsAPoint) {
  Kept kept;
  for (const char* const commit : {"unknown", "abc-dirty"}) {
    for (std::size_t minute = 0; minute < 2; ++minute) {
      kept.add(0, {delivery_row()}, minute, {{"git_commit", commit}});
    }
  }
  EXPECT_EQ(kept.trend().points.size(), 4U);
}

TEST(Trend, AStepHasItsCommit) {
  Kept kept;
  kept.add_step(40, 30, 1.3);
  const Trend trend = kept.trend();
  const TrendLine& line = line_of(trend.series.at(0), kCpuTime);
  ASSERT_EQ(line.steps.size(), 1U);
  EXPECT_EQ(trend.points[line.points[line.steps[0].step.at].point].commit, "00000000001e");
  EXPECT_TRUE(line.steps[0].step.is_worse);
  EXPECT_EQ(trend.exit_code, ExitCode::fine) << "nobody asked for more";
  EXPECT_THAT(trend_text(trend, {}, Script::ascii),
              HasSubstr("worse +30.4% (+29.7% .. +30.9%) since 00000000001e of 2026-01-01"));
}

TEST(Trend, AnotherCpuIsAnotherSeries) {
  Kept kept;
  for (std::size_t i = 0; i < 40; ++i) {
    json row = delivery_row();
    row["cpu_time"] = (i % 2 == 0 ? 1000 : 3000) * around(1, 20)[i * 7 % 20];
    kept.add(i, {row}, i,
             {{"cpu_model", i % 2 == 0 ? "slow" : "fast"}, {"kernel", fmt::format("{}", i)}});
  }
  const Trend trend = kept.trend();
  ASSERT_EQ(trend.series.size(), 2U);
  EXPECT_EQ(trend.series[0].setup_phrase, "cpu_model slow");
  EXPECT_EQ(trend.series[1].setup_phrase, "cpu_model fast");
  for (const TrendSeries& series : trend.series) {
    EXPECT_EQ(line_of(series, kCpuTime).points.size(), 20U);
    EXPECT_TRUE(line_of(series, kCpuTime).steps.empty());
  }
  EXPECT_THAT(trend_text(trend, {}, Script::ascii), HasSubstr("\n  on cpu_model fast\n"));
}

TEST(Trend, AnotherDeliverysVersionIsNoOtherSetup) {
  Kept kept;
  kept.add(0, {delivery_row("queue")}, 0, {{"deliveries", {{"queue", "1"}}}});
  kept.add(1, {delivery_row("queue")}, 1, {{"deliveries", {{"queue", "1"}, {"redis", "7"}}}});
  kept.add(2, {delivery_row("queue")}, 2, {{"deliveries", {{"queue", "2"}, {"redis", "7"}}}});
  const Trend trend = kept.trend();
  ASSERT_EQ(trend.series.size(), 2U);
  EXPECT_EQ(line_of(trend.series[0], kCpuTime).points.size(), 2U);
}

TEST(Trend, PatternsChooseCellsAndMetrics) {
  Kept kept;
  kept.add(0, {delivery_row("mock"), delivery_row("queue"), plain_row("BM_a", 5)}, 0);
  TrendSettings settings;
  settings.cells = {"mode:queue *", "BM_*"};
  settings.metrics = {"cpu*"};
  const Trend trend = kept.trend(settings);
  ASSERT_EQ(trend.series.size(), 2U);
  EXPECT_THAT(trend.series[0].cell, testing::StartsWith("mode:queue "));
  EXPECT_EQ(trend.series[1].cell, "BM_a");
  EXPECT_EQ(trend.series[0].lines.size(), 1U);
}

TEST(Trend, WhatIsBrokenIsLeftOutAndSaid) {
  Kept kept;
  json lost = delivery_row();
  lost["lost"] = 1;
  kept.add(0, {lost}, 0);
  kept.add(1, {delivery_row()}, 1);
  const Trend trend = kept.trend();
  ASSERT_EQ(trend.series.size(), 1U);
  EXPECT_EQ(line_of(trend.series[0], kCpuTime).points.size(), 1U);
  EXPECT_THAT(trend.broken, ElementsAre(HasSubstr("000.json: ")));
  EXPECT_THAT(trend_text(trend, {}, Script::ascii), HasSubstr("broken, and left out: mode:mock"));
}

TEST(Trend, LeavesOutStepsOfASearchAndWhatWasStopped) {
  Kept kept;
  json step = delivery_row("mock", 500);
  step["spate"]["step"] = {{"holds", true}};
  json stopped = delivery_row("mock", 2000);
  stopped["spate"]["cut_short"] = true;
  stopped["lost"] = 5;
  kept.add(1, {delivery_row(), step, stopped}, 0);
  const Trend trend = kept.trend();
  EXPECT_EQ(trend.series.size(), 1U);
  EXPECT_TRUE(trend.broken.empty());
}

TEST(Trend, APatternOfNothingIsAnError) {
  for (const bool by_cell : {true, false}) {
    Kept kept;
    kept.add_step(20, 20, 1);
    TrendSettings settings = gate();
    (by_cell ? settings.cells : settings.metrics) = {"typo*"};
    EXPECT_THROW((void)kept.trend(settings), Error) << by_cell;
  }
}

TEST(TrendGate, WhatWasBrokenLatelyIsBroken) {
  for (const std::size_t after : {0U, 9U, 10U}) {
    Kept kept;
    for (std::size_t i = 0; i < 21; ++i) {
      json row = delivery_row();
      if (i == 20 - after) {
        row["delivered"] = row["delivered"].get<int>() - 1;
        row["lost"] = 1;
      }
      kept.add(i, {row}, i);
    }
    EXPECT_EQ(kept.trend(gate()).exit_code, after < 10 ? ExitCode::broken : ExitCode::fine)
        << after;
  }
}

TEST(TrendGate, ANewStepForTheWorseIsAFinding) {
  Kept kept;
  kept.add_step(40, 34, 1.3);
  EXPECT_EQ(kept.trend(gate()).exit_code, ExitCode::finding);
}

TEST(TrendGate, AnOldOneIsNone) {
  Kept kept;
  kept.add_step(40, 29, 1.3);
  EXPECT_EQ(kept.trend(gate()).exit_code, ExitCode::fine);
  Kept again;
  again.add_step(40, 29, 1.3);
  TrendSettings settings = gate();
  settings.recent = 11;
  EXPECT_EQ(again.trend(settings).exit_code, ExitCode::finding);
}

TEST(TrendGate, ForTheBetterIsAFindingOnlyIfAskedFor) {
  Kept kept;
  kept.add_step(40, 34, 0.7);
  EXPECT_EQ(kept.trend(gate()).exit_code, ExitCode::fine);
  Kept again;
  again.add_step(40, 34, 0.7);
  TrendSettings settings = gate();
  settings.settings.fail_on.better = true;
  EXPECT_EQ(again.trend(settings).exit_code, ExitCode::finding);
}

TEST(TrendGate, AStepThatIsKnownIsNone) {
  for (const auto& [expires, code] :
       {std::pair{"2027-01-01", ExitCode::fine}, {"2026-11-30", ExitCode::finding}}) {
    Kept kept;
    kept.add_step(40, 34, 1.3);
    TrendSettings settings = gate();
    settings.settings.acknowledgements = {{"mode:*", "cpu_time", "agreed", expires}};
    const Trend trend = kept.trend(settings);
    EXPECT_EQ(trend.exit_code, code) << expires;
    EXPECT_EQ(code == ExitCode::fine,
              trend_text(trend, {}, Script::ascii).find("acknowledged +30.") != std::string::npos);
  }
}

TEST(TrendGate, TooFewPointsAreInconclusive) {
  Kept kept;
  kept.add_step(14, 7, 2);
  const Trend trend = kept.trend(gate());
  EXPECT_EQ(trend.exit_code, ExitCode::inconclusive);
  EXPECT_THAT(trend_text(trend, {}, Script::ascii), HasSubstr("15 are needed"));
  Kept again;
  again.add_step(14, 7, 2);
  EXPECT_EQ(again.trend().exit_code, ExitCode::fine) << "for people, that is how a history begins";
}

TEST(TrendGate, WhatCannotBeReadIsInconclusiveButHidesNoFinding) {
  Kept kept;
  kept.add_step(40, 34, 1.3);
  kept.unreadable = {"x.json is an array; expected an object"};
  EXPECT_EQ(kept.trend(gate()).exit_code, ExitCode::finding);
  Kept again;
  again.add_step(40, 40, 1);
  again.unreadable = {"x.json is an array; expected an object"};
  const Trend trend = again.trend();
  EXPECT_EQ(trend.exit_code, ExitCode::inconclusive);
  EXPECT_THAT(trend_text(trend, {}, Script::ascii), HasSubstr("note left out: x.json is an array"));
}

// Seven tenths of each value are of the one before, and the last ten are three tenths more.
TEST(TrendGate, WhatMayBeWanderingIsInconclusiveAndNeverFine) {
  std::size_t doubtful = 0;
  for (std::uint64_t seed = 1; seed <= 12; ++seed) {
    Kept kept;
    Draws draws(seed);
    double now = 0;
    for (std::size_t i = 0; i < 60; ++i) {
      now = 0.7 * now + 0.07 * (draws.uniform() + draws.uniform() - 1);
      json row = delivery_row();
      row["cpu_time"] = 1000 * std::exp(now) * (i < 50 ? 1 : 1.3);
      kept.add(i, {row}, i);
    }
    const Trend trend = kept.trend(gate());
    if (!line_of(trend.series.at(0), kCpuTime).doubtful) {
      EXPECT_EQ(trend.exit_code, ExitCode::finding) << seed;
      continue;
    }
    ++doubtful;
    EXPECT_EQ(trend.exit_code, ExitCode::inconclusive) << seed;
    EXPECT_THAT(trend_text(trend, {}, Script::ascii), HasSubstr("\n      cannot tell +"));
    EXPECT_THAT(summary(trend), HasSubstr("of 1 line nobody can tell"));
  }
  EXPECT_GT(doubtful, 2U) << "where each is shown, this shows nothing";
}

TEST(TrendReports, JsonHasAllThatAChartNeeds) {
  Kept kept;
  kept.add_step(40, 30, 1.3);
  const json found = json::parse(trend_json(kept.trend()));
  EXPECT_EQ(found.at("points").size(), 40U);
  EXPECT_EQ(found.at("points").at(30).at("commit"), "00000000001e");
  EXPECT_EQ(found.at("series").at(0).at("setup"), (json{{"cpu_model", "one"}}));
  const json& cpu = found.at("series").at(0).at("metrics").at("cpu_time");
  EXPECT_EQ(cpu.at("points").size(), 40U);
  EXPECT_EQ(cpu.at("steps").at(0).at("point"), 30);
  EXPECT_EQ(cpu.at("steps").at(0).at("verdict"), "worse");
  EXPECT_EQ(cpu.at("points_needed"), nullptr);
}

TEST(TrendReports, TextFitsEightyColumns) {
  Kept kept;
  kept.add_step(100, 60, 1.3);
  const std::string text = trend_text(kept.trend(), {}, Script::ascii);
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = text.find('\n', begin);
    const std::string line = text.substr(begin, end - begin);
    begin = end + 1;
    if (line.starts_with("  ")) {
      EXPECT_LE(line.size(), 80U) << line;
    }
  }
}

TEST(TrendReports, MarkdownIsATableWithTheSteps) {
  Kept kept;
  kept.add_step(40, 30, 1.3);
  const std::string text = trend_markdown(kept.trend(), false);
  EXPECT_THAT(text, testing::StartsWith("**fine: "));
  EXPECT_THAT(text, HasSubstr(":x: worse \\+30.4% \\(\\+29.7% .. \\+30.9%\\) since 00000000001e"));
}

TEST(TrendReports, NamesCannotBreakOut) {
  Kept kept;
  kept.add(0, {plain_row("BM_|<b>\x1b[31m", 5)}, 0);
  const Trend trend = kept.trend();
  EXPECT_THAT(trend_text(trend, {false, true}, Script::ascii), testing::Not(HasSubstr("\x1b")));
  EXPECT_THAT(trend_markdown(trend, true), HasSubstr("BM\\_\\|\\<b\\>?\\[31m"));
}

}  // namespace
}  // namespace spate::compare
