// The report on a terminal.
#include "compare/text_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>
#include <string>
#include <vector>

#include "compare/program.h"
#include "tests/compare/sample.h"

namespace spate::compare {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::Not;

// For lines that are looked for in one piece.
const TextStyle kWide{.color = false, .all = false, .columns = 200};

// Each line of it, but those that carry a name that is as long as it is.
void expect_narrow(const std::string& text, const std::string& long_name = "\n") {
  std::istringstream lines(text);
  std::vector<std::string> all;
  for (std::string line; std::getline(lines, line);) {
    all.push_back(line);
  }
  ASSERT_FALSE(all.empty());
  for (const std::string& line : all) {
    EXPECT_TRUE(line.find(long_name) != std::string::npos || line.size() <= 80)
        << line.size() << ": " << line;
  }
}

std::vector<json> operator+(std::vector<json> rows, const std::vector<json>& more) {
  rows.insert(rows.end(), more.begin(), more.end());
  return rows;
}

// A cell of each verdict, in the order of their inks.
Comparison of_inks() {
  const auto rows = [](double worse, double better) {
    return with_values(plain_row("BM_worse", 1), "real_time", around(worse)) +
           with_values(plain_row("BM_better", 1), "real_time", around(better)) +
           std::vector<json>{plain_row("BM_doubt", 1)};
  };
  return compared(rows(100, 100), rows(150, 50));
}

TEST(TextReport, FitsEightyColumns) {
  const std::string long_mode(60, 'm');
  const Outcome outcome =
      run_on({result_file({delivery_row("mock"), delivery_row(long_mode)}).dump()},
             {"--modes", "mock," + long_mode});
  expect_narrow(outcome.out, long_mode);
  EXPECT_THAT(outcome.out, HasSubstr("95% interval"));
}

TEST(TextReport, FitsEightyColumnsWhateverIsDoubtful) {
  const auto rows = [](const std::vector<double>& values) {
    return with_values(delivery_row("queue"), "response_ns_p50", values) +
           with_values(delivery_row("queue", 7), "response_ns_p99", values) +
           with_values(plain_row("BM_a", 1), "items_per_second", values);
  };
  const std::vector<double> wild{1e3, 2e3, 3e3, 4e4, 5e3, 6e4, 7e3, 8e3, 9e4, 1e4};
  const std::vector<double> wilder{9e4, 2e4, 1e5, 4e3, 3e4, 6e4, 7e3, 8e4, 9e4, 1e5};
  const std::vector<double> zero{0, 1, 2, 3, 4, 5, 6, 7, 8, 9};
  const std::vector<double> wide{50, 120, 71, 105, 93, 150, 88, 99, 79, 130};
  for (const auto& [base, candidate] : {std::pair{wild, wilder},
                                        {zero, wild},
                                        {wild, zero},
                                        {wide, around(100)},
                                        {around(100), wide}}) {
    const Comparison comparison = compared(rows(base), rows(candidate));
    expect_narrow(text_report(comparison, {false, true}));
  }
}

TEST(TextReport, FitsEightyColumnsWithAllRemarks) {
  std::vector<json> rows;
  for (int i = 0; i < 1000; ++i) {
    rows.push_back(plain_row("BM_" + std::to_string(i), 1));
  }
  for (int i = 0; i < 20; ++i) {
    rows.front()["counter_" + std::to_string(i)] = i;
  }
  Settings settings;
  settings.alpha = 0.01;
  const std::string text = text_report(compared(rows, rows, settings));
  expect_narrow(text);
  EXPECT_THAT(text, HasSubstr("counter_19"));
  EXPECT_THAT(text, HasSubstr("note by chance alone"));
}

TEST(TextReport, IsColouredOnlyWhenAsked) {
  const std::string coloured = text_report(of_inks(), {.color = true, .columns = 200});
  EXPECT_THAT(coloured, HasSubstr("\033[31mworse\033[0m\n"));
  EXPECT_THAT(coloured, HasSubstr("\033[32mbetter\033[0m\n"));
  EXPECT_THAT(coloured, HasSubstr("\033[33mcannot tell: needs 7 runs\033[0m\n"));
  EXPECT_THAT(coloured, HasSubstr("\n\033[31mregression: "));
  EXPECT_THAT(text_report(of_inks()), Not(HasSubstr("\033")));
}

// What the tests read is no terminal.
TEST(TextReport, ColourIsAFlag) {
  const std::vector<json> rows{plain_row("BM_a", 1)};
  EXPECT_THAT(compare_rows(rows, rows).out, Not(HasSubstr("\033")));
  EXPECT_THAT(compare_rows(rows, rows, {"--color", "never"}).out, Not(HasSubstr("\033")));
  EXPECT_THAT(compare_rows(rows, rows, {"--color", "always"}).out, HasSubstr("\033[33m"));
  EXPECT_EQ(compare_rows(rows, rows, {"--color", "blue"}).code, ExitCode::unusable);
}

TEST(TextReport, NamesCannotDriveTheTerminal) {
  const json row = plain_row("BM_\033[31m\n\r\x7f", 1);
  EXPECT_THAT(text_report(compared({row}, {row})),
              HasSubstr("\nBM_?[31m???  (1 repetition a side)\n"));
}

TEST(TextReport, SaysHowManyValuesThereAre) {
  const json row = plain_row("BM_a", 1);
  const json file = result_file({row, row, row});
  EXPECT_THAT(text_report(compared_files({file, file}, {file, file})),
              HasSubstr("BM_a  (2 processes a side)"));
  EXPECT_THAT(text_report(compared({row, row}, {row, row})),
              HasSubstr("BM_a  (2 repetitions a side)"));
  EXPECT_THAT(text_report(compared({row, row}, {row})), HasSubstr("BM_a  (2 and 1 repetitions)"));
}

TEST(TextReport, SaysWhyItCannotTell) {
  const auto report = [](const std::vector<double>& base, const std::vector<double>& candidate) {
    const json row = plain_row("BM_a", 1);
    return text_report(
        compared(with_values(row, "real_time", base), with_values(row, "real_time", candidate)),
        kWide);
  };
  const std::vector<double> wide{80, 90, 95, 100, 105, 120, 125};
  EXPECT_THAT(report(around(100, 2), around(100, 2)), HasSubstr("cannot tell: needs 7 runs\n"));
  EXPECT_THAT(report(wide, around(112, 7)), HasSubstr("cannot tell: may be chance, p 0."));
  EXPECT_THAT(report(wide, around(101, 7)), HasSubstr("cannot tell: sees "));
  EXPECT_THAT(report({-1, 1}, {1, 1}), HasSubstr("cannot tell: has values below zero\n"));
}

TEST(TextReport, NamesAndExcusesWhatIsGone) {
  Settings settings;
  settings.today = "2027-01-01";
  settings.acknowledgements = {{"BM_b", "vanished", "retired", "2027-12-31"}};
  const Comparison comparison = compared({plain_row("BM_a", 1), plain_row("BM_b", 1)},
                                         {plain_row("BM_a", 1), plain_row("BM_c", 1)}, settings);
  const std::string text = text_report(comparison);
  EXPECT_THAT(text, HasSubstr("\nMissing in new:\n  BM_b (acknowledged: retired)\n"));
  EXPECT_THAT(text, HasSubstr("\nMissing in base (no loss of coverage):\n  BM_c\n"));
}

TEST(TextReport, TheLastLineSaysIt) {
  json broken = delivery_row();
  broken["duplicated"] = 1;
  const std::string text = text_report(compared({broken}, {delivery_row()}));
  EXPECT_THAT(text, HasSubstr("\n\ninvariant broken: 1 cell matched, 0 unmatched, 1 broken; "));
}

TEST(Program, ReportsThatItCannotWrite) {
  std::ostringstream out;
  out.setstate(std::ios::badbit);
  std::ostringstream err;
  EXPECT_EQ(run({"--help"}, out, err), ExitCode::unusable);
  EXPECT_THAT(err.str(), HasSubstr("cannot write"));
}

}  // namespace
}  // namespace spate::compare
