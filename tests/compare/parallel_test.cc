#include "compare/parallel.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <stdexcept>
#include <string>
#include <vector>

#include "tests/compare/sample.h"

namespace spate::compare {
namespace {

TEST(InParallel, EveryStepIsDoneOnce) {
  for (const std::size_t count : {0U, 1U, 255U, 256U, 511U, 512U, 10001U}) {
    std::vector<int> done(count);
    in_parallel(count, [&](std::size_t begin, std::size_t end) {
      std::for_each(done.begin() + static_cast<std::ptrdiff_t>(begin),
                    done.begin() + static_cast<std::ptrdiff_t>(end), [](int& one) { ++one; });
    });
    EXPECT_EQ(std::count(done.begin(), done.end(), 1), static_cast<std::ptrdiff_t>(count));
  }
}

TEST(InParallel, WhatAPartThrowsComesOut) {
  for (const std::size_t culprit : {0U, 9999U}) {
    EXPECT_THROW(in_parallel(10000,
                             [&](std::size_t begin, std::size_t end) {
                               if (begin <= culprit && culprit < end) {
                                 throw std::runtime_error("a part");
                               }
                             }),
                 std::runtime_error);
  }
}

// Enough for several threads: each cell has the verdict that it has alone.
TEST(InParallel, ManyCellsAreJudgedAsOne) {
  constexpr int kCells = 1200;
  std::vector<nlohmann::json> base;
  std::vector<nlohmann::json> candidate;
  for (int i = 0; i < kCells; ++i) {
    const nlohmann::json row = plain_row("BM_" + std::to_string(i), 100);
    for (const nlohmann::json& one : with_values(row, "real_time", around(100, 8))) {
      base.push_back(one);
    }
    for (const nlohmann::json& one :
         with_values(row, "real_time", around(i % 7 == 0 ? 200 : 100, 8))) {
      candidate.push_back(one);
    }
  }
  const Comparison comparison = compared(base, candidate);
  ASSERT_EQ(comparison.cells.size(), std::size_t{kCells});
  for (int i = 0; i < kCells; ++i) {
    const CellResult& cell = comparison.cells[static_cast<std::size_t>(i)];
    EXPECT_EQ(cell.name, "BM_" + std::to_string(i));
    EXPECT_EQ(cell.metrics.at(0).judgement.verdict, i % 7 == 0 ? Verdict::worse : Verdict::same);
  }
}

}  // namespace
}  // namespace spate::compare
