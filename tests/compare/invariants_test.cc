// What no ratio can excuse: exit 4, and the cell and side by name.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/compare/sample.h"

namespace spate::compare {
namespace {

using nlohmann::json;
using testing::HasSubstr;

json changed(const std::string& pointer, const json& value) {
  json row = delivery_row();
  row[json::json_pointer(pointer)] = value;
  return row;
}

json with_digest(json row, const std::string& digest) {
  row["spate"]["digest"] = digest;
  return row;
}

json broken(const json& base, const json& candidate) {
  return verdict({base, candidate}).at("broken_invariants");
}

TEST(Invariants, CountersThatMustBeZeroBreakOnEitherSide) {
  const json good = result_file({delivery_row()});
  for (const std::string kind : {"duplicated", "anomalies", "aliens", "corrupted"}) {
    const json bad = result_file({changed("/" + kind, 2)});
    EXPECT_EQ(compare(good, bad).code, ExitCode::broken) << kind;
    EXPECT_EQ(compare(bad, good).code, ExitCode::broken) << kind;
    const json found = broken(good, bad);
    ASSERT_EQ(found.size(), 1U) << kind;
    EXPECT_EQ(found[0]["kind"], kind);
    EXPECT_EQ(found[0]["side"], "new");
    EXPECT_EQ(found[0]["cell"], "mode:mock chaos:off rate:1000 agents:9");
    EXPECT_EQ(found[0]["detail"], kind + " 2");
  }
}

// At least once is what a delivery can promise when its connections break.
TEST(Invariants, WhatCameTwiceUnderRealFaultsBreaksNothing) {
  json good = delivery_row();
  good["spate"]["cell"]["faults"] = {{"plan", {"1s:reset-connections"}}};
  json doubled = good;
  doubled["duplicated"] = 2;
  EXPECT_THAT(broken(result_file({good}), result_file({doubled})), testing::IsEmpty());
  json lost = good;
  lost["lost"] = 1;
  lost["delivered"] = 1424;
  EXPECT_EQ(broken(result_file({good}), result_file({lost})).size(), 1U);
}

json with_fault(const json& fault, const json& liveness) {
  json row = delivery_row("redis");
  row["spate"]["cell"]["faults"] = {{"plan", {"1s:slice"}}};
  row["spate"]["faults"] = {{"executed", json::array({fault})}, {"liveness", liveness}};
  return row;
}

TEST(Invariants, RealFaultsThatWentWrongBreak) {
  const json struck = {{"fault", "1s:slice"}, {"begun_ns", 1'000'000'000}};
  json failed = struck;
  failed["trouble"] = "no server";
  const json holds = {{"holds", true}};
  const json good = with_fault(struck, holds);
  EXPECT_THAT(broken(result_file({good}), result_file({good})), testing::IsEmpty());
  for (const auto& [bad, detail] :
       {std::pair{with_fault(struck, {{"holds", false}}), "did not show in time"},
        std::pair{with_fault(failed, holds), "1s:slice was not executed as planned: no server"},
        std::pair{with_fault({{"fault", "1s:slice"}, {"begun_ns", nullptr}}, holds),
                  "1s:slice was not executed: the run had ended before"}}) {
    EXPECT_EQ(compare(result_file({good}), result_file({bad})).code, ExitCode::broken) << detail;
    const json found = broken(result_file({good}), result_file({bad}));
    ASSERT_EQ(found.size(), 1U) << detail;
    EXPECT_EQ(found[0]["kind"], "faults");
    EXPECT_THAT(found[0]["detail"].get<std::string>(), HasSubstr(detail));
  }
}

TEST(Invariants, RealFaultsThatCannotBeReadAreRefused) {
  json row = delivery_row("redis");
  for (const char* const faults : {"7", R"({"executed": 7})", R"({"executed": [7]})",
                                   R"({"liveness": 7})", R"({"liveness": {"holds": 7}})"}) {
    row["spate"]["faults"] = json::parse(faults);
    const Outcome outcome = compare_rows({row}, {row});
    EXPECT_EQ(outcome.code, ExitCode::unusable) << faults;
    EXPECT_THAT(outcome.err, HasSubstr("'spate': 'faults'")) << faults;
  }
}

TEST(Invariants, ALostMessageBreaksThoughTheLedgerAddsUp) {
  json row = changed("/lost", 1);
  row["delivered"] = 1424;
  const json found = broken(result_file({row}), result_file({delivery_row()}));
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0]["kind"], "lost");
  EXPECT_EQ(found[0]["side"], "base");
}

TEST(Invariants, ALedgerThatDoesNotAddUpBreaks) {
  const json found =
      broken(result_file({delivery_row()}), result_file({changed("/delivered", 1424)}));
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0]["kind"], "identity");
  EXPECT_THAT(found[0]["detail"].get<std::string>(), HasSubstr("expected 1500"));
  EXPECT_THAT(found[0]["detail"].get<std::string>(), HasSubstr("is 1499"));
}

