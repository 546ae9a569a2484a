// Rows gathered into cells: one coordinate of the matrix with all its repetitions.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "compare/load.h"

namespace spate::compare {

enum class Identity : std::uint8_t {
  whole,            // every value that defines the cell; of virtual time no workers do
  without_mode,     // all but the mode and what only the mock has: for one mode against another
  without_workers,  // all but these and the workers: for virtual time against another mode
};

struct Cell {
  nlohmann::json identity;  // what makes it this cell; null: its run_name does
  std::string key;          // the same as text: equal where the cells are the same
  std::string name;         // for people
  std::vector<Row> rows;    // its repetitions, never empty
};

// In order of appearance. Throws Error when two rows of one identity are not repetitions of each
// other: which of them to compare is not for this program to guess.
std::vector<Cell> gather_cells(std::vector<Row> rows, Identity identity);

// The rows that carry the cell's values: its repetitions or, where a file has only aggregates, the
// median of them, else the mean. They point into `cell`.
std::vector<const Row*> measured_rows(const Cell& cell);

}  // namespace spate::compare
