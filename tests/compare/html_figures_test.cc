// What is drawn and listed of runs: the numbers of the file, the worst ones first, and bounded.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <limits>
#include <set>

#include "compare/error.h"
#include "compare/html/overview.h"
#include "compare/html/run_figures.h"
#include "tests/compare/sample.h"

namespace spate::compare::html {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

// Each of the values 1 to `count` once, times `factor`.
HdrHistogram counting_to(std::int64_t count, std::int64_t factor = 1) {
  std::vector<HdrBucket> buckets;
  for (std::int64_t value = 1; value <= count; ++value) {
    buckets.push_back({value * factor, value * factor, 1});
  }
  return {{1, count * factor, 3}, std::move(buckets)};
}

// A row as a file has it, and what is read of it.
struct ReadRow {
  explicit ReadRow(const json& row) : file(parse_results(result_file({row}).dump(), "run.json")) {}
  Run run() const { return read_run(file.rows.front()); }

  ResultFile file;
};

Side side_with(const ReadRow& row, std::vector<HdrHistogram> histograms) {
  Side side;
  for (HdrHistogram& histogram : histograms) {
    side.runs.push_back(row.run());
    side.runs.back().response_ns = std::move(histogram);
  }
  return side;
}

std::optional<double> value_at(const Line& line, double x) {
  for (const Point& point : line.points) {
    if (point.x == x) {
      return point.value;
    }
  }
  return std::nullopt;
}

json with_agents(std::size_t count) {
  json row = virtual_row();
  row["spate"]["agents"] = json::array();
  for (std::size_t i = 1; i <= count; ++i) {
    row["spate"]["agents"].push_back({{"name", "Agent-" + std::to_string(i)},
                                      {"success_rate", 0.5},
                                      {"response_ns_mean", 10 * i},
                                      {"response_ns_p99", 1000 * i}});
  }
  return row;
}

TEST(HtmlFigures, PercentilesAreTheHistogramsAndEndWithItsMaximum) {
  const ReadRow row(virtual_row());
  const Line line = response_line(side_with(row, {counting_to(1000)}), "response");
  EXPECT_EQ(value_at(line, 1), 1);
  EXPECT_EQ(value_at(line, 2), 500);
  EXPECT_EQ(value_at(line, 10), 900);
  EXPECT_EQ(value_at(line, 100), 990);
  EXPECT_EQ(value_at(line, 1000), 999);
  EXPECT_EQ(line.points.back().x, 2000);
  EXPECT_EQ(line.points.back().value, 1000);
}

TEST(HtmlFigures, PercentilesOfSeveralRunsAreTheirMedian) {
  const ReadRow row(virtual_row());
  const Side side =
      side_with(row, {counting_to(100), counting_to(100, 10), counting_to(100, 1000)});
  EXPECT_EQ(value_at(response_line(side, ""), 2), 500);
}

TEST(HtmlFigures, PercentilesGoToFiveNinesAtMost) {
  const ReadRow row(virtual_row());
  const Line line = response_line(side_with(row, {counting_to(250'000)}), "");
  EXPECT_EQ(line.points.back().x, 100'000);
  EXPECT_EQ(percentile_name(line.points.back().x), "p99.999");
  EXPECT_EQ(line.points.back().value, 249'998);
}

TEST(HtmlFigures, ServiceTimesStandWhereTheRowHasThem) {
  json row = virtual_row();
  row.update({{"service_ns_p50", 5},
              {"service_ns_p90", 9},
              {"service_ns_p99", 99},
              {"service_ns_p999", 999},
              {"service_ns_max", 1234}});
  const ReadRow read(row);
  const Side side = side_with(read, {counting_to(500)});
  const Figure figure = percentile_figure({&side, 1});
  const Line& service = figure.lines.at(1);
  EXPECT_EQ(value_at(service, 2), 5);
  EXPECT_EQ(value_at(service, 100), 99);
  EXPECT_EQ(service.points.back().x, figure.lines[0].points.back().x);
  EXPECT_EQ(service.points.back().value, 1234);
  EXPECT_EQ(service.points.size(), 4U) << "p99.9 of 500 is the maximum";
}

TEST(HtmlFigures, WindowsAreSlicesOfTheSchedule) {
  const auto run = ReadRow(virtual_row()).run();  // one window, of half a second
  ASSERT_EQ(run.slices.size(), 1U);
  EXPECT_EQ(run.slices[0].end_ns, 500'000'000);
  EXPECT_EQ(run.slices[0].p50_ns, 5'300'000);
  EXPECT_EQ(run.slices[0].p99_ns, std::nullopt);
}

TEST(HtmlFigures, OfARunThatWasStoppedOnlyWhatWasRunHasSlices) {
  json row = virtual_row();
  row["spate"]["cut_short"] = true;
  row["sent"] = 200;  // of 500: 0.2 s
  row["spate"]["windows"] = json::array();
  for (int i = 0; i < 10; ++i) {
    row["spate"]["windows"].push_back({{"response_ns_p50", 1}, {"response_ns_p99", 2}});
  }
  const auto run = ReadRow(row).run();
  ASSERT_EQ(run.slices.size(), 4U);
  EXPECT_EQ(run.slices.back().end_ns, 200'000'000);
}

TEST(HtmlFigures, ALongTimelineIsThinnedAndKeepsItsWorst) {
  json row = virtual_row();
  std::vector<int> p99(3 * kMaxSlices + 1, 10);
  p99[500] = 77'000;
  row["spate"]["timeline"] = {
      {"slice_ns", 100}, {"response_ns_p50", p99}, {"response_ns_p99", p99}};
  const ReadRow read(row);
  const Side side{"", {read.run()}};
  const Figure figure = timeline_figure({&side, 1});
  const Line& worst = figure.lines.at(1);
  EXPECT_LE(worst.points.size(), kMaxSlices);
  EXPECT_GT(worst.points.size(), kMaxSlices / 2);
  std::set<double> values;
  for (const Point& point : worst.points) {
    values.insert(point.value.value_or(0));
  }
  EXPECT_THAT(values, ElementsAre(10, 77'000));
  EXPECT_EQ(figure.lines.at(0).points.at(125).value, 10) << "a median of p50";
}

TEST(HtmlFigures, EveryChaosEventIsCountedInASlice) {
  json row = virtual_row();
  json& events = row["spate"]["chaos_events"];
  events = {{"events", json::array()}, {"left_out", 17}};
  for (int i = 0; i < 1000; ++i) {
    events["events"].push_back(
        {{"t_ns", i * 500'000}, {"kind", i % 2 == 0 ? "spike" : "crash"}, {"agent", 1}});
  }
  const ReadRow read(row);
  const Side side{"", {read.run()}};
  const Figure figure = timeline_figure({&side, 1});
  std::size_t counted = 0;
  for (const Mark& mark : figure.marks) {
    counted += mark.count;
    EXPECT_FALSE(mark.is_fault);
  }
  EXPECT_EQ(counted, 1000U);
  EXPECT_EQ(figure.marks.size(), 40U);
  EXPECT_EQ(figure.marks.front().what, "12 crash, 13 spike");
  EXPECT_THAT(figure.hint, HasSubstr("17 earlier"));
}

TEST(HtmlFigures, RealFaultsAreBandsAndOnesThatDidNotBeginAreNone) {
  json row = virtual_row();
  row["spate"]["faults"] = {{"executed",
                             {{{"fault", "3s:kill-broker"},
                               {"begun_ns", 100},
                               {"ended_ns", 300},
                               {"detected_after_ns", 10},
                               {"recovered_after_ns", 250}},
                              {{"fault", "9s:slice"}, {"begun_ns", nullptr}}}}};
  row["spate"]["timeline"] = {
      {"slice_ns", 100}, {"response_ns_p50", {1}}, {"response_ns_p99", {2}}};
  row["spate"]["chaos_events"] = nullptr;
  const ReadRow read(row);
  const Side side{"", {read.run()}};
  const Figure figure = timeline_figure({&side, 1});
  ASSERT_EQ(figure.marks.size(), 1U);
  EXPECT_TRUE(figure.marks[0].is_fault);
  EXPECT_EQ(figure.marks[0].end_ns, 300);
  EXPECT_EQ(figure.marks[0].what, "3s:kill-broker, noticed after 10.00ns, over after 250.0ns");
}

// What happened on either side, by its name; a side without runs is none.
TEST(HtmlFigures, OfTwoSidesBothHaveTheirMarks) {
  json row = virtual_row();
  row["spate"]["chaos_events"] = {{"events", {{{"t_ns", 100}, {"kind", "crash"}, {"agent", 1}}}},
                                  {"left_out", 3}};
  row["spate"]["faults"] = {
      {"executed", {{{"fault", "3s:kill-broker"}, {"begun_ns", 100}, {"ended_ns", 300}}}}};
  const ReadRow read(row);
  const std::array<Side, 2> both{Side{"base", {read.run()}}, Side{"new", {read.run()}}};
  const Figure figure = timeline_figure(both);
  std::vector<std::string> whose;
  for (const Mark& mark : figure.marks) {
    whose.push_back(mark.side + (mark.is_fault ? " fault " : " chaos ") + std::to_string(mark.row));
  }
  EXPECT_THAT(whose, ElementsAre("base chaos 0", "base fault 0", "new chaos 1", "new fault 1"));
  EXPECT_THAT(figure.hint, HasSubstr("those of new are above those of base"));
  EXPECT_THAT(figure.hint, HasSubstr(", of new the latest 1 (3 earlier ones are in no file)"));
  EXPECT_THAT(figure.hint, HasSubstr("real faults of base and of new."));
  EXPECT_EQ(tables_of(figure).at(1).rows.at(2).back(), "new: 1 crash");

  const std::array<Side, 2> second{Side{"base", {}}, Side{"new", {read.run()}}};
  const Figure alone = timeline_figure(second);
  EXPECT_EQ(alone.marks.size(), 2U);
  EXPECT_THAT(alone.hint, HasSubstr("Over 1 slice of the run of new."));
  EXPECT_THAT(alone.hint, HasSubstr("; all are of new."));
}

TEST(HtmlFigures, AgentsAreTheSlowestAndTheOthersAreCounted) {
  json row = with_agents(100);
  row["spate"]["agents_left_out"] = 900;
  const ReadRow read(row);
  const Side side{"", {read.run()}};
  const Figure figure = agent_figure({&side, 1});
  ASSERT_EQ(figure.labels.size(), kMaxAgents);
  EXPECT_EQ(figure.labels.front(), "Agent-100");
  EXPECT_EQ(figure.lines.at(0).points.front().value, 100'000);
  EXPECT_EQ(figure.lines.at(1).points.front().value, 1000);
  EXPECT_EQ(figure.labels.back(), "Agent-81");
  EXPECT_THAT(figure.hint, HasSubstr("980 more"));
  EXPECT_EQ(agent_success_figure({&side, 1}).labels, figure.labels);
}

TEST(HtmlFigures, AgentsOfSeveralRunsAreTheirMedian) {
  json slower = with_agents(2);
  slower["spate"]["agents"][1]["response_ns_p99"] = 9000;
  const ReadRow one(with_agents(2));
  const ReadRow two(slower);
  const Side side{"", {one.run(), two.run()}};
  EXPECT_EQ(agent_figure({&side, 1}).lines.at(0).points.front().value, 5500);
}

TEST(HtmlFigures, WhatIsOfAnotherTypeIsRefusedByName) {
  for (const auto& [member, value] : {std::pair<std::string, json>{"agents", 5},
                                      {"response_histogram", "HIST"},
                                      {"chaos_events", json::array()},
                                      {"timeline", {{"slice_ns", "x"}}},
                                      {"faults", {{"executed", 1}}}}) {
    json row = virtual_row();
    row["spate"][member] = value;
    try {
      const ReadRow read(row);
      (void)read.run();
      FAIL() << member;
    } catch (const Error& error) {
      EXPECT_THAT(error.what(), HasSubstr("run.json")) << member;
      EXPECT_THAT(error.what(), HasSubstr("delivery/mode:sim")) << member;
    }
  }
}

Figure two_lines() {
  Figure figure;
  figure.kind = FigureKind::rows;
  figure.title = "A title";
  figure.labels = {"a", "b"};
  figure.lines = {{"one", 0, 0, false, {{0, 1e6, std::nullopt}, {1, std::nullopt, std::nullopt}}},
                  {"two", 1, 1, true, {{1, 2.5, Interval{1, 4, 0.95}}}}};
  return figure;
}

TEST(HtmlFigure, TheTableHasTheNumbersOfTheChart) {
  const std::vector<Table> tables = tables_of(two_lines());
  ASSERT_EQ(tables.size(), 1U);
  EXPECT_THAT(tables[0].head, ElementsAre("", "one", "two"));
  EXPECT_THAT(tables[0].rows[0], ElementsAre("a", "1.000ms", ""));
  EXPECT_THAT(tables[0].rows[1], ElementsAre("b", "-", "2.500ns (1.000ns .. 4.000ns)"));
  const auto drawn = figure_json(two_lines());
  EXPECT_EQ(drawn["lines"][0]["points"].dump(), R"([[0.0,1000000.0,"1.000ms"],[1.0,null,"-"]])");
  EXPECT_EQ(drawn["lines"][1]["points"].dump(),
            R"json([[1.0,2.5,"2.500ns (1.000ns .. 4.000ns)",1.0,4.0]])json");
}

TEST(HtmlFigure, LinesMayShareAColumn) {
  Figure figure = two_lines();
  figure.lines[0].points.pop_back();
  figure.shared_column = "change";
  figure.behind = {{"verdict", {"worse", "same"}}};
  const Table table = tables_of(figure).at(0);
  EXPECT_THAT(table.head, ElementsAre("", "change", "verdict"));
  EXPECT_THAT(table.rows[1], ElementsAre("b", "2.500ns (1.000ns .. 4.000ns)", "same"));
  EXPECT_EQ(table.words_from, 2U);
}

TEST(HtmlFigure, WhatHasNoEndIsNull) {
  Figure figure = two_lines();
  figure.lines[1].points[0].interval->high = std::numeric_limits<double>::infinity();
  EXPECT_EQ(figure_json(figure)["lines"][1]["points"].dump(),
            R"json([[1.0,2.5,"2.500ns (1.000ns .. any)",1.0,null]])json");
}

TEST(HtmlFigure, IsEmptyWithoutAnyValue) {
  EXPECT_FALSE(is_empty(two_lines()));
  Figure figure = two_lines();
  figure.lines = {{"one", 0, 0, false, {{1, std::nullopt, std::nullopt}}}};
  EXPECT_TRUE(is_empty(figure));
}

std::vector<ShownCell> shown(const std::vector<ResultFile>& files, Comparison& comparison) {
  comparison = show_cells(files);
  return cells_of(comparison);
}

TEST(HtmlOverview, RatesStandInOrderAndClosedLoopsLast) {
  std::vector<ResultFile> files;
  json closed = delivery_row("mock", 0);
  closed["messages_per_second"] = 5000;
  files.push_back(parse_results(
      result_file({closed, delivery_row("mock", 100000), delivery_row("mock", 1000)}).dump(), "f"));
  Comparison comparison;
  const std::vector<ShownCell> cells = shown(files, comparison);
  const std::vector<Figure> figures = rate_figures(cells);
  ASSERT_EQ(figures.size(), 1U);
  EXPECT_THAT(figures[0].labels, ElementsAre("1000/s", "100000/s", "closed loop"));
  ASSERT_EQ(figures[0].lines.size(), 2U);
  EXPECT_EQ(value_at(figures[0].lines[0], 1), 100000) << "asked for";
  EXPECT_EQ(value_at(figures[0].lines[0], 2), std::nullopt);
  EXPECT_EQ(value_at(figures[0].lines[1], 2), 5000);
}

TEST(HtmlOverview, LabelsLeaveOutWhatAllHaveInCommon) {
  std::vector<ResultFile> files;
  files.push_back(
      parse_results(result_file({delivery_row("mock"), delivery_row("queue")}).dump(), "f"));
  Comparison comparison;
  const std::vector<ShownCell> cells = shown(files, comparison);
  EXPECT_EQ(cells.at(0).label, "mock");
  EXPECT_EQ(cells.at(1).label, "queue");
  EXPECT_EQ(spoken_name(cells[1].name), "queue, no chaos, 1000/s, 9 agents");
  EXPECT_EQ(spoken_name("mode:sim chaos:on rate:0 agents:2 window:8"),
            "sim, chaos on, closed loop, 2 agents, window:8");
}

}  // namespace
}  // namespace spate::compare::html