TEST(Invariants, EveryPartOfTheLedgerCounts) {
  for (const std::string part : {"failed", "crashed", "rejected", "unknown", "lost"}) {
    json row = changed("/" + part, 100);
    row["delivered"] = 1500 - 100 - (part == "failed" ? 0 : 75);
    for (const json& found : broken(result_file({row}), result_file({delivery_row()}))) {
      EXPECT_NE(found["kind"], "identity") << part;
    }
  }
}

// Other people's rows may have a counter of such a name, and promise nothing by it.
TEST(Invariants, APlainRowWithoutAllCountersClaimsNoIdentity) {
  json row = plain_row("BM_a", 1);
  row["expected"] = 2;
  row["delivered"] = 1;
  EXPECT_TRUE(compared({row}, {row}).breaks.empty());
}

TEST(Invariants, ADeliveryRowWithoutItsAccountIsRefused) {
  for (const char* const counter : {"expected", "lost", "misreported"}) {
    json missing = delivery_row();
    missing.erase(counter);
    json null = delivery_row();
    null[counter] = nullptr;
    for (const json& row : {missing, null}) {
      const Outcome outcome = compare_rows({delivery_row()}, {row});
      EXPECT_EQ(outcome.code, ExitCode::unusable) << counter;
      EXPECT_THAT(outcome.err, HasSubstr(std::string("'").append(counter).append("' is missing")));
    }
  }
}

TEST(Invariants, ImpossibleMeasuresAreRefused) {
  const Outcome outcome = compare_rows({delivery_row()}, {changed("/messages_per_second", -1)});
  EXPECT_EQ(outcome.code, ExitCode::unusable);
  EXPECT_THAT(outcome.err, HasSubstr("'messages_per_second' is -1"));
}

TEST(Invariants, AFailedRowBreaksWithItsReason) {
  json row = {{"name", "BM_x"}, {"error_occurred", true}, {"error_message", "no\nbroker"}};
  const Outcome outcome = compare_rows({plain_row("BM_x", 1)}, {row});
  EXPECT_EQ(outcome.code, ExitCode::broken);
  EXPECT_THAT(outcome.out, HasSubstr("BM_x [new]\n    failed: no?broker"));
}

TEST(Invariants, AFailedRepetitionGivesNoNumbers) {
  json failed = plain_row("BM_x", 900);
  failed["error_occurred"] = true;
  const json found =
      verdict({result_file({plain_row("BM_x", 1)}), result_file({plain_row("BM_x", 2), failed})});
  EXPECT_EQ(found["cells"][0]["metrics"]["real_time"]["other"], 2.0);
  EXPECT_EQ(found["exit_code"], 4);
}

TEST(Invariants, AFailedRowThatHasNoModeIsNotLeftOutInSilence) {
  json failed = plain_row("BM_x", 1);
  failed["error_occurred"] = true;
  EXPECT_EQ(compare_modes(result_file({delivery_row("mock"), delivery_row("queue"), failed})).code,
            ExitCode::broken);
}

