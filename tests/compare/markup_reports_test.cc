// Reports that other programs render: names stay text, and counts are right.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>
#include <string>
#include <vector>

#include "compare/junit_report.h"
#include "compare/markdown_report.h"
#include "tests/compare/sample.h"

namespace spate::compare {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::Not;

constexpr FailOn kNone{false, false, false, false};
constexpr FailOn kAll{true, true, true, true};

std::vector<json> rows_with(const std::string& name, double time) {
  return with_values(plain_row(name, 1), "real_time", around(time));
}

Comparison with_fail_on(const std::vector<json>& base, const std::vector<json>& candidate,
                        const FailOn& fail_on) {
  Settings settings;
  settings.fail_on = fail_on;
  return compared(base, candidate, settings);
}

// Of the test suite.
std::string counts_of(const Comparison& comparison) {
  const std::string report = junit_report(comparison);
  const std::size_t begin = report.find("tests=");
  return report.substr(begin, report.find('>', begin) - begin);
}

// The bars of a line that are no text.
std::size_t bars_of(const std::string& line) {
  std::size_t bars = 0;
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (line[i] == '\\') {
      ++i;  // and what it escapes
    } else if (line[i] == '|') {
      ++bars;
    }
  }
  return bars;
}

TEST(Markdown, NamesCannotBecomeMarkup) {
  const std::string report = markdown_report(compared(rows_with("BM_<b>*x*`y`[z](http)#|~\\", 100),
                                                      rows_with("BM_<b>*x*`y`[z](http)#|~\\", 150)),
                                             false);
  EXPECT_THAT(
      report,
      HasSubstr("| <code>BM\\_\\<b\\>\\*x\\*\\`y\\`\\[z\\]\\(http\\)\\#\\|\\~\\\\</code> |"));
}

TEST(Markdown, SaysHowManyDifferencesItLeavesOut) {
  Comparison comparison = compared({virtual_row()}, {virtual_row()});
  comparison.cells.at(0).exactness = {
      true,
      {{"spate.text", "base", "new", std::string(50, 'a') + "b", std::string(50, 'a') + "c"}},
      5};
  const std::string report = markdown_report(comparison);
  EXPECT_THAT(report, HasSubstr("agents:9</code>: and 5 more\n"));
  // Of long values the part where they differ.
  EXPECT_THAT(report, HasSubstr("aab\", new ..."));
}

TEST(Markdown, EveryRowOfTheTableHasItsSevenColumns) {
  const std::string name = "BM_a||b\\|c\n| d";
  const Comparison comparison = compared(rows_with(name, 100), rows_with(name, 150));
  std::istringstream lines(markdown_report(comparison, true));
  std::size_t rows = 0;
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with('|')) {
      EXPECT_EQ(bars_of(line), 8U) << line;
      ++rows;
    }
  }
  EXPECT_EQ(rows, 4U) << "two lines of head, two metrics";
}

TEST(Markdown, EverythingButTheTableIsEscapedToo) {
  Settings settings;
  settings.today = "2027-01-01";
  settings.acknowledgements = {{"BM_<gone>", "vanished", "<b>", "2027-12-31"}};
  json failed = plain_row("BM_<bad>", 1);
  failed.update({{"error_occurred", true}, {"error_message", "<img>"}, {"<counter>", 1}});
  json file = result_file({plain_row("BM_<bad>", 1), plain_row("BM_<gone>", 1)});
  const std::string report =
      markdown_report(compared_files({file}, {result_file({failed})}, settings), true);
  for (const std::string text : {"<bad>", "<gone>", "<b>", "<img>", "<counter>"}) {
    EXPECT_THAT(report, Not(HasSubstr(text)));
    EXPECT_THAT(report, HasSubstr("\\" + text.substr(0, text.size() - 1) + "\\>"));
  }
}

TEST(Markdown, SaysWhatModesCameTo) {
  const Outcome outcome =
      run_on({result_file({delivery_row("mock"), delivery_row("queue")}).dump()},
             {"--modes", "mock,queue", "--format", "markdown"});
  EXPECT_THAT(outcome.out, HasSubstr("| cell | metric | mock | queue | ratio |"));
  EXPECT_THAT(outcome.out, HasSubstr("| <code>chaos:off rate:1000 agents:9</code> | "
                                     "<code>throughput</code> | 1.000k/s | 1.000k/s | 1.00x |"));
}

