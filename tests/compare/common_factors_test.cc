// What the cells that got worse share, and how telling it is.
#include "compare/common_factors.h"

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
using testing::IsEmpty;
using testing::Key;
using testing::Not;
using testing::Pair;

Factors factors_of_row(const json& row) {
  const ResultFile file = parse_results(result_file({row}).dump(), "file.json");
  const std::vector<const Row*> rows{&file.rows.at(0)};
  return factors_of(gather_cells(rows, Identity::whole).at(0));
}

// `worse` of the cells that have it, then `others`, then the same of those that lack it.
std::vector<FlaggedCell> cells_with(std::size_t worse, std::size_t others, std::size_t worse_else,
                                    std::size_t others_else) {
  std::vector<FlaggedCell> cells;
  const auto add = [&](std::size_t count, const std::string& chaos, bool is_worse) {
    for (std::size_t i = 0; i < count; ++i) {
      cells.push_back({{{"chaos", chaos}, {"cell", std::to_string(cells.size())}}, is_worse});
    }
  };
  add(worse, "on", true);
  add(others, "on", false);
  add(worse_else, "off", true);
  add(others_else, "off", false);
  return cells;
}

std::vector<std::string> names_of(const std::vector<CommonFactor>& found) {
  std::vector<std::string> names;
  for (const CommonFactor& factor : found) {
    names.push_back(factor.name + ":" + factor.value);
  }
  return names;
}

TEST(Factors, OfADeliveryAreTheValuesOfItsCellButNotTheSeed) {
  const Factors factors = factors_of_row(delivery_row());
  EXPECT_THAT(factors, Contains(Pair("mode", "mock")));
  EXPECT_THAT(factors, Contains(Pair("rate", "1000")));
  EXPECT_THAT(factors, Contains(Pair("chaos", "off")));
  EXPECT_THAT(factors, Contains(Pair("mock.success_rate", "0.95")));
  EXPECT_THAT(factors, Not(Contains(Key("seed"))));
  EXPECT_THAT(factors, Not(Contains(Key("payload_bytes")))) << "null is no value";
}

TEST(Factors, OfAnotherBenchmarkAreThePartsOfItsName) {
  EXPECT_THAT(factors_of_row(plain_row("std::BM_sort<a::b>/n:1024/8/real_time", 1)),
              ElementsAre(Pair("argument 2", "8"), Pair("benchmark", "std::BM_sort<a::b>"),
                          Pair("n", "1024")));
}

TEST(CommonFactors, WhatAllWorseCellsShareIsNamedWithItsCounts) {
  const std::vector<CommonFactor> found = common_factors(cells_with(3, 2, 0, 6));
  ASSERT_EQ(names_of(found), std::vector<std::string>{"chaos:on"});
  EXPECT_EQ(found[0].counts.flagged_having, 3U);
  EXPECT_EQ(found[0].counts.flagged_lacking, 0U);
  EXPECT_EQ(found[0].counts.other_having, 2U);
  EXPECT_EQ(found[0].counts.other_lacking, 6U);
  EXPECT_EQ(found[0].p, fisher_exact_p(found[0].counts));
  EXPECT_EQ(common_phrase(found[0]),
            "all 3 regressions have chaos:on; of the 8 other cells 2 have it");
}

TEST(CommonFactors, WhatNearlyAllShareIsNamedIfChanceWouldHardlyDoIt) {
  const std::vector<CommonFactor> found = common_factors(cells_with(7, 1, 1, 7));
  ASSERT_EQ(names_of(found), std::vector<std::string>{"chaos:on"});
  EXPECT_EQ(common_phrase(found[0]),
            "7 of 8 regressions have chaos:on; of the 8 other cells 1 has it");
  EXPECT_THAT(common_factors(cells_with(3, 3, 1, 1)), IsEmpty());
}

// Three of eight are no common factor, however rare it is elsewhere.
TEST(CommonFactors, WhatFewerThanHalfOfTheWorseShareIsNotNamed) {
  EXPECT_THAT(common_factors(cells_with(3, 0, 5, 92)), IsEmpty());
  EXPECT_THAT(common_factors(cells_with(3, 5, 5, 87)), IsEmpty());
}

TEST(CommonFactors, WhatEveryCellHasTellsNothing) {
  EXPECT_THAT(common_factors(cells_with(3, 5, 0, 0)), IsEmpty());
}

TEST(CommonFactors, OneWorseCellHasNothingInCommon) {
  EXPECT_THAT(common_factors(cells_with(1, 0, 0, 9)), IsEmpty());
  EXPECT_THAT(common_factors({}), IsEmpty());
}

// A profile's crash rate says no more than its name, and the same cells are one finding.
TEST(CommonFactors, OneGroupOfCellsIsNamedOnceByTheWholeValue) {
  std::vector<FlaggedCell> cells = cells_with(3, 0, 0, 5);
  for (FlaggedCell& cell : cells) {
    const std::string rate = cell.factors.at("chaos") == "on" ? "0.01" : "0";
    cell.factors.emplace("a.crash_rate", rate);
    cell.factors.emplace("chaos.spike_rate", rate);
  }
  EXPECT_THAT(names_of(common_factors(cells)), ElementsAre("chaos:on"));
}

TEST(CommonFactors, TheMostTellingComesFirstAndThreeAreEnough) {
  std::vector<FlaggedCell> cells = cells_with(4, 0, 0, 8);
  for (std::size_t extra = 1; extra <= 4; ++extra) {
    const std::string name = std::string(1, 'b').append(std::to_string(5 - extra));
    for (std::size_t i = 0; i < 4 + extra; ++i) {
      cells[i].factors.emplace(name, "yes");
    }
  }
  EXPECT_THAT(names_of(common_factors(cells)), ElementsAre("chaos:on", "b4:yes", "b3:yes"));
}

TEST(CommonFactors, AreFoundInAComparison) {
  const auto rows_with = [](double slow) {
    std::vector<json> rows;
    for (const std::string name : {"BM_a/8", "BM_b/8", "BM_a/64", "BM_b/64", "BM_c/64"}) {
      const bool is_slow = name.ends_with("/8");
      const std::vector<json> some =
          with_values(plain_row(name, 100), "real_time", around(is_slow ? slow : 100));
      rows.insert(rows.end(), some.begin(), some.end());
    }
    return rows;
  };
  const Comparison comparison = compared(rows_with(100), rows_with(200));
  EXPECT_EQ(comparison.tally.worse, 2U);
  EXPECT_THAT(names_of(comparison.common), ElementsAre("argument 1:8"));
  EXPECT_EQ(comparison.common[0].counts.other_lacking, 3U);
  Settings settings;
  settings.today = "2027-01-01";
  settings.acknowledgements = {{"BM_a/8", "real_time", "known", "2027-01-01"}};
  EXPECT_THAT(compared(rows_with(100), rows_with(200), settings).common, IsEmpty());
}

}  // namespace
}  // namespace spate::compare
