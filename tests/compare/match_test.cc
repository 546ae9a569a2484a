// Which cells are paired, in both forms, and what the others are called.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "compare/json_report.h"
#include "compare/junit_report.h"
#include "compare/text_report.h"
#include "tests/compare/sample.h"

namespace spate::compare {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;

json changed(json row, const std::string& pointer, const json& value) {
  row[json::json_pointer(pointer)] = value;
  return row;
}

std::vector<std::string> names(const json& cells) {
  std::vector<std::string> result;
  for (const json& cell : cells) {
    result.push_back(cell.at("cell"));
  }
  return result;
}

TEST(MatchingFiles, PairsByCellWhateverTheOrder) {
  const json found = verdict({result_file({delivery_row("mock", 1), delivery_row("mock", 2)}),
                              result_file({delivery_row("mock", 2), delivery_row("mock", 1)})});
  EXPECT_THAT(names(found["cells"]), ElementsAre("mode:mock chaos:off rate:1 agents:9",
                                                 "mode:mock chaos:off rate:2 agents:9"));
  EXPECT_TRUE(found["unmatched"].empty());
}

TEST(MatchingFiles, PairsByCellThoughTheRunNamesDiffer) {
  const json renamed = changed(delivery_row(), "/run_name", "delivery/other_suffix");
  EXPECT_TRUE(compared({delivery_row()}, {renamed}).unmatched.empty());
}

TEST(MatchingFiles, PairsNumbersOfOneValueThoughTheirSpellingDiffers) {
  const json spelled = changed(delivery_row(), "/spate/cell/rate", 1000.0);
  EXPECT_TRUE(compared({delivery_row()}, {spelled}).unmatched.empty());
}

TEST(MatchingFiles, AnyValueOfTheCellTellsItFromOthers) {
  for (const std::string pointer :
       {"/seed", "/duration_ns", "/window", "/payload_bytes", "/workers", "/types/text",
        "/chaos/crash_rate", "/mock/success_rate", "/mock/latency_max_ns"}) {
    const json other = changed(delivery_row(), "/spate/cell" + pointer, 77);
    EXPECT_EQ(compare_rows({delivery_row()}, {other}).code, ExitCode::coverage_lost) << pointer;
  }
}

// The report is the same with any number, and the default is the number of the machine's cores.
TEST(MatchingFiles, InVirtualTimeTheWorkersDefineNoCell) {
  const json other = changed(virtual_row(), "/spate/cell/workers", 77);
  const json found = verdict({result_file({virtual_row()}), result_file({other})});
  EXPECT_EQ(found["exit_code"], 0);
  EXPECT_THAT(names(found["cells"]), ElementsAre("mode:sim chaos:off rate:1000 agents:9"));
  EXPECT_EQ(verdict({result_file({virtual_row()}), result_file({other})}, {"--exact"})["exit_code"],
            0);
}

TEST(MatchingFiles, NamesSayWhatTellsCellsOfOneNameApart) {
  const json other =
      changed(changed(delivery_row(), "/spate/cell/seed", 77), "/spate/cell/chaos/crash_rate", 0.5);
  const json found = verdict({result_file({delivery_row()}), result_file({other})});
  EXPECT_THAT(names(found["unmatched"]),
              ElementsAre("mode:mock chaos:off rate:1000 agents:9 chaos.crash_rate:0 seed:1",
                          "mode:mock chaos:off rate:1000 agents:9 chaos.crash_rate:0.5 seed:77"));
}

TEST(MatchingFiles, PairsOtherBenchmarksByRunName) {
  const json found = verdict({result_file({plain_row("BM_a", 10), plain_row("BM_b", 5)}),
                              result_file({plain_row("BM_b", 10), plain_row("BM_a", 10)})});
  EXPECT_THAT(names(found["cells"]), ElementsAre("BM_a", "BM_b"));
  EXPECT_EQ(found["cells"][1]["metrics"]["real_time"]["ratio"], 2.0);
  EXPECT_EQ(found["cells"][1]["metrics"].size(), 2U);
}

TEST(MatchingFiles, NamesEveryCellWithoutPartnerAndItsSide) {
  const Outcome outcome =
      compare_rows({delivery_row("mock", 1), delivery_row("mock", 2), plain_row("BM_old", 1)},
                   {delivery_row("mock", 1), delivery_row("mock", 3)});
  EXPECT_EQ(outcome.code, ExitCode::coverage_lost);
  EXPECT_THAT(outcome.out,
              HasSubstr("Missing in new:\n  mode:mock chaos:off rate:2 agents:9\n  BM_old\n"));
  EXPECT_THAT(outcome.out, HasSubstr("Missing in base (no loss of coverage):\n"
                                     "  mode:mock chaos:off rate:3 agents:9\n"));
}

json with_hits(double hits) {
  json row = plain_row("BM_a", 1);
  row["hits_per_second"] = hits;
  return row;
}

TEST(MatchingFiles, AJudgedMetricThatIsGoneIsLostCoverage) {
  const std::vector<json> plain{plain_row("BM_a", 1)};
  const Outcome gone = compare_rows({with_hits(5)}, plain);
  EXPECT_EQ(gone.code, ExitCode::coverage_lost);
  EXPECT_THAT(gone.out, HasSubstr("Missing in new:\n  BM_a: hits_per_second\n"));
  EXPECT_THAT(gone.out, HasSubstr("1 cell matched, 0 unmatched, 1 metric on one side alone, "));
  EXPECT_NE(compare_rows({with_hits(5)}, plain, {"--allow-vanished"}).code,
            ExitCode::coverage_lost);
  EXPECT_EQ(compare_rows(plain, {with_hits(5)}, {"--fail-on", "new"}).code, ExitCode::finding);
  EXPECT_EQ(compare_rows({with_hits(5), with_hits(6)}, {with_hits(5), plain[0]}).code,
            ExitCode::inconclusive)
      << "some runs have it";
}

TEST(MatchingFiles, AMetricThatNobodyJudgesMayGo) {
  json row = plain_row("BM_a", 1);
  row["hits"] = 5;
  EXPECT_EQ(compare_rows({row}, {plain_row("BM_a", 1)}).code, ExitCode::inconclusive);
}

// The program may have ended before it, or may have it only at times.
TEST(MatchingFiles, ACellThatOnlySomeProcessesStillHaveIsLostCoverage) {
  const json both = result_file({plain_row("BM_a", 1), plain_row("BM_b", 1)});
  const json one = result_file({plain_row("BM_a", 1)});
  const Comparison partly = compared_files({both, both, both}, {both, one, one});
  EXPECT_EQ(partly.exit_code, ExitCode::coverage_lost);
  EXPECT_THAT(text_report(partly), HasSubstr("Missing in new:\n  BM_b (in 2 files)\n"));
  EXPECT_EQ(json::parse(json_report(partly))["unmatched"][0]["files"], 2);
  EXPECT_THAT(junit_report(partly), HasSubstr("message=\"BM_b (in 2 files) is missing in new\""));
  EXPECT_NE(compared_files({both, both, one}, {both, one, one}).exit_code, ExitCode::coverage_lost)
      << "nor had the base it always";
  EXPECT_NE(
      compared_files({both, both}, {both, result_file({plain_row("BM_a", 1)}, true)}).exit_code,
      ExitCode::coverage_lost)
      << "where one was interrupted is known";
}

TEST(MatchingFiles, AVanishedMetricMayBeAcknowledgedByItsName) {
  Settings settings;
  settings.today = "2027-01-01";
  settings.acknowledgements = {{"BM_a", "hits_per_second", "renamed", "2027-12-31"}};
  EXPECT_NE(compared({with_hits(5)}, {plain_row("BM_a", 1)}, settings).exit_code,
            ExitCode::coverage_lost);
}

TEST(MatchingFiles, AFailedRowLosesNoMetrics) {
  json failed = plain_row("BM_a", 1);
  failed["error_occurred"] = true;
  EXPECT_THAT(compared({plain_row("BM_a", 1)}, {failed}).unmatched, testing::IsEmpty());
}

TEST(MatchingModes, PairsCellsThatDifferInTheModeAndTheMockAlone) {
  const json found = verdict({result_file({delivery_row("queue", 1), delivery_row("mock", 2),
                                           delivery_row("mock", 1), delivery_row("queue", 2)})},
                             {"--modes", "mock,queue"});
  EXPECT_EQ(found["reference"], "mock");
  EXPECT_EQ(found["other"], "queue");
  EXPECT_THAT(names(found["cells"]),
              ElementsAre("chaos:off rate:2 agents:9", "chaos:off rate:1 agents:9"));
  EXPECT_EQ(found["exit_code"], 0);
}

TEST(MatchingModes, TheFirstModeIsTheReference) {
  json queue = changed(delivery_row("queue"), "/response_ns_p50", 2700000.0);
  const json file = result_file({delivery_row("mock"), queue});
  const auto ratio_of = [&](const std::string& modes) {
    return verdict({file}, {"--modes", modes})["cells"][0]["metrics"]["response_ns_p50"]["ratio"];
  };
  EXPECT_EQ(ratio_of("mock,queue"), 0.5);
  EXPECT_EQ(ratio_of("queue,mock"), 2.0);
}

TEST(MatchingModes, PoolsTheRowsOfTwoFiles) {
  const json found = verdict({result_file({delivery_row("mock")}),
                              result_file({delivery_row("mock"), delivery_row("queue")})},
                             {"--modes", "mock,queue"});
  EXPECT_EQ(found["cells"][0]["repetitions"], json::array({2, 1}));
}

TEST(MatchingModes, ACellThatEitherModeLacksIsLostCoverage) {
  const json both = delivery_row("queue", 1);
  EXPECT_EQ(
      compare_modes(result_file({delivery_row("mock", 1), delivery_row("mock", 2), both})).code,
      ExitCode::coverage_lost);
  EXPECT_EQ(
      compare_modes(result_file({delivery_row("mock", 1), both, delivery_row("queue", 2)})).code,
      ExitCode::coverage_lost);
}

TEST(MatchingModes, OtherSeedsAreOtherCells) {
  const json other = changed(delivery_row("queue"), "/spate/cell/seed", 2);
  EXPECT_EQ(compare_modes(result_file({delivery_row("mock"), other})).code,
            ExitCode::coverage_lost);
}

TEST(MatchingModes, OtherRealFaultsAreNotedWhereBothSidesMayHaveThem) {
  json redis = delivery_row("redis");
  redis["spate"]["cell"]["faults"] = {{"plan", {"1s:slice", "2s:half-close"}},
                                      {"recover_within_ns", 1}};
  const json file = result_file({redis, delivery_row("nats"), delivery_row("mock")});
  constexpr const char* kNote =
      "other real faults struck chaos:off rate:1000 agents:9: redis had 1s:slice, 2s:half-close, "
      "nats had none";
  const json found = verdict({file}, {"--modes", "redis,nats"});
  EXPECT_EQ(found["fault_differences"], json::parse(R"([{"cell": "chaos:off rate:1000 agents:9",
                             "reference": "1s:slice, 2s:half-close", "other": "none"}])"));
  EXPECT_EQ(found["exit_code"], 0);
  std::string text = compare_modes(file, "redis,nats").out;
  for (std::size_t at = 0; (at = text.find("\n     ", at)) != std::string::npos;) {
    text.replace(at, 6, " ");  // where the note is broken
  }
  EXPECT_THAT(text, testing::HasSubstr(kNote));
  EXPECT_THAT(run_on({file.dump()}, {"--modes", "redis,nats", "--format", "markdown"}).out,
              testing::HasSubstr(kNote));
  for (const char* const modes : {"mock,redis", "redis,mock"}) {
    EXPECT_EQ(verdict({file}, {"--modes", modes})["fault_differences"], json::array()) << modes;
  }
  json alike = redis;
  alike["spate"]["cell"]["mode"] = "nats";
  EXPECT_EQ(verdict({result_file({redis, alike})}, {"--modes", "redis,nats"})["fault_differences"],
            json::array());
}

