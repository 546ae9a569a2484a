// Tables that fit a terminal, whatever is in them.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "compare/terminal/columns.h"

namespace spate::compare {

struct Column {
  std::string title;
  bool left = false;          // else its cells stand at its right
  bool only_if_room = false;  // left out where the table would be too wide
};

// Each column is as wide as what is in it. Where that is too much in all, the columns stand closer,
// then those that are there only if there is room are left out, the last one first; and a first
// cell that is longer than its column's room has a line of its own, above the rest of its row.
class Table {
 public:
  explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}

  // As many cells as columns; fewer leave the last ones empty. The first one's blanks indent it.
  void add(std::vector<std::string> cells) { rows_.push_back(std::move(cells)); }

  // The titles, then the rows in their order; without a newline at the end, but perhaps with one
  // after a first cell. Wider than `columns` only where the numbers themselves are.
  std::vector<std::string> lines(std::size_t columns = kUsualColumns) const;

 private:
  struct Layout {
    std::vector<std::size_t> shown;   // columns behind the first
    std::vector<std::size_t> widths;  // of all columns
    std::size_t gap = 2;

    std::size_t behind_first() const;
  };
  Layout fitted(std::size_t columns) const;
  std::string line(const std::vector<std::string>& cells, const Layout& layout) const;

  std::vector<Column> columns_;
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace spate::compare