TEST(Invariants, AnUnmatchedCellIsCheckedToo) {
  json row = delivery_row("mock", 7);
  row["aliens"] = 1;
  EXPECT_EQ(compare_rows({delivery_row()}, {delivery_row(), row}).code, ExitCode::broken);
  EXPECT_EQ(compare_rows({delivery_row(), row}, {delivery_row()}).code, ExitCode::broken);
}

TEST(Invariants, OnlyTheModesThatAreComparedCount) {
  json other = delivery_row("redis");
  other["lost"] = 1;
  EXPECT_EQ(compare_modes(result_file({delivery_row("mock"), delivery_row("queue"), other})).code,
            ExitCode::fine);
}

TEST(Invariants, TheWorstRepetitionCounts) {
  const json found = broken(result_file({delivery_row()}),
                            result_file({delivery_row(), changed("/aliens", 4), delivery_row()}));
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0]["detail"], "aliens 4 (worst of 3 rows)");
}

TEST(Digests, OfOnePlanAndSeedMustNotDiffer) {
  const json found = broken(result_file({with_digest(delivery_row(), "aa")}),
                            result_file({with_digest(delivery_row(), "bb")}));
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0]["kind"], "digest");
  EXPECT_EQ(found[0]["detail"], "same plan and seed, different digests: aa, bb");
}

TEST(Digests, AgreeOnAnyMachine) {
  json here = result_file({with_digest(delivery_row(), "aa")});
  json there = result_file({with_digest(delivery_row(), "bb")});
  here["context"]["num_cpus"] = 2;
  there["context"]["num_cpus"] = 64;
  EXPECT_EQ(compare(here, there).code, ExitCode::broken);
  there["benchmarks"][0]["spate"]["digest"] = "aa";
  EXPECT_EQ(compare(here, there).code, ExitCode::inconclusive);
}

TEST(Digests, AreComparedBetweenModes) {
  EXPECT_EQ(compare_modes(result_file({with_digest(delivery_row("mock"), "aa"),
                                       with_digest(delivery_row("queue"), "bb")}))
                .code,
            ExitCode::broken);
}

TEST(Digests, MustAgreeWithinARepeatedSide) {
  EXPECT_EQ(compare_rows({with_digest(delivery_row(), "aa")},
                         {with_digest(delivery_row(), "aa"), with_digest(delivery_row(), "bb")})
                .code,
            ExitCode::broken);
}

TEST(Digests, OfRunsOfDifferentLengthMayDiffer) {
  json longer = with_digest(delivery_row(), "bb");
  longer["iterations"] = 501;
  EXPECT_TRUE(compared({with_digest(delivery_row(), "aa")}, {longer}).breaks.empty());
}

// What is shed was drawn all the same.
TEST(Digests, OfRunsThatShedAgreeToo) {
  json shedding = with_digest(delivery_row(), "bb");
  shedding["shed"] = 1;
  EXPECT_EQ(compare_rows({with_digest(delivery_row(), "aa")}, {shedding}).code, ExitCode::broken);
}

TEST(Digests, MustAgreeWithinACellWithoutAPartner) {
  const std::vector<json> torn{with_digest(delivery_row(), "aa"),
                               with_digest(delivery_row(), "bb")};
  EXPECT_EQ(compare_rows({}, torn).code, ExitCode::broken);
  EXPECT_EQ(compare_rows({}, {torn.front(), torn.front()}).code, ExitCode::inconclusive);
}

TEST(Digests, OfInterruptedFilesMayDiffer) {
  const json whole = result_file({with_digest(delivery_row(), "aa")});
  const json cut = result_file({with_digest(delivery_row(), "bb")}, true);
  EXPECT_EQ(compare(whole, cut).code, ExitCode::inconclusive);
  EXPECT_EQ(compare(cut, whole).code, ExitCode::inconclusive);
}

TEST(Digests, WithoutASeedClaimNothing) {
  json first = with_digest(delivery_row(), "aa");
  json second = with_digest(delivery_row(), "bb");
  first["spate"]["cell"].erase("seed");
  second["spate"]["cell"].erase("seed");
  EXPECT_TRUE(compared({first}, {second}).breaks.empty());
}

}  // namespace
}  // namespace spate::compare
