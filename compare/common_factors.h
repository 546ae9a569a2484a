// What the cells that got worse have in common: "all 6 regressions have chaos:on".
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "compare/cells.h"
#include "compare/statistics/fisher_exact.h"

namespace spate::compare {

// A cell's coordinates by name: "chaos" is "on"; of another benchmark's name
// "BM_sort<int>/n:1024/8" its parts: "benchmark", "n", "argument 2".
using Factors = std::map<std::string, std::string>;
Factors factors_of(const Cell& cell);

struct CommonFactor {
  std::string name;
  std::string value;
  TwoByTwo counts;  // flagged: worse
  double p = 1;     // Fisher's exact test
};

struct FlaggedCell {
  Factors factors;
  bool is_worse = false;
};

// Values that all worse cells share, or else nearly all (p at most 0.05), and that not every cell
// has. The most telling first. Nothing of fewer than two worse cells.
inline constexpr std::size_t kMaxCommonFactors = 3;
std::vector<CommonFactor> common_factors(const std::vector<FlaggedCell>& cells);

}  // namespace spate::compare
