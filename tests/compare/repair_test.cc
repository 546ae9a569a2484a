// What is wrong in a file and can be read all the same: it is, and the report says so.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "compare/text_report.h"
#include "tests/compare/sample.h"

namespace spate::compare {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;

// A file of one row, in which `from` stands instead of `to`.
ResultFile repaired(json row, const std::string& from, const std::string& to) {
  std::string text = result_file({std::move(row)}).dump();
  text.replace(text.find(from), from.size(), to);
  return parse_results(text, "file.json");
}

TEST(Repair, NanInfinityAndNumbersBeyondADoubleAreNoValues) {
  for (const std::string word :
       {"NaN", "nan", "-nan", "inf", "-inf", "Infinity", "-Infinity", "1e9999"}) {
    const ResultFile file = repaired(plain_row("BM_a", 1250), "1250.0", word);
    EXPECT_EQ(file.rows.at(0).value("real_time"), std::nullopt) << word;
    EXPECT_EQ(file.rows.at(0).value("cpu_time"), 625.0) << word;
    EXPECT_THAT(file.notes, ElementsAre(HasSubstr("read as null"))) << word;
  }
}

TEST(Repair, AMetricThatIsNoNumberIsNotThere) {
  const ResultFile base = repaired(plain_row("BM_a", 1250), "1250.0", "NaN");
  const ResultFile candidate = parse_results(result_file({plain_row("BM_a", 1250)}).dump(), "b");
  const Comparison comparison = compare_sides({std::vector{base}, std::vector{candidate}});
  EXPECT_EQ(metric_of(comparison, kRealTime).judgement.verdict, Verdict::not_judged);
  EXPECT_EQ(comparison.unmatched.at(0).metric, kRealTime);
  EXPECT_THAT(text_report(comparison), HasSubstr("     repaired at line 1, column "));
}

TEST(Repair, BytesThatAreNotUtf8AndControlCharactersAreKept) {
  for (const std::string byte : {"\xff", "\x01"}) {
    const ResultFile file = repaired(plain_row("NAME", 1), "\"name\":\"NAME", "\"name\":\"" + byte);
    EXPECT_THAT(file.notes, ElementsAre(HasSubstr(", kept")));
  }
}

// The report must show what it cannot know to be text.
TEST(Repair, BytesThatAreNotUtf8CanBeReported) {
  json row = virtual_row();
  row["note"] = "NOTE";
  std::string text = result_file({row}).dump();
  std::string other = text;
  text.replace(text.find("NOTE"), 4, 1, '\xff');
  other.replace(other.find("NOTE"), 4, 1, '\xfe');
  for (const std::string format : {"text", "markdown", "json", "junit"}) {
    const Outcome outcome = run_on({text, other}, {"--exact", "--format", format});
    EXPECT_EQ(outcome.code, ExitCode::finding) << format << outcome.err;
  }
}

TEST(Repair, ACommaTooManyAndAByteOrderMarkArePassedOver) {
  std::string text = result_file({plain_row("BM_a", 1)}).dump();
  text.insert(text.rfind(']'), 1, ',');
  const ResultFile file = parse_results("\xef\xbb\xbf" + text, "file.json");
  EXPECT_EQ(file.rows.size(), 1U);
  EXPECT_EQ(file.notes.size(), 2U);
}

TEST(Repair, OfAFileThatEndsTooEarlyTheWholeRowsAreKept) {
  const std::string text =
      result_file({plain_row("BM_a", 1), plain_row("BM_b", 2), plain_row("BM_c", 3)}).dump();
  const ResultFile file = parse_results(text.substr(0, text.rfind("BM_c")), "file.json");
  EXPECT_TRUE(file.truncated);
  ASSERT_EQ(file.rows.size(), 2U);
  EXPECT_EQ(file.rows[1].value("real_time"), 2.0);
  EXPECT_THAT(file.notes,
              ElementsAre(HasSubstr("ends too early: the 2 rows before that are used")));
}

// A half row's counters are nobody's.
TEST(Repair, CountersOfARowThatWasCutBelongToNoOther) {
  const std::string text = result_file({plain_row("BM_a", 1), plain_row("BM_b", 2)}).dump();
  const ResultFile file = parse_results(text.substr(0, text.rfind("\"time_unit")), "file.json");
  ASSERT_EQ(file.rows.size(), 1U);
  EXPECT_EQ(file.origin->counters.size(), 2U);
}

}  // namespace
}  // namespace spate::compare
