// One exit code for several findings: 4 before 5 before 3.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>
#include <string>

#include "compare/program.h"
#include "tests/compare/sample.h"

namespace spate::compare {
namespace {

using nlohmann::json;
using testing::HasSubstr;

json broken_row() {
  json row = delivery_row();
  row["duplicated"] = 1;
  return row;
}

TEST(Verdict, TwoSoundFilesAreFineWhateverTheRatios) {
  json slower = delivery_row();
  slower["response_ns_p50"] = 5.4e9;
  EXPECT_EQ(compare_rows({delivery_row()}, {slower}).code, ExitCode::fine);
}

TEST(Verdict, AnInterruptedFileIsInconclusive) {
  const json whole = result_file({delivery_row()});
  const json cut = result_file({delivery_row()}, true);
  EXPECT_EQ(compare(whole, cut).code, ExitCode::inconclusive);
  EXPECT_EQ(compare(cut, whole).code, ExitCode::inconclusive);
  EXPECT_THAT(compare(whole, cut).out, HasSubstr("(interrupted)"));
}

TEST(Verdict, NothingToCompareIsInconclusive) {
  EXPECT_EQ(compare_rows({}, {}).code, ExitCode::inconclusive);
  EXPECT_EQ(compare_rows({}, {delivery_row()}).code, ExitCode::inconclusive);
}

TEST(Verdict, ANewCellIsNoLoss) {
  EXPECT_EQ(compare_rows({delivery_row()}, {delivery_row(), delivery_row("queue")}).code,
            ExitCode::fine);
}

TEST(Verdict, AMissingCellIsLostCoverage) {
  EXPECT_EQ(compare_rows({delivery_row(), delivery_row("queue")}, {delivery_row()}).code,
            ExitCode::coverage_lost);
  EXPECT_EQ(compare_rows({delivery_row()}, {}).code, ExitCode::coverage_lost);
}

TEST(Verdict, LostCoverageOutranksAnInterruption) {
  EXPECT_EQ(compare(result_file({delivery_row(), delivery_row("queue")}),
                    result_file({delivery_row()}, true))
                .code,
            ExitCode::coverage_lost);
}

TEST(Verdict, ABrokenInvariantOutranksAllElse) {
  EXPECT_EQ(compare(result_file({broken_row(), delivery_row("queue")}),
                    result_file({delivery_row()}, true))
                .code,
            ExitCode::broken);
}

TEST(Verdict, TheLastLineOfTheTextSaysIt) {
  const Outcome outcome = compare_rows({broken_row()}, {delivery_row()});
  EXPECT_THAT(outcome.out,
              HasSubstr("\n\ninvariant broken: 1 cell matched, 0 unmatched, 1 broken; median "));
}

TEST(Verdict, TextAndJsonAgree) {
  const json files = result_file({broken_row(), delivery_row("queue")});
  const json found = verdict({files, result_file({delivery_row()})});
  const Outcome text = compare(files, result_file({delivery_row()}));
  EXPECT_EQ(found["exit_code"], static_cast<int>(text.code));
  EXPECT_THAT(text.out, HasSubstr(found["summary"].get<std::string>()));
}

TEST(TextReport, FitsAHundredColumns) {
  const std::string long_mode(60, 'm');
  const Outcome outcome =
      run_on({result_file({delivery_row("mock"), delivery_row(long_mode)}).dump()},
             {"--modes", "mock," + long_mode});
  std::istringstream lines(outcome.out);
  std::string line;
  while (std::getline(lines, line)) {
    const bool carries_name = line.find(long_mode) != std::string::npos;
    EXPECT_TRUE(carries_name || line.size() <= 100) << line;
  }
  EXPECT_THAT(outcome.out, HasSubstr("throughput     success   mean resp    p50 resp"));
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
