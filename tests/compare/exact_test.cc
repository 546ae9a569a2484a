// What --exact demands, of which rows, and how it says what differs.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "tests/compare/sample.h"

namespace spate::compare {
namespace {

using nlohmann::json;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

json changed(json row, const std::string& pointer, const json& value) {
  row[json::json_pointer(pointer)] = value;
  return row;
}

// One delivery the more that crashed, and one the less that arrived.
json with_a_crash(json row) {
  row["crashed"] = row["crashed"].get<int>() + 1;
  row["delivered"] = row["delivered"].get<int>() - 1;
  return row;
}

json closed_loop(json row) {
  row["spate"]["cell"].update({{"rate", 0}, {"duration_ns", nullptr}, {"messages", 500}});
  return row;
}

json exactly(const std::vector<json>& base, const std::vector<json>& candidate) {
  return verdict({result_file(base), result_file(candidate)}, {"--exact"});
}

Outcome text_of(const std::vector<json>& base, const std::vector<json>& candidate) {
  return run_on({result_file(base).dump(), result_file(candidate).dump()}, {"--exact"});
}

int code_of(const std::vector<json>& base, const std::vector<json>& candidate) {
  return exactly(base, candidate)["exit_code"];
}

// Of the first cell.
std::vector<std::string> different_keys(const json& found) {
  std::vector<std::string> keys;
  for (const json& difference : found["cells"][0]["exact"]["differences"]) {
    keys.push_back(difference["key"]);
  }
  return keys;
}

TEST(Exact, EqualRowsAreFine) {
  const std::vector<json> rows{virtual_row(), delivery_row("mock"), delivery_row("queue")};
  const json found = exactly(rows, rows);
  EXPECT_EQ(found["exit_code"], 0);
  EXPECT_EQ(found["form"], "exact");
  EXPECT_EQ(found["summary"],
            "fine: 3 cells matched, 0 unmatched, 0 broken; 3 compared exactly, 0 differ");
}

TEST(Exact, OfVirtualTimeEveryValueCountsButTheCpuTimeAndNames) {
  // The last two have values of their own that can be no others.
  const std::set<std::string> free{"/cpu_time",
                                   "/name",
                                   "/run_name",
                                   "/family_index",
                                   "/per_family_instance_index",
                                   "/repetitions",
                                   "/threads",
                                   "/repetition_index",
                                   "/run_type",
                                   "/time_unit"};
  const json base = virtual_row();
  const json flat = base.flatten();
  for (const auto& [pointer, value] : flat.items()) {
    if (free.contains(pointer) || pointer.starts_with("/spate/cell/")) {
      continue;
    }
    const json other = changed(base, pointer, value.is_string() ? json("other") : json(0.25));
    std::string key = pointer.substr(1);
    std::replace(key.begin(), key.end(), '/', '.');
    EXPECT_THAT(different_keys(exactly({base}, {other})), ElementsAre(key));
  }
}

TEST(Exact, OfVirtualTimeTheCpuTimeAndNamesMayDiffer) {
  json other = virtual_row();
  other.update({{"cpu_time", 7},
                {"name", "again"},
                {"run_name", "again"},
                {"family_index", 7},
                {"per_family_instance_index", 7},
                {"repetitions", 7},
                {"repetition_index", 7},
                {"threads", 7}});
  EXPECT_EQ(code_of({virtual_row()}, {other}), 0);
}

TEST(Exact, ADifferenceIsARegression) {
  const json found = exactly({virtual_row()}, {changed(virtual_row(), "/response_ns_p50", 7)});
  EXPECT_EQ(found["exit_code"], 1);
  EXPECT_EQ(found["verdict"], "regression");
  EXPECT_EQ(found["summary"],
            "regression: 1 cell matched, 0 unmatched, 0 broken; 1 compared exactly, 1 differs");
  EXPECT_EQ(found["cells"][0]["exact"],
            json::parse(R"({"demanded": true, "differences_left_out": 0, "differences": [
              {"key": "response_ns_p50", "reference_row": "base", "other_row": "new",
               "reference": 5400000.0, "other": 7}]})"));
}

// The last bit of a double, and the last of a count that doubles cannot tell from its neighbour.
TEST(Exact, TheLastBitCounts) {
  const json mean = changed(virtual_row(), "/response_ns_mean", 0.1 + 0.2);
  EXPECT_EQ(code_of({mean}, {changed(virtual_row(), "/response_ns_mean", 0.3)}), 1);
  const json large = changed(virtual_row(), "/response_ns_max", 9007199254740993);
  EXPECT_EQ(code_of({large}, {changed(virtual_row(), "/response_ns_max", 9007199254740992)}), 1);
}

TEST(Exact, ANumberMayBeSpelledInTwoWays) {
  EXPECT_EQ(code_of({virtual_row()}, {changed(virtual_row(), "/response_ns_p50", 5400000)}), 0);
}

TEST(Exact, OfVirtualTimeWhatOnlyOneSideHasDiffers) {
  const json more = changed(virtual_row(), "/spate/agents/2", {{"sent", 1}});
  EXPECT_THAT(different_keys(exactly({virtual_row()}, {more})), ElementsAre("spate.agents.2.sent"));
  EXPECT_THAT(different_keys(exactly({more}, {virtual_row()})), ElementsAre("spate.agents.2.sent"));
  json null_for_absent = virtual_row();
  null_for_absent["spate"]["windows"][0].erase("response_ns_p99");
  EXPECT_EQ(code_of({virtual_row()}, {null_for_absent}), 0);
}

TEST(Exact, OfOtherModesOnlyWhatIsDrawnCounts) {
  json slower = delivery_row("queue");
  slower.update({{"delivered", 1424}, {"rejected", 1}, {"real_time", 7.0}, {"reordered", 9}});
  EXPECT_EQ(code_of({delivery_row("queue")}, {slower}), 0);
  for (const std::string counter : {"sent", "spiked"}) {
    const json other = changed(delivery_row("queue"), "/" + counter, 7);
    const json found = exactly({delivery_row("queue")}, {other});
    EXPECT_EQ(found["exit_code"], 1) << counter;
    EXPECT_THAT(different_keys(found), ElementsAre(counter));
  }
  EXPECT_THAT(
      different_keys(exactly({delivery_row("queue")}, {with_a_crash(delivery_row("queue"))})),
      ElementsAre("crashed"));
  json more = delivery_row("queue");
  more.update({{"expected", 1501}, {"delivered", 1426}});
  EXPECT_THAT(different_keys(exactly({delivery_row("queue")}, {more})), ElementsAre("expected"));
}

TEST(Exact, FaultsOfAStormAreDrawn) {
  for (const std::string counter : {"burst_failures", "reorders_injected", "duplicates_injected"}) {
    const json row = changed(delivery_row("queue"), "/" + counter, 7);
    const json other = changed(row, "/" + counter, 8);
    EXPECT_THAT(different_keys(exactly({row}, {other})), ElementsAre(counter));
  }
  // A delivery may itself lose an ack before chaos can.
  const json queue = changed(delivery_row("queue"), "/acks_dropped", 7);
  EXPECT_EQ(code_of({queue}, {changed(queue, "/acks_dropped", 8)}), 0);
  const json mock = changed(delivery_row("mock"), "/acks_dropped", 7);
  EXPECT_EQ(code_of({mock}, {changed(mock, "/acks_dropped", 8)}), 1);
}

TEST(Exact, OfTheMockWhatFailedAndArrivedCountsToo) {
  json other = delivery_row("mock");
  other.update({{"delivered", 1424}, {"failed", 76}, {"response_ns_p50", 7.0}});
  EXPECT_THAT(different_keys(exactly({delivery_row("mock")}, {other})),
              ElementsAre("delivered", "failed"));
}

TEST(Exact, OfOtherModesNothingIsDemandedThatARowDoesNotSay) {
  json silent = delivery_row("queue");
  silent.erase("spiked");
  silent["spate"].erase("digest");
  EXPECT_EQ(code_of({delivery_row("queue")}, {silent}), 0);
}

TEST(Exact, MockDigestsCountWhereBothSidesDrew) {
  const std::string pointer = "/spate/mock_digest";
  const json other = changed(delivery_row("mock"), pointer, "1f00000000000002");
  const json none = changed(delivery_row("mock"), pointer, "0000000000000000");
  EXPECT_THAT(different_keys(exactly({delivery_row("mock")}, {other})),
              ElementsAre("spate.mock_digest"));
  EXPECT_EQ(code_of({delivery_row("mock")}, {none}), 0);
  EXPECT_EQ(code_of({none}, {delivery_row("mock")}), 0);
}

TEST(Exact, NothingIsDemandedWhereEitherRowShed) {
  const json shed = changed(with_a_crash(delivery_row()), "/shed", 1);
  EXPECT_EQ(code_of({delivery_row()}, {shed}), 3);
  EXPECT_EQ(code_of({shed}, {delivery_row()}), 3);
  EXPECT_EQ(code_of({delivery_row(), virtual_row()}, {shed, virtual_row()}), 0);
  EXPECT_EQ(code_of({virtual_row()}, {changed(virtual_row(), "/shed", 1)}), 1);
}

TEST(Exact, NothingIsDemandedOfAClosedLoopByTime) {
  json base = delivery_row("queue");
  base["spate"]["cell"]["rate"] = 0;
  EXPECT_EQ(code_of({base}, {with_a_crash(base)}), 3);
  const json by_number = closed_loop(delivery_row("queue"));
  EXPECT_EQ(code_of({by_number}, {with_a_crash(by_number)}), 1);
}

// A downtime ends by the schedule's time, which a closed loop does not have.
TEST(Exact, NothingIsDemandedOfAClosedLoopWithDowntimes) {
  const json open = changed(delivery_row("queue"), "/spate/cell/chaos/downtime_ns", 7);
  EXPECT_EQ(code_of({open}, {with_a_crash(open)}), 1);
  EXPECT_EQ(code_of({closed_loop(open)}, {with_a_crash(closed_loop(open))}), 3);
}

TEST(Exact, NothingIsDemandedOfInterruptedFiles) {
  const json whole = result_file({virtual_row()});
  const json cut = result_file({changed(virtual_row(), "/response_ns_p50", 7)}, true);
  EXPECT_EQ(verdict({whole, cut}, {"--exact"})["exit_code"], 3);
  EXPECT_EQ(verdict({cut, whole}, {"--exact"})["exit_code"], 3);
}

TEST(Exact, NothingIsDemandedWithoutASeed) {
  json base = virtual_row();
  base["spate"]["cell"].erase("seed");
  EXPECT_EQ(code_of({base}, {changed(base, "/response_ns_p50", 7)}), 3);
}

TEST(Exact, NamesTheCellsOfWhichNothingIsDemanded) {
  const json shed = changed(delivery_row(), "/shed", 1);
  const Outcome outcome = text_of({virtual_row(), shed}, {virtual_row(), shed});
  EXPECT_EQ(outcome.code, ExitCode::fine);
  EXPECT_THAT(outcome.out,
              HasSubstr("\nNothing is demanded of:\n  mode:mock chaos:off rate:1000 agents:9\n\n"
                        "fine: 2 cells matched, 0 unmatched, 0 broken; 1 compared exactly"));
}

TEST(Exact, LeavesOutOtherBenchmarksAndCountsThem) {
  const Outcome outcome = text_of({virtual_row(), plain_row("BM_a", 1), plain_row("BM_b", 1)},
                                  {virtual_row(), plain_row("BM_a", 2)});
  EXPECT_EQ(outcome.code, ExitCode::fine);
  EXPECT_THAT(outcome.out,
              AllOf(HasSubstr("left out, being no delivery: 3\n"), Not(HasSubstr("BM_"))));
  EXPECT_EQ(code_of({plain_row("BM_a", 1)}, {plain_row("BM_a", 1)}), 3);
  const json failed = {{"name", "BM_a"}, {"error_occurred", true}};
  EXPECT_EQ(code_of({virtual_row()}, {virtual_row(), failed}), 4);
}

TEST(Exact, WhatTheOtherRulesFindOutranksADifference) {
  const json digest = changed(virtual_row(), "/spate/digest", "bb");
  EXPECT_EQ(code_of({virtual_row()}, {digest}), 4);
  EXPECT_EQ(
      code_of({delivery_row("queue")}, {changed(delivery_row("queue"), "/spate/digest", "b")}), 4);
  const json different = changed(virtual_row(), "/response_ns_p50", 7);
  EXPECT_EQ(code_of({virtual_row(), delivery_row()}, {different}), 5);
  EXPECT_EQ(code_of({virtual_row()}, {virtual_row(), delivery_row()}), 0);
}

TEST(Exact, RepetitionsOfEitherSideMustAgree) {
  const json different = changed(virtual_row(), "/response_ns_p50", 7);
  const json found = exactly({virtual_row(), virtual_row()}, {virtual_row(), different});
  ASSERT_EQ(found["cells"][0]["exact"]["differences"].size(), 1U);
  EXPECT_EQ(found["cells"][0]["exact"]["differences"][0]["reference_row"], "base row 1");
  EXPECT_EQ(found["cells"][0]["exact"]["differences"][0]["other_row"], "new row 2");
  EXPECT_THAT(text_of({virtual_row(), different}, {virtual_row()}).out,
              HasSubstr("    response_ns_p50: base row 1 5400000.0, base row 2 7\n"));
}

TEST(Exact, NamesTheFirstDifferencesOfACellAndCountsTheRest) {
  json other = virtual_row();
  std::vector<std::string> keys;
  for (int i = 10; i < 25; ++i) {
    keys.push_back("counter_" + std::to_string(i));
    other[keys.back()] = i;
  }
  const json found =
      exactly({virtual_row(), delivery_row()}, {other, with_a_crash(delivery_row())});
  keys.resize(10);
  EXPECT_EQ(different_keys(found), keys);
  EXPECT_EQ(found["cells"][0]["exact"]["differences_left_out"], 5);
  EXPECT_EQ(found["cells"][1]["exact"]["differences"].size(), 2U);
  EXPECT_THAT(text_of({virtual_row()}, {other}).out,
              HasSubstr("counter_19: base -, new 19\n    and 5 more\n"));
}

TEST(Exact, TheTextNamesCellKeyAndBothValues) {
  const json other = changed(virtual_row(), "/spate/agents/1/sent", 251);
  EXPECT_THAT(text_of({virtual_row()}, {other}).out,
              HasSubstr("\nThe seed fixes, and yet differ:\n"
                        "  mode:sim chaos:off rate:1000 agents:9\n"
                        "    spate.agents.1.sent: base 250, new 251\n"));
}

// A histogram takes kilobytes.
TEST(Exact, TheTextShowsALongValueWhereItDiffers) {
  const std::string begin(500, 'a');
  const std::string end(500, 'z');
  const auto with = [](const std::string& text) {
    return changed(virtual_row(), "/spate/response_histogram", text);
  };
  EXPECT_THAT(text_of({with(begin + "1" + end)}, {with(begin + "2" + end)}).out,
              HasSubstr("base\n      ...aaaaaaaa1" + std::string(31, 'z') +
                        "..., new\n      ...aaaaaaaa2"));
  EXPECT_THAT(text_of({with(begin + "12")}, {with(begin + "1")}).out,
              HasSubstr("a12\",\n      new ..."));
}

TEST(Exact, TextIsTheSameEachTime) {
  const std::vector<json> base{virtual_row(1), virtual_row(2), delivery_row()};
  const std::vector<json> other{with_a_crash(delivery_row()), with_a_crash(virtual_row(2)),
                                with_a_crash(virtual_row(1))};
  const std::string out = text_of(base, other).out;
  const auto without_paths = [](const std::string& text) { return text.substr(text.find("\n\n")); };
  EXPECT_EQ(without_paths(text_of(base, other).out), without_paths(out));
  EXPECT_LT(out.find("rate:1 "), out.find("rate:2 "));
  EXPECT_LT(out.find("rate:2 "), out.find("rate:1000 "));
}

TEST(Exact, WithModesIsRefused) {
  const Outcome outcome =
      run_on({result_file({virtual_row()}).dump()}, {"--exact", "--modes", "sim,mock"});
  EXPECT_EQ(outcome.code, ExitCode::unusable);
  EXPECT_THAT(outcome.err, HasSubstr("--exact with --modes: the seed fixes a row within its mode"));
}

}  // namespace
}  // namespace spate::compare
