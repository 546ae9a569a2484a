// Is what was flagged flagged because of something it has? "6 of 6 regressions have chaos:on, and
// so have 3 of the 14 other cells."
#pragma once

#include <cstddef>

namespace spate::compare {

struct TwoByTwo {
  std::size_t flagged_having = 0;
  std::size_t flagged_lacking = 0;
  std::size_t other_having = 0;
  std::size_t other_lacking = 0;
};

// One-sided p of Fisher's exact test: how likely at least so many of the flagged would have it, had
// they been drawn at random; the tail of the hypergeometric distribution.
// (Fisher: The Design of Experiments, 1935, chapter II.)
double fisher_exact_p(const TwoByTwo& table);

}  // namespace spate::compare
