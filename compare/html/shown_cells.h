// The cells of a report with their runs, and what people call them.
#pragma once

#include <functional>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "compare/comparison.h"
#include "compare/html/run_figures.h"

namespace spate::compare::html {

struct ShownCell {
  std::string name;
  std::string label;  // the same without what all cells have in common, in the words of people
  const nlohmann::json* definition = nullptr;  // none where it is no delivery's
  std::vector<Side> sides;                     // as many in every cell
  bool is_answer = false;  // of a search for the highest rate, which has a section of its own
  const CellResult* result = nullptr;
  // Of each side, in the file's order; also those that failed.
  std::vector<std::vector<const Row*>> rows;
};

// All cells, those of one side alone last. Throws Error where a row cannot be understood.
std::vector<ShownCell> cells_of(const Comparison& comparison);

// A cell's name in the words of people: "queue, no chaos, 1000/s, 9 agents".
std::string spoken_name(std::string_view name);

// The same of those words of the name ("mode:queue") that `wanted` agrees to; of a cell that is no
// delivery's the whole name.
std::string label_of(const ShownCell& cell, const std::function<bool(std::string_view)>& wanted);

// The words that all of the names have; of one cell none.
std::set<std::string> common_words(const std::vector<const ShownCell*>& cells);

}  // namespace spate::compare::html
