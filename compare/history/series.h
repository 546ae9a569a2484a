// The rows of a history, by cell and setup.
#pragma once

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "compare/cells.h"
#include "compare/history/folder.h"
#include "compare/history/trend.h"

namespace spate::compare {

// Rows of one cell on one setup, and the point of each; in the order of the points.
struct SeriesRows {
  Cell cell;  // the first one met, with a name
  std::map<std::string, std::string> setup;
  std::vector<std::pair<std::size_t, std::vector<const Row*>>> rows;
};

// In order of appearance. What cannot be told apart in one file, or is broken, is left out with a
// line of its own.
std::vector<SeriesRows> gather_series(const History& history, Trend& trend);

}  // namespace spate::compare
