// One comparison, four reports: what they share, and that none says what the others do not.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "compare/json_report.h"
#include "compare/junit_report.h"
#include "compare/markdown_report.h"
#include "compare/text_report.h"
#include "tests/compare/sample.h"

namespace spate::compare {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::Not;

// Its real time has the verdict that it is named for; its CPU time stays the same.
Comparison of_all_verdicts() {
  std::vector<json> base;
  std::vector<json> candidate;
  const auto add = [&](const std::string& name, double time, std::size_t runs) {
    for (const auto& [side, middle] : {std::pair{&base, 100.0}, {&candidate, time}}) {
      json row = plain_row(name, 1);
      row["cpu_time"] = 50;
      const std::vector<json> rows = with_values(row, "real_time", around(middle, runs));
      side->insert(side->end(), rows.begin(), rows.end());
    }
  };
  add("BM_worse", 150, 10);
  add("BM_better", 50, 10);
  add("BM_same", 100, 10);
  add("BM_known", 150, 10);
  add("BM_doubt", 150, 5);
  Settings settings;
  settings.today = "2027-01-01";
  settings.acknowledgements = {{"BM_known", "real_time", "the new allocator", "2027-12-31"}};
  return compared(base, candidate, settings);
}

// By cell and metric.
using Verdicts = std::map<std::pair<std::string, std::string>, std::string>;

Verdicts expected_verdicts() {
  Verdicts result;
  for (const std::string name : {"BM_worse", "BM_better", "BM_same", "BM_known", "BM_doubt"}) {
    result[{name, "cpu time"}] = "same";
  }
  result[{"BM_worse", "real time"}] = "worse";
  result[{"BM_better", "real time"}] = "better";
  result[{"BM_same", "real time"}] = "same";
  result[{"BM_known", "real time"}] = "acknowledged: the new allocator";
  result[{"BM_doubt", "real time"}] = "cannot tell: needs 7 runs";
  return result;
}

std::vector<std::string> split(std::string text, const std::string& separator) {
  std::vector<std::string> parts;
  for (std::size_t at = text.find(separator); at != std::string::npos; at = text.find(separator)) {
    parts.push_back(text.substr(0, at));
    text.erase(0, at + separator.size());
  }
  parts.push_back(text);
  return parts;
}

// What stands between the first `begin` and the `end` behind it; nothing without the former.
std::string between(const std::string& text, const std::string& begin, const std::string& end) {
  const std::size_t at = text.find(begin);
  return at == std::string::npos ? "" : split(text.substr(at + begin.size()), end).front();
}

const TextStyle kWide{.color = false, .all = true, .columns = 200};

TEST(Reports, TheTextHasEveryVerdict) {
  Verdicts found;
  std::string cell;
  for (const std::string& line : split(text_report(of_all_verdicts(), kWide), "\n")) {
    if (line.starts_with("BM_")) {
      cell = split(line, "  (").front();
    } else if (line.starts_with("  real time") || line.starts_with("  cpu time")) {
      found[{cell, between(line, "  ", "  ")}] = split(line, "  ").back();
    }
  }
  EXPECT_EQ(found, expected_verdicts());
}

TEST(Reports, TheMarkdownHasEveryVerdict) {
  Verdicts found;
  for (const std::string& line : split(markdown_report(of_all_verdicts(), true), "\n")) {
    if (line.starts_with("| <code>BM")) {
      const std::vector<std::string> columns = split(line, " | ");
      const std::string& verdict = columns.back();  // ":x: worse |"
      found[{"BM_" + between(columns[0], "BM\\_", "<"), between(columns[1], ">", "<")}] =
          between(verdict, ": ", " |");
    }
  }
  EXPECT_EQ(found, expected_verdicts());
}

TEST(Reports, TheJsonHasEveryVerdict) {
  const json document = json::parse(json_report(of_all_verdicts()));
  Verdicts found;
  for (const json& cell : document["cells"]) {
    for (const auto& [key, metric] : cell["metrics"].items()) {
      const std::string title = key == "real_time" ? "real time" : "cpu time";
      std::string verdict = metric["verdict"];
      if (!metric["acknowledged"].is_null()) {
        EXPECT_EQ(verdict, "worse");
        verdict = "acknowledged: " + metric["acknowledged"].get<std::string>();
      } else if (verdict == "cannot-tell") {
        verdict = "cannot tell: needs " + metric["runs_needed"].dump() + " runs";
      }
      found[{cell["cell"], title}] = verdict;
    }
  }
  EXPECT_EQ(found, expected_verdicts());
}

// Of a case that passed it says no more than that.
TEST(Reports, TheJunitHasEveryVerdict) {
  Verdicts expected = expected_verdicts();
  for (auto& [place, verdict] : expected) {
    verdict = verdict == "same" || verdict == "better" ? ""
              : verdict == "worse"                     ? "failure worse"
                                                       : "skipped " + verdict;
  }
  Verdicts found;
  for (const std::string& line : split(junit_report(of_all_verdicts()), "\n")) {
    if (line.find("<testcase") != std::string::npos) {
      const std::string metric = between(line, " name=\"", "_time\"") + " time";
      const std::string result = between(line, "\"><", " message");
      const std::string message = between(line, "message=\"", ": base");
      found[{between(line, "classname=\"", "\""), metric}] =
          result.empty() ? "" : result + " " + message;
    }
  }
  EXPECT_EQ(found, expected);
}

TEST(Reports, AllHaveTheSummary) {
  const Comparison comparison = of_all_verdicts();
  const std::string line = summary(comparison);
  EXPECT_EQ(
      line,
      "regression: 5 cells matched, 0 unmatched, 0 broken; of 10 metrics 1 worse, 1 better, 6 "
      "the same, 1 cannot be told, 1 acknowledged");
  EXPECT_THAT(text_report(comparison, kWide), HasSubstr("\n\n" + line + "\n"));
  EXPECT_THAT(markdown_report(comparison, false), HasSubstr("**" + line + "**\n"));
  EXPECT_EQ(json::parse(json_report(comparison))["summary"], line);
}

TEST(JsonReport, HasItsSchema) {
  const json document = json::parse(json_report(of_all_verdicts()));
  EXPECT_EQ(document["schema_version"], 2);
  EXPECT_EQ(document["form"], "files");
  EXPECT_EQ(document["comparable"], true);
  EXPECT_EQ(document["alpha"], 0.002);
  EXPECT_EQ(document["family"], "cell");
  EXPECT_EQ(document["replication"], "repetition");
  EXPECT_EQ(document["verdict"], "regression");
  EXPECT_EQ(document["exit_code"], 1);
  EXPECT_EQ(document["verdicts"], json::parse(R"({"better": 1, "same": 6, "worse": 1,
                                                  "cannot_tell": 1, "acknowledged": 1})"));
  std::set<std::string> names;
  for (const auto& [name, value] : document["cells"][0]["metrics"]["real_time"].items()) {
    names.insert(name);
  }
  EXPECT_EQ(names,
            (std::set<std::string>{"class", "better", "unit", "reference", "other", "ratio", "runs",
                                   "verdict", "effect", "change", "low", "high", "p", "p_adjusted",
                                   "detectable", "suspect", "runs_needed", "acknowledged"}));
}

TEST(JsonReport, HasTheFiguresBehindAVerdict) {
  const json metric =
      json::parse(json_report(of_all_verdicts()))["cells"][0]["metrics"]["real_time"];
  EXPECT_EQ(metric["class"], "time");
  EXPECT_EQ(metric["better"], "lower");
  EXPECT_EQ(metric["unit"], "ns");
  EXPECT_EQ(metric["effect"], 0.10);
  EXPECT_EQ(metric["runs"], json::array({10, 10}));
  EXPECT_NEAR(metric["change"], 0.5, 0.01);
  EXPECT_LT(metric["low"], metric["change"]);
  EXPECT_GT(metric["high"], metric["change"]);
  EXPECT_DOUBLE_EQ(metric["p_adjusted"], 2 * metric["p"].get<double>()) << "two metrics";
}

TEST(JsonReport, WhatDoesNotExistIsNull) {
  const json document = json::parse(json_report(compared({}, {})));
  EXPECT_EQ(document["median_ratio"]["messages_per_second"], nullptr);
  const json first = plain_row("BM_a", 1);
  const json found = json::parse(json_report(compared({first}, {first})));
  const json& metric = found["cells"][0]["metrics"]["real_time"];
  for (const std::string name : {"low", "high", "detectable", "acknowledged"}) {
    EXPECT_EQ(metric[name], nullptr) << name;
  }
}

std::vector<json> named_rows(std::size_t count) {
  std::vector<json> rows;
  for (std::size_t i = 0; i < count; ++i) {
    rows.push_back(plain_row("BM_" + std::to_string(i), 1));
  }
  return rows;
}

TEST(ShownCells, ThoseInWhichNothingWasFoundAreLeftOut) {
  const std::string brief = text_report(of_all_verdicts());
  for (const std::string name : {"BM_worse", "BM_better", "BM_known", "BM_doubt"}) {
    EXPECT_THAT(brief, HasSubstr("\n" + name)) << name;
  }
  EXPECT_THAT(brief, Not(HasSubstr("BM_same")));
  EXPECT_THAT(text_report(of_all_verdicts(), {false, true}), HasSubstr("BM_same"));
  EXPECT_THAT(markdown_report(of_all_verdicts(), false), Not(HasSubstr("BM\\_same")));
}

TEST(ShownCells, OfDoubtsTheFirstTwentyAreShownAndTheRestCounted) {
  const std::vector<json> rows = named_rows(23);
  const Comparison comparison = compared(rows, rows);
  const std::string brief = text_report(comparison);
  EXPECT_THAT(brief, HasSubstr("\nBM_19 "));
  EXPECT_THAT(brief, Not(HasSubstr("\nBM_20 ")));
  EXPECT_THAT(brief, HasSubstr("and 3 more cells in which something cannot be told (--all)\n"));
  EXPECT_THAT(markdown_report(comparison, false), HasSubstr("and 3 more cells"));
  const std::string all = text_report(comparison, {false, true});
  EXPECT_THAT(all, HasSubstr("\nBM_22 "));
  EXPECT_THAT(all, Not(HasSubstr("more cells")));
}

TEST(Remarks, SayHowManyFalseAlarmsToExpect) {
  const std::vector<json> rows = named_rows(50);
  Settings settings;
  settings.alpha = 0.1;
  EXPECT_THAT(text_report(compared(rows, rows, settings)),
              HasSubstr("by chance alone up to 5 of 50 cells"));
  settings.family = Family::comparison;
  EXPECT_THAT(text_report(compared(rows, rows, settings)), Not(HasSubstr("by chance alone")));
}

// Alpha is a cell's, or that of all; so what is significant in its cell need not be in all.
TEST(Families, AreACellOrTheWholeComparison) {
  const auto p_of = [](Family family) {
    Settings settings;
    settings.family = family;
    const json row = plain_row("BM_a", 1);
    const std::vector<json> more = named_rows(3);
    std::vector<json> base = with_values(row, "real_time", around(100));
    std::vector<json> candidate = with_values(row, "real_time", around(150));
    base.insert(base.end(), more.begin(), more.end());
    candidate.insert(candidate.end(), more.begin(), more.end());
    const MetricResult time = metric_of(compared(base, candidate, settings), kRealTime);
    return *time.judgement.p_adjusted / *time.judgement.evidence.p;
  };
  EXPECT_NEAR(p_of(Family::cell), 2, 1e-9);
  EXPECT_NEAR(p_of(Family::comparison), 8, 1e-9);
}

}  // namespace
}  // namespace spate::compare
