#include "compare/load.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "compare/json_text.h"
#include "tests/compare/sample.h"

namespace spate::compare {
namespace {

using nlohmann::json;

ResultFile parse(const json& file) { return parse_results(file.dump(), "file.json"); }

json aggregate(const std::string& name, const std::string& statistic, double time) {
  json row = plain_row(name, time);
  row["name"] = name + "_" + statistic;
  row["run_type"] = "aggregate";
  row["aggregate_name"] = statistic;
  return row;
}

TEST(Load, TimesOfEveryUnitBecomeNanoseconds) {
  const ResultFile file = parse(result_file({plain_row("a", 3, "ns"), plain_row("b", 3, "us"),
                                             plain_row("c", 3, "ms"), plain_row("d", 3, "s")}));
  EXPECT_EQ(file.rows.at(0).value("real_time"), 3.0);
  EXPECT_EQ(file.rows.at(1).value("real_time"), 3e3);
  EXPECT_EQ(file.rows.at(2).value("real_time"), 3e6);
  EXPECT_EQ(file.rows.at(3).value("real_time"), 3e9);
  EXPECT_EQ(file.rows.at(3).value("cpu_time"), 1.5e9);
}

TEST(Load, AggregatesAreIgnoredWhereTheirRepetitionsAre) {
  const ResultFile file =
      parse(result_file({plain_row("a", 1), plain_row("a", 2), aggregate("a", "mean", 1.5)}));
  EXPECT_EQ(file.rows.size(), 2U);
}

TEST(Load, MeanAndMedianAreKeptWhereThereIsNothingElse) {
  const ResultFile file =
      parse(result_file({aggregate("a", "mean", 3), aggregate("a", "median", 2),
                         aggregate("a", "stddev", 1), aggregate("a", "cv", 0.3)}));
  ASSERT_EQ(file.rows.size(), 2U);
  EXPECT_EQ(file.rows[0].kind, RowKind::mean);
  EXPECT_EQ(file.rows[1].kind, RowKind::median);
}

TEST(Load, ASkippedRowHasMeasuredNothing) {
  json row = plain_row("a", 0);
  row["skipped"] = true;
  EXPECT_TRUE(parse(result_file({row})).rows.empty());
}

TEST(Load, RowsWithoutRunNameOrTypeAreNamedByTheirName) {
  const ResultFile file = parse(result_file({{{"name", "a"}, {"real_time", 1}, {"cpu_time", 1}}}));
  EXPECT_EQ(file.rows.at(0).run_name, "a");
  EXPECT_EQ(file.rows.at(0).kind, RowKind::iteration);
}

TEST(Load, TheUnitIsThatOfTheTimesAlone) {
  json row = plain_row("a", 3, "us");
  row["hits"] = 5;
  EXPECT_EQ(parse(result_file({row})).rows.at(0).value("hits"), 5.0);
}

TEST(Load, ANullTimeIsSaidToBeUnknownAndIsNotMissing) {
  json row = plain_row("a", 3);
  row["real_time"] = nullptr;
  row["cpu_time"] = nullptr;
  EXPECT_TRUE(parse(result_file({row})).rows.at(0).counters().empty());
}

TEST(Load, ANullDigestIsUnknown) {
  json row = delivery_row();
  row["spate"]["digest"] = nullptr;
  EXPECT_EQ(parse(result_file({row})).rows.at(0).delivery->digest, "");
}

// Of a run alone the account is demanded.
TEST(Load, AnAggregateOfADeliveryNeedsNoAccount) {
  json row = delivery_row();
  row.update({{"run_type", "aggregate"}, {"aggregate_name", "median"}});
  row.erase("lost");
  EXPECT_EQ(parse(result_file({row})).rows.size(), 1U);
}

TEST(Load, AFailedDeliveryMaySayNothing) {
  json row = delivery_row();
  row["error_occurred"] = true;
  row.erase("lost");
  row.erase("real_time");
  EXPECT_TRUE(parse(result_file({row})).rows.at(0).error);
}

TEST(Load, ANullCounterIsAnAbsentOne) {
  json row = delivery_row();
  row["response_ns_p50"] = nullptr;
  EXPECT_EQ(parse(result_file({row})).rows.at(0).value("response_ns_p50"), std::nullopt);
}

TEST(Load, AFileOfAggregatesAloneSaysSo) {
  EXPECT_EQ(
      parse(result_file({aggregate("a", "mean", 3)})).notes,
      std::vector<std::string>{"has aggregates alone: their medians, else their means, are used"});
  EXPECT_TRUE(parse(result_file({plain_row("a", 1), aggregate("b", "mean", 3)})).notes.empty());
}

TEST(Load, AFileWithoutContextIsNotInterrupted) {
  EXPECT_FALSE(parse_results(R"({"benchmarks": []})", "file.json").interrupted);
}

TEST(Canonical, SpellingsOfOneNumberAreOne) {
  EXPECT_EQ(canonical(json::parse(R"({"rate": 1000.0, "a": [1e3, 0.5]})")).dump(),
            R"({"a":[1000,0.5],"rate":1000})");
}

TEST(Canonical, SeedsKeepAllTheirBits) {
  EXPECT_EQ(canonical(json::parse("18446744073709551615")).dump(), "18446744073709551615");
}

TEST(Load, AnAnswerSaysWhetherItIsABound) {
  const auto bound = [](const json& answer) {
    json row = plain_row("highest_rate", 5);
    row["spate"]["cell"] = delivery_row()["spate"]["cell"];
    row["spate"]["cell"]["objective"] = "p99<20ms";
    row["spate"]["answer"] = answer;
    return parse_results(result_file({row}).dump(), "f").rows.at(0).delivery->bound;
  };
  EXPECT_EQ(bound({{"at_least", false}, {"fails", 4}}), Bound::none);
  EXPECT_EQ(bound({{"at_least", true}, {"fails", nullptr}}), Bound::tried);
  EXPECT_EQ(bound({{"at_least", true}, {"fails", 4}}), Bound::open) << "undecided";
  EXPECT_EQ(bound({{"at_least", true}, {"fails", 4}, {"generator_limited", true}}), Bound::open);
  EXPECT_EQ(bound({{"at_least", true}, {"fails", nullptr}, {"generator_limited", true}}),
            Bound::open);
}

}  // namespace
}  // namespace spate::compare
