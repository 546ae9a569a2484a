// What is looked at first, and the exit code that says what was found: 4 before 3 where the sides
// are not comparable, before 5, before 1, before 3 where nothing could be told.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "compare/phrases.h"
#include "tests/compare/sample.h"

namespace spate::compare {
namespace {

using nlohmann::json;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::vector<json> steady(const std::string& name = "BM_a") {
  return with_values(plain_row(name, 1), "real_time", around(100));
}

std::vector<json> slower(const std::string& name = "BM_a") {
  return with_values(plain_row(name, 1), "real_time", around(150));
}

// So few that nothing can be told of them.
std::vector<json> few(const std::string& name = "BM_a") { return {plain_row(name, 1)}; }

std::vector<json> operator+(std::vector<json> rows, const std::vector<json>& more) {
  rows.insert(rows.end(), more.begin(), more.end());
  return rows;
}

json failed(const std::string& name) {
  json row = plain_row(name, 1);
  row["error_occurred"] = true;
  return row;
}

ExitCode code_of(const std::vector<json>& base, const std::vector<json>& candidate,
                 const Settings& settings = {}) {
  return compared(base, candidate, settings).exit_code;
}

Settings failing_on(const FailOn& fail_on) {
  Settings settings;
  settings.fail_on = fail_on;
  return settings;
}

constexpr FailOn kNone{false, false, false, false};
constexpr FailOn kBetter{false, true, false, false};
constexpr FailOn kCannotTell{false, false, true, false};
constexpr FailOn kNew{false, false, false, true};

Settings acknowledging(const std::string& cell, const std::string& metric,
                       const std::string& today = "2027-01-31") {
  Settings settings;
  settings.today = today;
  settings.acknowledgements = {{cell, metric, "the new allocator", "2027-01-31"}};
  return settings;
}

TEST(Order, SidesThatAreTheSameAreFine) { EXPECT_EQ(code_of(steady(), steady()), ExitCode::fine); }

TEST(Order, WorseIsAFindingAndBetterIsFine) {
  EXPECT_EQ(code_of(steady(), slower()), ExitCode::finding);
  EXPECT_EQ(code_of(slower(), steady()), ExitCode::fine);
}

TEST(Order, WhereNothingCouldBeToldItIsInconclusive) {
  EXPECT_EQ(code_of(few(), few()), ExitCode::inconclusive);
  EXPECT_EQ(code_of({delivery_row()}, {delivery_row()}), ExitCode::inconclusive);
  EXPECT_EQ(code_of({}, {}), ExitCode::inconclusive);
  EXPECT_EQ(code_of({}, steady()), ExitCode::inconclusive);
}

TEST(Order, WhereSomethingCouldBeToldItIsNot) {
  EXPECT_EQ(code_of(steady() + few("BM_b"), steady() + few("BM_b")), ExitCode::fine);
  EXPECT_EQ(code_of({virtual_row()}, {virtual_row()}), ExitCode::fine);
}

TEST(Order, AFileThatIsCutShortIsInconclusive) {
  const json whole = result_file(steady());
  const json cut = result_file(steady(), true);
  EXPECT_EQ(compare(whole, cut).code, ExitCode::inconclusive);
  EXPECT_EQ(compare(cut, whole).code, ExitCode::inconclusive);
  EXPECT_THAT(compare(whole, cut).out, HasSubstr("(interrupted)"));
  const std::string text = whole.dump();
  const Outcome truncated = run_on({text, text.substr(0, text.size() - 2)});
  EXPECT_EQ(truncated.code, ExitCode::inconclusive);
  EXPECT_THAT(truncated.out, HasSubstr("(cut off)"));
}

TEST(Order, ANewCellIsNoLossAndAMissingOneIs) {
  EXPECT_EQ(code_of(steady(), steady() + few("BM_b")), ExitCode::fine);
  EXPECT_EQ(code_of(steady() + few("BM_b"), steady()), ExitCode::coverage_lost);
  EXPECT_EQ(code_of(steady(), {}), ExitCode::coverage_lost);
}

TEST(Order, AMissingCellMayBeAllowed) {
  Settings settings;
  settings.allow_vanished = true;
  EXPECT_EQ(code_of(steady() + few("BM_b"), steady(), settings), ExitCode::fine);
  settings.fail_on = kNew;
  EXPECT_EQ(code_of(steady() + few("BM_b"), steady(), settings), ExitCode::fine)
      << "what is gone is not new";
}

TEST(Order, WhatTheSeedFixesIsAFindingBeforeAnyStatistics) {
  json row = delivery_row();
  row["sent"] = 501;
  EXPECT_EQ(code_of({delivery_row()}, {row}), ExitCode::finding);
  EXPECT_EQ(code_of(often({delivery_row()}), often({row})), ExitCode::finding);
  EXPECT_EQ(code_of({delivery_row()}, {row}, failing_on(kNone)), ExitCode::finding);
  EXPECT_EQ(compared({delivery_row()}, {row}).cells.at(0).exactness.differences.at(0).key, "sent");
}

// The CPU has no part in virtual time: that it takes as long each time is not to be expected.
TEST(Order, OfVirtualTimeOneRunTellsAllButTheCpuTime) {
  const Comparison comparison = compared({virtual_row()}, {virtual_row()});
  EXPECT_EQ(metric_of(comparison, kResponseP50).judgement.verdict, Verdict::same);
  EXPECT_EQ(metric_of(comparison, kCpuTime).judgement.doubt, Doubt::few_runs);
}

TEST(Order, VirtualTimeThatIsTheSameIsNoAnswerAboutOtherCells) {
  EXPECT_EQ(code_of({virtual_row()}, {virtual_row()}), ExitCode::fine);
  const std::vector<json> both = std::vector<json>{virtual_row()} + few();
  EXPECT_EQ(code_of(both, both), ExitCode::inconclusive);
  const std::vector<json> deliveries{virtual_row(), delivery_row()};
  EXPECT_EQ(code_of(deliveries, deliveries), ExitCode::inconclusive);
  const std::vector<json> told = std::vector<json>{virtual_row()} + steady();
  EXPECT_EQ(code_of(told, told), ExitCode::fine);
}

// Where an interrupted run ended was not the seed's choice.
TEST(Order, OfRunsCutShortNothingIsHeldToTheSeed) {
  json row = delivery_row();
  row["sent"] = 501;
  EXPECT_EQ(compare(result_file({delivery_row()}), result_file({row}, true)).code,
            ExitCode::inconclusive);
}

// One of each is there; what is found first is taken away until nothing is left.
TEST(Order, TheFirstThatAppliesIsTheExitCode) {
  std::vector<json> base = steady() + few("BM_gone") + few("BM_odd");
  std::vector<json> candidate = slower() + std::vector<json>{failed("BM_odd")};
  json machine = result_file(base);
  machine["context"]["seed"] = 1;
  json other = result_file(candidate, true);
  other["context"]["seed"] = 2;
  EXPECT_EQ(compare(machine, other).code, ExitCode::broken);
  other["benchmarks"].back() = few("BM_odd").front();
  const Outcome incomparable = compare(machine, other);
  EXPECT_EQ(incomparable.code, ExitCode::inconclusive);
  EXPECT_THAT(incomparable.out, HasSubstr("incomparable: "));
  other["context"]["seed"] = 1;
  EXPECT_EQ(compare(machine, other).code, ExitCode::coverage_lost);
  other["benchmarks"].push_back(few("BM_gone").front());
  EXPECT_EQ(compare(machine, other).code, ExitCode::finding);
  EXPECT_EQ(run_on({machine.dump(), other.dump()}, {"--fail-on", "none"}).code,
            ExitCode::inconclusive);
  other["context"]["interrupted"] = false;
  EXPECT_EQ(run_on({machine.dump(), other.dump()}, {"--fail-on", "none"}).code, ExitCode::fine);
}

TEST(FailOn, SaysWhichVerdictsAreFindings) {
  EXPECT_EQ(code_of(steady(), slower(), failing_on(kNone)), ExitCode::fine);
  EXPECT_EQ(code_of(slower(), steady(), failing_on(kBetter)), ExitCode::finding);
  EXPECT_EQ(code_of(steady(), slower(), failing_on(kBetter)), ExitCode::fine);
  EXPECT_EQ(code_of(steady(), steady() + few("BM_b"), failing_on(kNew)), ExitCode::finding);
  EXPECT_EQ(code_of(steady(), slower(), failing_on(kNew)), ExitCode::fine);
}

// It is no regression, so that it makes the comparison inconclusive.
TEST(FailOn, WhatCannotBeToldIsInconclusive) {
  const std::vector<json> rows = steady() + few("BM_b");
  EXPECT_EQ(code_of(rows, rows), ExitCode::fine);
  EXPECT_EQ(code_of(rows, rows, failing_on(kCannotTell)), ExitCode::inconclusive);
  EXPECT_EQ(code_of(steady(), steady(), failing_on(kCannotTell)), ExitCode::fine);
}

TEST(FailOn, AnOutcomeIsCalledByWhatWasFound) {
  EXPECT_EQ(outcome_name(compared(steady(), slower())), "regression");
  EXPECT_EQ(outcome_name(compared(slower(), steady(), failing_on(kBetter))), "finding");
}

TEST(Acknowledged, AFindingIsNoneWhileItsReasonHolds) {
  const Comparison comparison = compared(steady(), slower(), acknowledging("BM_*", "real_time"));
  EXPECT_EQ(comparison.exit_code, ExitCode::fine);
  EXPECT_EQ(metric_of(comparison, kRealTime).acknowledged, "the new allocator");
  EXPECT_EQ(metric_of(comparison, kRealTime).judgement.verdict, Verdict::worse);
  EXPECT_EQ(comparison.tally.acknowledged, 1U);
  EXPECT_EQ(comparison.tally.worse, 0U);
  EXPECT_THAT(summary(comparison), HasSubstr("1 acknowledged"));
}

TEST(Acknowledged, ExpiresAtTheEndOfItsDay) {
  const auto code_on = [](const std::string& today) {
    return code_of(steady(), slower(), acknowledging("BM_a", "real_time", today));
  };
  EXPECT_EQ(code_on("2026-12-31"), ExitCode::fine);
  EXPECT_EQ(code_on("2027-01-31"), ExitCode::fine);
  EXPECT_EQ(code_on("2027-02-01"), ExitCode::finding);
}

TEST(Acknowledged, WhatHasExpiredIsNamed) {
  const auto expired = [](const std::string& today) {
    return compared(steady(), slower(), acknowledging("BM_a", "real_time", today))
        .expired_acknowledgements;
  };
  EXPECT_THAT(expired("2027-01-31"), IsEmpty());
  EXPECT_THAT(expired("2027-02-01"), ElementsAre("BM_a: real_time (2027-01-31)"));
  EXPECT_THAT(remarks(compared(steady(), slower(), acknowledging("BM_a", "*", "2027-02-01"))),
              Contains("acknowledged no longer, the day being over: BM_a: * (2027-01-31)"));
}

TEST(Acknowledged, AnotherCellOrMetricCounts) {
  EXPECT_EQ(code_of(steady(), slower(), acknowledging("BM_b", "real_time")), ExitCode::finding);
  EXPECT_EQ(code_of(steady(), slower(), acknowledging("BM_a", "cpu_time")), ExitCode::finding);
  EXPECT_EQ(code_of(steady(), slower(), acknowledging("BM_a", "real*")), ExitCode::fine);
}

TEST(Acknowledged, AVanishedCellIsByItsOwnName) {
  const std::vector<json> base = steady() + few("BM_b");
  EXPECT_EQ(code_of(base, steady(), acknowledging("BM_b", "vanished")), ExitCode::fine);
  EXPECT_EQ(code_of(base, steady(), acknowledging("BM_b", "real_time")), ExitCode::coverage_lost);
  EXPECT_EQ(code_of(base, steady(), acknowledging("BM_b", "vanished", "2027-02-01")),
            ExitCode::coverage_lost);
}

TEST(Acknowledged, NothingThatIsBrokenCanBe) {
  EXPECT_EQ(code_of(steady(), {failed("BM_a")}, acknowledging("*", "*")), ExitCode::broken);
}

TEST(Acknowledged, WhatGotBetterNeedsNone) {
  const Comparison comparison = compared(slower(), steady(), acknowledging("*", "*"));
  EXPECT_EQ(metric_of(comparison, kRealTime).acknowledged, std::nullopt);
  EXPECT_EQ(comparison.tally.better, 1U);
}

TEST(Acknowledged, FileAndDateAreFlags) {
  const TemporaryFile file(R"({"acknowledgements": [
    {"cell": "BM_a", "metric": "real_time", "reason": "known", "expires": "2027-01-31"}]})");
  const auto code_on = [&](const std::string& date) {
    return compare_rows(steady(), slower(), {"--acknowledge", file.path(), "--date", date}).code;
  };
  EXPECT_EQ(code_on("2027-01-31"), ExitCode::fine);
  EXPECT_EQ(code_on("2027-02-01"), ExitCode::finding);
  EXPECT_EQ(code_on("2027-02-30"), ExitCode::unusable);
}

}  // namespace
}  // namespace spate::compare