TEST(Junit, CountsItsCases) {
  EXPECT_EQ(counts_of(compared(rows_with("BM_a", 100), rows_with("BM_a", 150))),
            R"(tests="2" failures="1" errors="0" skipped="0")");
  const json row = plain_row("BM_a", 1);
  EXPECT_EQ(counts_of(compared({row}, {row})), R"(tests="3" failures="0" errors="1" skipped="2")")
      << "two that cannot be told, and so nothing could";
}

TEST(Junit, WhatFailsIsWhatMakesAFinding) {
  const std::vector<json> base = rows_with("BM_a", 100);
  std::vector<json> candidate = rows_with("BM_a", 50);
  candidate.push_back(plain_row("BM_b", 1));
  EXPECT_EQ(counts_of(with_fail_on(base, candidate, kAll)),
            R"(tests="3" failures="2" errors="0" skipped="0")");
  EXPECT_EQ(counts_of(with_fail_on(base, candidate, kNone)),
            R"(tests="3" failures="0" errors="0" skipped="1")");
  EXPECT_EQ(counts_of(with_fail_on({plain_row("BM_b", 1)}, {plain_row("BM_b", 1)}, kAll)),
            R"(tests="3" failures="2" errors="1" skipped="0")");
}

TEST(Junit, AMissingCellFailsUnlessItIsAllowed) {
  std::vector<json> base = rows_with("BM_a", 100);
  base.push_back(plain_row("BM_b", 1));
  Settings settings;
  EXPECT_EQ(counts_of(compared(base, rows_with("BM_a", 100), settings)),
            R"(tests="3" failures="1" errors="0" skipped="0")");
  settings.allow_vanished = true;
  settings.fail_on = kAll;
  EXPECT_EQ(counts_of(compared(base, rows_with("BM_a", 100), settings)),
            R"(tests="3" failures="0" errors="0" skipped="1")");
}

TEST(Junit, AdviceFailsNothing) {
  json base = result_file(rows_with("BM_a", 100));
  json candidate = result_file(rows_with("BM_a", 150));
  candidate["benchmarks"].push_back(plain_row("BM_new", 1));
  base["context"]["seed"] = 1;
  candidate["context"]["seed"] = 2;
  Settings settings;
  settings.advisory = true;
  settings.fail_on = kAll;
  settings.fail_on.cannot_tell = false;
  EXPECT_EQ(counts_of(compared_files({base}, {candidate}, settings)),
            R"(tests="3" failures="0" errors="0" skipped="2")");
  EXPECT_EQ(counts_of(compared_files({base}, {candidate})),
            R"(tests="1" failures="0" errors="1" skipped="0")")
      << "without it nothing is judged";
}

TEST(Junit, BreaksAndDifferencesFail) {
  json lost = virtual_row();
  lost.update({{"lost", 1}, {"delivered", 1424}, {"sent", 501}});
  const std::string report = junit_report(compared({virtual_row()}, {lost}));
  EXPECT_THAT(report, HasSubstr("name=\"invariant lost [new]\"><failure message=\"lost 1\"/>"));
  EXPECT_THAT(report,
              HasSubstr("name=\"fixed by the seed\"><failure message=\"delivered: base 1425, "
                        "new 1424; and 1 more differ\"/>"));
}

TEST(Junit, NamesCannotBecomeMarkup) {
  const std::string name = "a<b> & \"c\" \x01\x1b \xff";
  json file = result_file({plain_row("NAME", 1)});
  std::string text = file.dump();
  for (std::size_t at = text.find("NAME"); at != std::string::npos; at = text.find("NAME")) {
    text.replace(at, 4, "a<b> & \\\"c\\\" \\u0001 \xff \\uffff");
  }
  const Outcome outcome = run_on({text, text}, {"--format", "junit"});
  EXPECT_THAT(outcome.out, HasSubstr("classname=\"a&lt;b&gt; &amp; &quot;c&quot; ? \ufffd ?\""));
}

}  // namespace
}  // namespace spate::compare
