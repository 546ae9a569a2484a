// What stands first in a page, and what it leaves out and counts.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "compare/html/overview.h"
#include "compare/html/verdicts.h"
#include "tests/compare/sample.h"

namespace spate::compare::html {
namespace {

using nlohmann::json;
using testing::HasSubstr;

std::size_t count(const std::string& text, const std::string& what) {
  std::size_t found = 0;
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) {
    ++found;
  }
  return found;
}

// Of a file with these rows. Its cells refer to what is kept here.
struct Shown {
  explicit Shown(const std::vector<json>& rows) {
    files.push_back(parse_results(result_file(rows).dump(), "run.json"));
    comparison = show_cells(files);
    cells = cells_of(comparison);
  }

  std::vector<ResultFile> files;
  Comparison comparison;
  std::vector<ShownCell> cells;
};

std::vector<json> deliveries(int cells) {
  std::vector<json> rows;
  for (int rate = 1; rate <= cells; ++rate) {
    rows.push_back(delivery_row("mock", rate));
  }
  return rows;
}

TEST(HtmlLimits, SixtyCellsAreDrawnBesideEachOtherAndTheOthersCounted) {
  const Shown shown(deliveries(70));
  const Figure latency = latency_figure(shown.cells);
  EXPECT_EQ(latency.labels.size(), 60U);
  EXPECT_EQ(latency.lines.at(0).points.size(), 60U);
  EXPECT_THAT(latency.hint, HasSubstr("The first 60 of 70."));
  std::vector<json> plain;
  for (int i = 0; i < 61; ++i) {
    plain.push_back(plain_row("BM_" + std::to_string(i), 100));
  }
  const Shown others(plain);
  const Figure times = time_figure(others.cells);
  EXPECT_EQ(times.labels.size(), 60U);
  EXPECT_EQ(times.lines.at(0).points.size(), 60U);
  EXPECT_THAT(times.hint, HasSubstr("The first 60 of 61."));
}

TEST(HtmlLimits, AFigureOfPercentilesHasTwelveLinesAndCountsTheOthers) {
  std::vector<json> rows;
  for (int i = 0; i < 20; ++i) {
    rows.push_back(virtual_row());
    rows.back()["spate"]["cell"]["mode"] = "mode" + std::to_string(i);
  }
  const Shown shown(rows);
  const std::vector<Figure> figures = percentile_figures(shown.cells);
  ASSERT_EQ(figures.size(), 1U);
  EXPECT_EQ(figures[0].lines.size(), 12U);
  EXPECT_EQ(figures[0].hint, "8 lines more are left out: see the cells.");
}

// Of the last benchmark, which is slower.
TEST(HtmlLimits, SixtyVerdictsAreDrawnAndWhatChangedFirst) {
  std::array<std::vector<json>, 2> rows;
  for (int i = 0; i < 70; ++i) {
    for (const std::size_t side : {0U, 1U}) {
      const json row = plain_row("BM_" + std::to_string(i), 1);
      const double time = i == 69 && side == 1 ? 150 : 100;
      for (const json& one : with_values(row, "real_time", around(time))) {
        rows.at(side).push_back(one);
      }
    }
  }
  std::array<std::vector<ResultFile>, 2> sides;
  for (const std::size_t side : {0U, 1U}) {
    sides.at(side).push_back(parse_results(result_file(rows.at(side)).dump(), "run.json"));
  }
  const Comparison comparison = compare_sides(sides);
  const std::vector<Figure> figures = verdict_figures(cells_of(comparison));
  ASSERT_EQ(figures.size(), 1U);
  EXPECT_EQ(figures[0].labels.size(), 60U);
  EXPECT_EQ(figures[0].labels.front(), "BM_69: real time");
  EXPECT_EQ(figures[0].behind.at(0).texts.front(), "worse");
  EXPECT_EQ(figures[0].before.at(1).texts.size(), 60U);
  EXPECT_THAT(figures[0].hint, HasSubstr("The first 60 of 140 verdicts"));
}

TEST(HtmlLimits, TwoCellsAreUnfoldedAndThoseWithFindingsStandFirst) {
  std::array<std::vector<json>, 2> rows;
  for (int rate = 1; rate <= 5; ++rate) {
    for (const std::size_t side : {0U, 1U}) {
      const double cpu = rate == 4 && side == 1 ? 150 : 100;
      for (const json& one : with_values(delivery_row("mock", rate), "cpu_time", around(cpu))) {
        rows.at(side).push_back(one);
      }
    }
  }
  const std::string page = compare_rows(rows[0], rows[1], {"--format=html"}).out;
  EXPECT_EQ(count(page, "<details class=\"fold\" open>"), 2U);
  const std::string fold = "<summary><strong>mock, no chaos, ";
  EXPECT_EQ(count(page, fold), 5U);
  EXPECT_EQ(page.find(fold), page.find(fold + "4/s"));
}

TEST(HtmlLimits, TenLinesOfTroublesAreTold) {
  json row = virtual_row();
  row["spate"]["troubles"] = json::array();
  for (int i = 1; i <= 15; ++i) {
    row["spate"]["troubles"].push_back("trouble number " + std::to_string(i));
  }
  const std::string page = run_on({result_file({row}).dump()}, {"--format=html"}).out;
  EXPECT_EQ(count(page, "trouble number"), 10U);
  EXPECT_THAT(page, HasSubstr("and 5 more of such lines"));
}

TEST(HtmlLimits, TwentySearchesAreShown) {
  std::vector<json> rows;
  for (int i = 0; i < 23; ++i) {
    json answer = plain_row("highest_rate/" + std::to_string(i), 1000);
    answer["spate"]["cell"] = delivery_row()["spate"]["cell"];
    answer["spate"]["cell"]["agents"] = 100 + i;
    answer["spate"]["cell"]["objective"] = "p99<20ms";
    answer["messages_per_second"] = 5;
    rows.push_back(answer);
  }
  const std::string page = run_on({result_file(rows).dump()}, {"--format=html"}).out;
  EXPECT_EQ(count(page, "<dt>objective</dt>"), 20U);
  EXPECT_THAT(page, HasSubstr("3 more searches are left out"));
}

TEST(HtmlLimits, TheNumbersOfOneRunAreSeenFirst) {
  json row = virtual_row();
  row["unknown"] = 3;
  row["delivered"] = 1422;
  const std::string page = run_on({result_file({row}).dump()}, {"--format=html"}).out;
  const std::size_t key = page.find("<dl class=\"key\">");
  ASSERT_NE(key, std::string::npos);
  EXPECT_LT(key, page.find("<figure"));
  EXPECT_THAT(page, HasSubstr("<dt>success</dt><dd>95.00%</dd>"));
  EXPECT_THAT(page, HasSubstr("<dt>p99 response</dt><dd>9.900ms</dd>"));
  EXPECT_THAT(page, HasSubstr("<dt>unknown</dt><dd>3</dd>"));
}

}  // namespace
}  // namespace spate::compare::html
