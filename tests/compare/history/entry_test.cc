#include "compare/history/entry.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

#include "compare/error.h"
#include "compare/history/moment.h"
#include "tests/compare/sample.h"

namespace spate::compare {
namespace {

using nlohmann::json;
using testing::HasSubstr;

constexpr const char* kDate = "2026-11-29T02:11:53+01:00";

json dated(json file, const std::string& commit = "a7c838f02908") {
  file["context"]["date"] = kDate;
  if (!commit.empty()) {
    file["context"]["git_commit"] = commit;
  }
  return file;
}

Entry entry(const json& file, const GivenProvenance& given = {}) {
  return entry_of(parse_results(file.dump(), "result.json"), given);
}

std::string refusal(const json& file, const GivenProvenance& given = {}) {
  try {
    (void)entry(file, given);
  } catch (const Error& fault) {
    return fault.what();
  }
  return "";
}

TEST(Moment, DatesAreInUtc) {
  EXPECT_EQ(utc_of("2026-11-29T02:11:53+01:00"), "2026-11-29T01:11:53Z");
  EXPECT_EQ(utc_of("2026-12-31T23:30:00-0145"), "2027-01-01T01:15:00Z");
  EXPECT_EQ(utc_of("2026-11-29T02:11:53Z"), "2026-11-29T02:11:53Z");
  EXPECT_EQ(utc_of("2015/03/17-18:40:25"), "2015-03-17T18:40:25Z");
}

TEST(Moment, WhatIsNoDateIsNone) {
  for (const char* const text :
       {"", "now", "2026-11-29", "2026-13-01T00:00:00", "2026-02-30T00:00:00",
        "2026-11-29T24:00:00", "2026-11-29T02:11:53+", "2026-11-29T02:11:53+1:00",
        "2026-11-29T02:11:53+01:00 ", "-026-11-29T02:11:53Z"}) {
    EXPECT_EQ(utc_of(text), std::nullopt) << text;
  }
}

TEST(HistoryEntry, IsAResultFileWithTheSameNumbersAndNothingBulky) {
  const json row = virtual_row();
  const json kept = json::parse(entry(dated(result_file({row, plain_row("BM_a", 5)}))).text);
  const ResultFile file = parse_results(kept.dump(), "entry.json");
  EXPECT_TRUE(file.notes.empty());
  ASSERT_EQ(file.rows.size(), 2U);
  json expected = row;
  for (const char* const bulky : {"response_histogram", "agents", "types", "chaos_events"}) {
    ASSERT_TRUE(row.at("spate").contains(bulky)) << bulky;
    EXPECT_FALSE(kept.at("benchmarks").at(0).at("spate").contains(bulky)) << bulky;
  }
  expected.erase("spate");
  for (const auto& [key, value] : expected.items()) {
    EXPECT_EQ(kept.at("benchmarks").at(0).at(key), value) << key;
  }
  EXPECT_EQ(kept.at("benchmarks").at(0).at("spate").at("cell"), row.at("spate").at("cell"));
}

TEST(HistoryEntry, KeepsTheWindowsFromWhichTheP99IsTaken) {
  json row = delivery_row();
  row["spate"]["windows"] = {{{"response_ns_p50", 1}, {"response_ns_p99", 7.5}}};
  const json kept = json::parse(entry(dated(result_file({row}))).text);
  EXPECT_EQ(kept.at("benchmarks").at(0).at("spate").at("windows"), row["spate"]["windows"]);
}

TEST(HistoryEntry, IsNamedByMomentAndCommitAndContent) {
  const Entry one = entry(dated(result_file({delivery_row()})));
  EXPECT_THAT(one.name, testing::MatchesRegex("20261129T011153Z-a7c838f02908-[0-9a-f]+\\.json"));
  json other = delivery_row();
  other["cpu_time"] = 1;
  EXPECT_NE(entry(dated(result_file({other}))).name, one.name);
  EXPECT_THAT(entry(dated(result_file({delivery_row()}), "")).name,
              testing::MatchesRegex("20261129T011153Z-[0-9a-f]+\\.json"));
}

TEST(HistoryEntry, OfAnEntryIsTheEntry) {
  const Entry one = entry(dated(result_file({virtual_row()})));
  const Entry again = entry(json::parse(one.text));
  EXPECT_EQ(again.name, one.name);
  EXPECT_EQ(again.text, one.text);
}

TEST(HistoryEntry, ANameNeverLeavesTheFolder) {
  EXPECT_THAT(entry(dated(result_file({delivery_row()}), "../../x y")).name,
              testing::MatchesRegex("20261129T011153Z-\\.\\.\\.\\.xy-[0-9a-f]+\\.json"));
}

TEST(HistoryEntry, WhatTheFileDoesNotSayIsGiven) {
  const json file = result_file({delivery_row()});
  const Entry kept = entry(file, {std::string(40, 'b'), "2026-11-28"});
  EXPECT_THAT(kept.name, testing::StartsWith("20261128T000000Z-bbbbbbbbbbbb-"));
  EXPECT_EQ(json::parse(kept.text).at("context").at("git_commit"), std::string(40, 'b'));
  EXPECT_THAT(entry(dated(file, "unknown"), {"mine", ""}).name, HasSubstr("-mine-"));
  EXPECT_THAT(entry(dated(file), {"a7c838f02908" + std::string(28, '0'), "2020-01-01"}).name,
              testing::StartsWith("20261129T011153Z-a7c838f02908-"))
      << "what it says, it says";
}

TEST(HistoryEntry, IsTheSameWhereItsOwnCommitIsGivenToo) {
  const json file = dated(result_file({delivery_row()}));
  const Entry plain = entry(file);
  for (const std::string& commit :
       {std::string("a7c838f02908"), "a7c838f02908" + std::string(28, '0'),
        std::string("a7c838f")}) {
    EXPECT_EQ(entry(file, {commit, ""}).name, plain.name) << commit;
  }
  EXPECT_THAT(refusal(file, {"a7d", ""}), HasSubstr("--commit is a7d"));
}

TEST(HistoryEntry, AnotherCommitThanTheFileSaysIsRefused) {
  EXPECT_THAT(refusal(dated(result_file({delivery_row()})), {"b7c838f02908", ""}),
              HasSubstr("is of commit a7c838f02908, and --commit is b7c838f02908"));
}

TEST(HistoryEntry, WithoutADateOrARowThereIsNone) {
  EXPECT_THAT(refusal(result_file({delivery_row()})), HasSubstr("'date'"));
  EXPECT_THAT(refusal(dated(result_file({}))), HasSubstr("has no benchmark"));
}

TEST(HistoryEntry, AFileThatEndsTooEarlyIsRefused) {
  const std::string text = dated(result_file({plain_row("BM_a", 1)})).dump();
  ResultFile file = parse_results(text.substr(0, text.size() - 1), "cut.json");
  ASSERT_TRUE(file.truncated);
  EXPECT_THROW((void)entry_of(file, {}), Error);
}

TEST(Provenance, AChangedTreeIsNotItsCommit) {
  const auto of = [](const std::string& commit) {
    return provenance_of(
        parse_results(dated(result_file({delivery_row()}), commit).dump(), "result.json"));
  };
  EXPECT_TRUE(of("a7c838f02908-dirty").dirty);
  EXPECT_EQ(of("a7c838f02908-dirty").commit, "a7c838f02908");
  EXPECT_EQ(of("a7c838f02908" + std::string(28, 'f')).commit, "a7c838f02908");
  EXPECT_EQ(of("unknown").commit, "");
  EXPECT_EQ(of("release-of-november").commit, "release-of-november");
}

}  // namespace
}  // namespace spate::compare
