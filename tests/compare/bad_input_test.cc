// Whatever is given instead of a result file: exit 2, one line on stderr, nothing on stdout.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "compare/program.h"
#include "compare/whole_file.h"
#include "tests/compare/sample.h"

namespace spate::compare {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::StartsWith;

void expect_refused(const Outcome& outcome, const std::string& reason) {
  EXPECT_EQ(outcome.code, ExitCode::unusable);
  EXPECT_EQ(outcome.out, "");
  EXPECT_THAT(outcome.err, StartsWith("spate_compare: "));
  EXPECT_THAT(outcome.err, HasSubstr(reason));
  EXPECT_EQ(outcome.err.find('\n'), outcome.err.size() - 1);
}

// On either side.
void expect_text_refused(const std::string& text, const std::string& reason) {
  const std::string good = result_file({delivery_row()}).dump();
  expect_refused(run_on({text, good}), reason);
  expect_refused(run_on({good, text}), reason);
}

void expect_row_refused(const json& row, const std::string& reason) {
  expect_text_refused(result_file({row}).dump(), reason);
}

json changed(const std::string& pointer, const json& value) {
  json row = delivery_row();
  row[json::json_pointer(pointer)] = value;
  return row;
}

json without(const std::string& name) {
  json row = delivery_row();
  row.erase(name);
  return row;
}

TEST(BadInput, AnEmptyFileIsRefused) {
  expect_text_refused("", "is empty");
  expect_text_refused(" \n\t", "is empty");
}

// Until it holds a whole row there is nothing to keep.
TEST(BadInput, AFileTruncatedBeforeItsFirstRowIsRefusedAndNeverFineBehindIt) {
  const std::vector<json> rows = often({delivery_row(), plain_row("BM_x<\u00e9>", 1)});
  const std::string good = json{{"benchmarks", rows}}.dump(1);
  ASSERT_EQ(run_on({good, good}).code, ExitCode::fine);
  const std::size_t first_row = good.find("\n  },");
  for (std::size_t size = 0; size < good.size(); size += size < 2 * first_row ? 1 : 7) {
    const Outcome outcome = run_on({good.substr(0, size), good});
    if (size < first_row + 4) {
      expect_refused(outcome, size == 0 ? "is empty" : "ends too early");
    } else {
      EXPECT_EQ(outcome.code, ExitCode::inconclusive);
      EXPECT_THAT(outcome.out, HasSubstr("(cut off)\n     ends too early: the "));
    }
    ASSERT_FALSE(testing::Test::HasFailure()) << "cut to " << size << " bytes: " << outcome.err;
  }
}

TEST(BadInput, WhatIsNotAnObjectIsRefused) {
  expect_text_refused("[]", "expected an object");
  expect_text_refused("17", "expected an object");
  expect_text_refused("null", "expected an object");
  expect_text_refused("\"text\"", "expected an object");
}

TEST(BadInput, ForeignJsonIsRefused) {
  expect_text_refused(R"({"dependencies": {"left-pad": "1"}})", "no array 'benchmarks'");
}

TEST(BadInput, BenchmarksOfAnotherTypeAreRefused) {
  expect_text_refused(R"({"context": {}, "benchmarks": {}})", "no array 'benchmarks'");
  expect_text_refused(R"({"context": {}, "benchmarks": null})", "no array 'benchmarks'");
  expect_text_refused(R"({"context": 1, "benchmarks": []})", "'context' is a number");
  expect_text_refused(R"({"context": {"interrupted": "no"}, "benchmarks": []})",
                      "'interrupted' is a string");
}

TEST(BadInput, GarbageBehindTheDocumentIsRefused) {
  const std::string good = result_file({delivery_row()}).dump();
  expect_text_refused(good + "}", "is not JSON at line 1, column");
  expect_text_refused(good + good, "is not JSON at line 1, column");
  expect_text_refused(good + std::string(3, '\0'), "found the byte 0x00");
}

TEST(BadInput, TheMessageNamesThePlaceOfTheFault) {
  expect_text_refused("{\n \"context\": {},\n  oops}", "line 3, column 3");
}

TEST(BadInput, ARowThatIsNoObjectIsRefused) {
  expect_row_refused(1, "row 1 is a number");
  expect_row_refused(json::array(), "row 1 is an array");
}

TEST(BadInput, WrongTypesWithinARowAreRefused) {
  expect_row_refused(changed("/name", 5), "row 1: 'name' is a number; expected a string");
  expect_row_refused(changed("/run_name", json::object()), "'run_name' is an object");
  expect_row_refused(changed("/run_type", "guess"), "'run_type' is 'guess'");
  expect_row_refused(changed("/lost", "none"), "'lost' is a string; expected a number");
  expect_row_refused(changed("/response_ns_p50", true), "'response_ns_p50' is a boolean");
  expect_row_refused(changed("/real_time", "fast"), "'real_time' is a string");
  expect_row_refused(changed("/time_unit", "min"), "expected ns, us, ms or s");
  expect_row_refused(changed("/iterations", -1), "expected a count");
  expect_row_refused(changed("/iterations", 1e300), "expected a count");
  expect_row_refused(changed("/error_occurred", 1), "'error_occurred' is a number");
  expect_row_refused(changed("/spate", "x"), "'spate' is a string; expected an object");
}

TEST(BadInput, WrongTypesWithinACellAreRefused) {
  expect_row_refused(changed("/spate", {{"digest", "aa"}}), "'cell' is missing");
  expect_row_refused(changed("/spate/cell", 1), "'cell' is a number");
  expect_row_refused(changed("/spate/cell/mode", 1), "'mode' is a number");
  expect_row_refused(changed("/spate/cell/chaos", "off"), "'chaos' is a string");
  expect_row_refused(changed("/spate/cell/chaos/profile", nullptr), "'profile' is missing");
  expect_row_refused(changed("/spate/cell/rate", "1"), "'rate' is a string");
  expect_row_refused(changed("/spate/cell/agents", nullptr), "'agents' is missing");
  expect_row_refused(changed("/spate/digest", 7), "'digest' is a number");
  expect_row_refused(changed("/spate/windows", "x"), "'windows' is a string; expected an array");
}

TEST(BadInput, ARowWithoutItsEssentialsIsRefused) {
  expect_row_refused(without("name"), "'name' is missing");
  expect_row_refused(without("real_time"), "'real_time' is missing");
}

TEST(BadInput, NumbersBeyondReasonAreRefused) {
  expect_row_refused(changed("/lost", -1), "expected a count");
  expect_row_refused(changed("/success_rate", 7.5), "'success_rate' is 7.5; expected at most 1");
  expect_row_refused(changed("/lost", 1e300), "expected a count");
  json row = plain_row("BM_x", 1e308, "s");
  expect_row_refused(row, "expected a time");
}

TEST(BadInput, DeepNestingIsRefusedAndDoesNotCrash) {
  const std::string arrays = R"({"a":)" + std::string(100000, '[');
  expect_text_refused(arrays, "nests deeper");
  expect_text_refused(arrays + std::string(100000, ']'), "nests deeper");
  std::string objects;
  for (int i = 0; i < 100000; ++i) {
    objects += "{\"a\":";
  }
  expect_text_refused(objects, "nests deeper");
  expect_text_refused(R"({"benchmarks":[{"odd":)" + arrays, "nests deeper");
}

TEST(BadInput, TextOfTwoBytesACharacterIsRefused) {
  expect_text_refused("\xff\xfe{", "is UTF-16");
  expect_text_refused(std::string("{\0", 2), "is UTF-16");
}

TEST(BadInput, AMissingFileAndADirectoryAreRefused) {
  expect_refused(run_on({}, {"/nonexistent/a.json", "/nonexistent/b.json"}), "cannot open");
  expect_refused(run_on({}, {"/", "/"}), "cannot read");
}

TEST(BadInput, ControlCharactersDoNotReachTheMessage) {
  expect_refused(run_on({}, {"/nonexistent/a\n\x1b[31m.json", "b"}), "a??[31m.json");
}

TEST(BadInput, TheWrongNumberOfFilesIsRefused) {
  const std::string good = result_file({delivery_row("mock"), delivery_row("queue")}).dump();
  expect_refused(run_on({}), "no file given");
  expect_refused(run_on({good}), "1 file given");
  expect_refused(run_on({good, good, good}), "3 files given");
  expect_refused(run_on({}, {"--modes", "mock,queue"}), "no file given");
  expect_refused(run_on({good}, {"--base", "a.json", "--new", "b.json", "--"}), "1 file given");
  expect_refused(run_on({}, {"--base", "a.json"}), "no file of --new");
  expect_refused(run_on({}, {"--new", "a.json"}), "no file of --base");
  expect_refused(run_on({good}, {"--modes", "mock,queue", "--base=a.json", "--"}),
                 "--base and --new do not go with --modes");
}

TEST(BadInput, OneFileTwiceOnASideIsRefused) {
  expect_refused(run_on({}, {"--base", "a", "--base", "b", "--base", "a", "--new", "a"}),
                 "--base has a twice");
}

TEST(BadInput, OneFileUnderTwoNamesIsOneFile) {
  const TemporaryFile file(result_file({delivery_row("mock"), delivery_row("queue")}).dump());
  const std::filesystem::path path(file.path());
  const std::string again = (path.parent_path() / "." / path.filename()).string();
  expect_refused(run_on({}, {"--base", file.path(), "--base", again, "--new", file.path()}),
                 "twice; give each file");
  expect_refused(run_on({}, {"--modes", "mock,queue", file.path(), again}), "twice");
}

TEST(BadInput, AReportThatWouldReplaceWhatIsReadIsRefused) {
  const std::string text = result_file({plain_row("BM_a", 1)}).dump();
  const TemporaryFile file(text);
  const TemporaryFile other(text);
  const TemporaryFile rules(R"({"rules": []})");
  for (const std::string& target : {file.path(), other.path(), rules.path()}) {
    expect_refused(
        run_on({}, {file.path(), other.path(), "--rules", rules.path(), "--markdown", target}),
        "would replace a file that this run reads");
  }
  expect_refused(run_on({}, {file.path(), other.path(), "--json", "one", "--junit", "./one"}),
                 "would replace");
  EXPECT_EQ(FileText(file.path()).view(), text);
}

TEST(BadInput, FlagsForVerdictsAreRefusedWhereNothingIsJudged) {
  const std::string text = result_file({delivery_row("mock"), delivery_row("queue")}).dump();
  for (const std::vector<std::string>& flag :
       {std::vector<std::string>{"--alpha", "0.1"}, {"--family", "cell"}, {"--fail-on", "none"}}) {
    std::vector<std::string> flags{"--exact"};
    flags.insert(flags.end(), flag.begin(), flag.end());
    expect_refused(run_on({text, text}, flags), "which judge nothing by statistics");
  }
}

TEST(BadInput, AFlagTakesOneValueAndLeavesTheFiles) {
  const std::string text = result_file({plain_row("BM_a", 1)}).dump();
  const TemporaryFile file(text);
  const TemporaryFile other(text);
  EXPECT_EQ(run_on({}, {"--metric", "hits=throughput", "--metric", "misses=time:lower", "--effect",
                        "cpu_time=20", file.path(), other.path()})
                .code,
            ExitCode::inconclusive);
}

TEST(BadInput, RoundsThatDoNotPairAreRefused) {
  expect_refused(run_on({}, {"--paired", "--base", "a", "--base", "b", "--new", "c"}),
                 "--paired with 2 of --base and 1 of --new");
  expect_refused(run_on({}, {"--paired", "--exact", "a", "b"}), "--paired goes with neither");
  expect_refused(run_on({}, {"--paired", "--modes", "mock,queue", "a"}), "--paired goes with");
}

// All differences of two sides are held in memory at once.
TEST(BadInput, MoreValuesThanCanBeComparedAreRefused) {
  const std::string many = result_file(std::vector<json>(4097, plain_row("BM_a", 1))).dump();
  expect_refused(run_on({many, many}), "'BM_a' has 4097 values of real_time in base and 4097 in");
}

TEST(BadInput, AnAlphaThatIsNoRateIsRefused) {
  for (const std::string alpha : {"0", "-1", "0.6", "nan", "inf"}) {
    expect_refused(run_on({}, {"--alpha=" + alpha, "a", "b"}), "more than 0 and at most 0.5");
  }
  expect_refused(run_on({}, {"--alpha=x", "a", "b"}), "--alpha");
}

TEST(BadInput, ModesThatAreNotTwoAreRefused) {
  const std::string good = result_file({delivery_row("mock"), delivery_row("queue")}).dump();
  for (const std::string modes : {"mock", "mock,", ",mock", ",", "mock,queue,redis"}) {
    expect_refused(run_on({good}, {"--modes", modes}), "expected two modes");
  }
  expect_refused(run_on({good}, {"--modes", ""}), "--modes");
  expect_refused(run_on({good}, {"--modes", "mock,mock"}), "names 'mock' twice");
}

TEST(BadInput, AModeThatNoRowHasIsRefusedWithThoseThereAre) {
  const std::string good = result_file({delivery_row("mock"), delivery_row("queue")}).dump();
  expect_refused(run_on({good}, {"--modes", "mock,redis"}),
                 "no row has the mode 'redis'; the given files have mock, queue");
  expect_refused(run_on({result_file({plain_row("BM_x", 1)}).dump()}, {"--modes", "mock,queue"}),
                 "no row of the given files has a mode");
}

TEST(BadInput, UnknownFlagsAndFormatsAreRefused) {
  const std::string good = result_file({delivery_row()}).dump();
  expect_refused(run_on({good, good}, {"--colour"}), "--colour");
  expect_refused(run_on({good, good}, {"--format", "xml"}),
                 "expected one of text, markdown, json, junit");
  expect_refused(run_on({good, good}, {"--format"}), "--format");
  expect_refused(run_on({good, good}, {"--color", "blue"}), "expected one of auto, always, never");
  expect_refused(run_on({good, good}, {"--family", "all"}), "expected one of cell, comparison");
}

TEST(BadInput, TwoBenchmarksOfOneCellAreRefusedByName) {
  const json first = delivery_row();
  json second = first;
  second["run_name"] = "delivery/again";
  const Outcome outcome = compare_rows({first, second}, {first});
  expect_refused(outcome, "'delivery/again'");
  expect_refused(outcome, first["run_name"].get<std::string>());
}

TEST(BadInput, ModesRefuseToPoolMocksOfOtherSettings) {
  const json first = delivery_row();
  const json second = changed("/spate/cell/mock/success_rate", 0.5);
  expect_refused(compare_modes(result_file({first, second, delivery_row("queue")})),
                 "differ in the mock's settings or in real faults alone");
}

TEST(BadInput, ModesRefuseToPoolRunsWithFaultsAndWithout) {
  json struck = delivery_row("redis");
  struck["spate"]["cell"]["faults"] = {{"plan", {"1s:slice"}}};
  expect_refused(compare_modes(result_file({delivery_row("redis"), struck, delivery_row("mock")}),
                               "mock,redis"),
                 "or in real faults alone");
}

TEST(BadInput, BesideVirtualTimeModesRefuseToPoolOtherNumbersOfWorkers) {
  const json second = changed("/spate/cell/workers", 77);
  expect_refused(compare_modes(result_file({delivery_row(), second, virtual_row()}), "sim,mock"),
                 "or in the workers beside sim");
}

}  // namespace
}  // namespace spate::compare
