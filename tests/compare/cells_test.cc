// Which rows are one cell: names without what Google Benchmark adds to them.
#include "compare/cells.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "compare/error.h"
#include "compare/json_text.h"
#include "tests/compare/sample.h"

namespace spate::compare {
namespace {

using nlohmann::json;
using testing::ElementsAre;

ResultFile parsed(const std::vector<json>& rows) {
  return parse_results(result_file(rows).dump(), "file.json");
}

std::vector<const Row*> rows_of(const ResultFile& file) {
  std::vector<const Row*> rows;
  for (const Row& row : file.rows) {
    rows.push_back(&row);
  }
  return rows;
}

// One row of each name in each file.
Comparison of_names(const std::vector<std::string>& base,
                    const std::vector<std::string>& candidate) {
  const auto rows = [](const std::vector<std::string>& names) {
    std::vector<json> result;
    for (const std::string& name : names) {
      result.push_back(plain_row(name, 1));
    }
    return result;
  };
  return compared(rows(base), rows(candidate));
}

json aggregate(const std::string& statistic, double time) {
  json row = plain_row("BM_a", time);
  row.update({{"run_type", "aggregate"}, {"aggregate_name", statistic}});
  return row;
}

TEST(BareName, LeavesOutWhatSaysHowWasMeasured) {
  for (const std::string suffix :
       {"/iterations:5", "/repeats:3", "/min_time:0.100", "/min_warmup_time:1.000", "/process_time",
        "/real_time", "/manual_time", "/min_time:0.1/repeats:3/process_time/real_time"}) {
    EXPECT_EQ(bare_name("BM_a/8" + suffix), "BM_a/8") << suffix;
  }
}

TEST(BareName, LeavesWhatSaysWhatWasMeasured) {
  for (const std::string name : {"BM_a", "BM_a/8/64", "BM_a/threads:4", "BM_a/n:8",
                                 "BM_a/real_time_clock", "BM_a/iterations", "BM_a/my_process_time",
                                 "BM_a<int>/8", "/real_time", "real_time", "iterations:5", ""}) {
    EXPECT_EQ(bare_name(name), name) << name;
  }
}

// The threads come last in a name, behind how it was measured.
TEST(BareName, KeepsTheThreadsBehindWhatItLeavesOut) {
  EXPECT_EQ(bare_name("BM_a/8/min_time:0.100/process_time/real_time/threads:4"),
            "BM_a/8/threads:4");
  EXPECT_EQ(bare_name("BM_a/real_time/threads:4"), "BM_a/threads:4");
}

TEST(Cells, AreTheSameWhateverSaysHowTheyWereMeasuredOnEitherSide) {
  const Comparison comparison = of_names({"BM_a/iterations:5", "BM_b", "BM_c/real_time/threads:2"},
                                         {"BM_a/min_time:0.1", "BM_b/real_time", "BM_c/threads:2"});
  EXPECT_TRUE(comparison.unmatched.empty());
  ASSERT_EQ(comparison.cells.size(), 3U);
  EXPECT_THAT(comparison.cells[0].run_names, ElementsAre("BM_a/iterations:5", "BM_a/min_time:0.1"));
}

TEST(Cells, OfOtherThreadsAreOthers) {
  EXPECT_EQ(of_names({"BM_a/threads:2"}, {"BM_a/threads:4"}).exit_code, ExitCode::coverage_lost);
}

// Bare they would be one cell, so that only the whole names tell them apart.
TEST(Cells, OfNamesThatOneFileTellsApartBySuffixKeepThem) {
  const std::vector<std::string> names{"BM_a/iterations:5", "BM_a/iterations:10"};
  const Comparison same = of_names(names, names);
  EXPECT_EQ(same.cells.size(), 2U);
  EXPECT_TRUE(same.unmatched.empty());
  const Comparison fewer = of_names(names, {"BM_a/iterations:10", "BM_b"});
  ASSERT_EQ(fewer.unmatched.size(), 2U);
  EXPECT_EQ(fewer.unmatched[0].cell, "BM_a/iterations:5");
  EXPECT_EQ(of_names({"BM_a/iterations:10"}, names).cells.size(), 1U);
}

TEST(Cells, AmbiguousNamesAreThoseOfOneFile) {
  const ResultFile first = parsed({plain_row("BM_a/iterations:5", 1), plain_row("BM_b", 1)});
  const ResultFile second = parsed({plain_row("BM_a/iterations:6", 1), plain_row("BM_b", 1)});
  const ResultFile both = parsed({plain_row("BM_a/iterations:5", 1), plain_row("BM_b", 1),
                                  plain_row("BM_a", 1), plain_row("BM_b", 1)});
  EXPECT_TRUE(ambiguous_names({&first, &second}).empty());
  EXPECT_THAT(ambiguous_names({&first, &both}), ElementsAre("BM_a"));
}

TEST(Cells, RowsOfOneNameAreRepetitionsWhereverTheyStand) {
  const ResultFile file =
      parsed({plain_row("BM_a", 1), plain_row("BM_b", 2), plain_row("BM_a", 3)});
  const std::vector<Cell> cells = gather_cells(rows_of(file), Identity::whole);
  ASSERT_EQ(cells.size(), 2U);
  EXPECT_EQ(cells[0].rows.size(), 2U);
  EXPECT_EQ(cells[0].rows[1], &file.rows[2]);
}

TEST(Cells, TwoNamesOfOneFileForOneCellAreRefused) {
  const ResultFile file = parsed({plain_row("BM_a", 1), plain_row("BM_a/real_time", 1)});
  EXPECT_THROW(gather_cells(rows_of(file), Identity::whole), Error);
  EXPECT_EQ(gather_cells(rows_of(file), Identity::whole, ambiguous_names({&file})).size(), 2U);
}

TEST(Cells, TwoBenchmarksOfTwoFilesForOneCellAreRefused) {
  json renamed = delivery_row();
  renamed["run_name"] = "delivery/again";
  const json file = result_file({delivery_row()});
  EXPECT_THROW(compared_files({file, result_file({renamed})}, {file}), Error);
  renamed["run_name"] = delivery_row()["run_name"].get<std::string>() + "/real_time";
  EXPECT_NO_THROW(compared_files({file, result_file({renamed})}, {file}));
}

TEST(Cells, ANameCannotPassForADelivery) {
  json impostor = plain_row("x", 1);
  impostor["run_name"] = canonical(delivery_row()["spate"]["cell"]).dump();
  const Comparison comparison = compared({delivery_row()}, {delivery_row(), impostor});
  EXPECT_EQ(comparison.cells.size(), 1U);
  EXPECT_EQ(comparison.unmatched.size(), 1U);
}

TEST(Cells, IdentityLeavesOutWhatItIsNamedFor) {
  const ResultFile file = parsed({delivery_row("mock")});
  const auto has = [&](Identity identity, const std::string& name) {
    return gather_cells(rows_of(file), identity).at(0).identity.contains(name);
  };
  for (const std::string name : {"mode", "mock", "workers", "seed", "rate"}) {
    EXPECT_TRUE(has(Identity::whole, name)) << name;
    const bool of_mode = name == "mode" || name == "mock";
    const bool of_plan = name == "workers" || name == "seed";
    EXPECT_EQ(has(Identity::without_mode, name), !of_mode) << name;
    EXPECT_EQ(has(Identity::without_workers, name), !of_mode && name != "workers") << name;
    EXPECT_EQ(has(Identity::without_plan, name), !of_plan) << name;
  }
}

TEST(MeasuredRows, AreRepetitionsElseTheMedianElseTheMean) {
  const auto measured = [](const std::vector<json>& rows) {
    const ResultFile file = parsed(rows);
    const std::vector<Cell> cells = gather_cells(rows_of(file), Identity::whole);
    std::vector<double> times;
    for (const Row* row : measured_rows(cells.at(0))) {
      times.push_back(*row->value("real_time"));
    }
    return times;
  };
  EXPECT_THAT(measured({plain_row("BM_a", 1), aggregate("median", 2), plain_row("BM_a", 3)}),
              ElementsAre(1, 3));
  EXPECT_THAT(measured({aggregate("mean", 1), aggregate("median", 2)}), ElementsAre(2));
  EXPECT_THAT(measured({aggregate("mean", 1), aggregate("stddev", 2)}), ElementsAre(1));
}

}  // namespace
}  // namespace spate::compare
