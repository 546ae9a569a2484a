#include "compare/history/trend.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "compare/history/trend_report.h"
#include "tests/compare/history/kept.h"

namespace spate::compare {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

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

TEST(Trend, LeavesOutStepsOfASearchItsBoundsAndWhatWasStopped) {
  Kept kept;
  json step = delivery_row("mock", 500);
  step["spate"]["step"] = {{"holds", true}};
  json stopped = delivery_row("mock", 2000);
  stopped["spate"]["cut_short"] = true;
  stopped["lost"] = 5;
  json bound = delivery_row("mock", 3000);
  bound["spate"]["answer"] = {{"at_least", true}};
  kept.add(1, {delivery_row(), step, stopped, bound}, 0);
  const Trend trend = kept.trend();
  EXPECT_EQ(trend.series.size(), 1U);
  EXPECT_TRUE(trend.broken.empty());
  ASSERT_EQ(trend.bounds.size(), 1U);
  EXPECT_THAT(trend.bounds[0].cell, HasSubstr("rate:3000"));
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
  kept.unreadable.emplace_back(
      "a file with a long name that cannot be read, and with a reason that is longer");
  TrendSettings settings = gate();
  settings.settings.acknowledgements = {
      {"*", "*", "a reason that somebody has thought about, and put into rather many words",
       "2027-01-01"}};
  const std::string text = trend_text(kept.trend(settings), {}, Script::ascii);
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = text.find('\n', begin);
    const std::string line = text.substr(begin, end - begin);
    begin = end + 1;
    EXPECT_LE(line.size(), 80U) << line;
  }
}

TEST(TrendReports, MarkdownIsATableWithTheSteps) {
  Kept kept;
  kept.add_step(40, 30, 1.3);
  const std::string text = trend_markdown(kept.trend(), false);
  EXPECT_THAT(text, testing::StartsWith("**fine: "));
  EXPECT_THAT(text, HasSubstr(":x: worse \\+30.4% \\(\\+29.7% .. \\+30.9%\\) since 00000000001e"));
}

// Of the Markdown's rows the trend, as it is rendered.
std::vector<std::size_t> lengths_of_trends(const std::string& text) {
  std::vector<std::size_t> lengths;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    const std::size_t end = line.rfind("</code>");
    if (!line.starts_with("| <code>") || end == std::string::npos) {
      continue;
    }
    const std::size_t begin = line.rfind("<code>", end) + 6;
    lengths.push_back(static_cast<std::size_t>(
        std::count_if(line.begin() + static_cast<std::ptrdiff_t>(begin),
                      line.begin() + static_cast<std::ptrdiff_t>(end), [](char c) {
                        const bool continues = (static_cast<unsigned char>(c) & 0xc0U) == 0x80U;
                        return c != '\\' && !continues;
                      })));
  }
  return lengths;
}

TEST(TrendReports, RowsOfCharactersAreAsLongWithStepsAsWithout) {
  Kept kept;
  kept.add_levels({{17, 1}, {14, 1.3}, {12, 1.8}});
  const Trend trend = kept.trend();
  ASSERT_EQ(line_of(trend.series.at(0), kCpuTime).steps.size(), 2U);
  const std::vector<std::size_t> lengths = lengths_of_trends(trend_markdown(trend, false));
  ASSERT_GT(lengths.size(), 2U);
  EXPECT_THAT(lengths, testing::Each(24U));
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