TEST(MatchingModes, BesideVirtualTimeTheWorkersDefineNoCell) {
  const json mock = delivery_row("mock");
  const json sim = changed(virtual_row(), "/spate/cell/workers", 77);
  for (const std::string modes : {"sim,mock", "mock,sim"}) {
    EXPECT_EQ(compare_modes(result_file({virtual_row(), mock}), modes).code, ExitCode::fine);
    EXPECT_EQ(compare_modes(result_file({sim, mock}), modes).code, ExitCode::fine);
    EXPECT_EQ(compare_modes(result_file({sim, virtual_row(), mock}), modes).code, ExitCode::fine);
  }
  const json queue = changed(delivery_row("queue"), "/spate/cell/workers", 77);
  EXPECT_EQ(compare_modes(result_file({mock, queue, sim})).code, ExitCode::coverage_lost);
}

// A fixed run that backs a claim is there in one mode only, and no cell of the matrix.
TEST(MatchingModes, LeavesOutTheRunsThatBackAClaim) {
  json claim = delivery_row("mock", 7);
  claim["spate"]["cell"]["claim"] = "sustained mock";
  const Outcome outcome =
      compare_modes(result_file({delivery_row("mock"), delivery_row("queue"), claim}));
  EXPECT_EQ(outcome.code, ExitCode::fine);
  EXPECT_THAT(outcome.out, HasSubstr("left out, being no cell of either mode: 1\n"));
}

TEST(MatchingModes, SaysHowManyRowsAreOfNeitherMode) {
  const Outcome outcome = compare_modes(result_file(
      {delivery_row("mock"), delivery_row("queue"), delivery_row("redis"), plain_row("BM_a", 1)}));
  EXPECT_EQ(outcome.code, ExitCode::fine);
  EXPECT_THAT(outcome.out, HasSubstr("left out, being no cell of either mode: 2\n"));
}

}  // namespace
}  // namespace spate::compare
