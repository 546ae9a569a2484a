// Which cell of one side is which of the other.
#pragma once

#include <string>
#include <vector>

#include "compare/cells.h"

namespace spate::compare {

struct CellPair {
  Cell reference;
  Cell other;
};

struct Matching {
  std::vector<CellPair> pairs;  // all three in order of appearance
  std::vector<Cell> only_reference;
  std::vector<Cell> only_other;
};

// Also names the cells: mode, chaos, rate and agents, and further values only where cells that
// differ would otherwise have one name (a cell without partner because its seed changed).
Matching match_cells(std::vector<Cell> reference, std::vector<Cell> other);

}  // namespace spate::compare
