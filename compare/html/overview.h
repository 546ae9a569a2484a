// What the cells of a report have beside each other.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "compare/comparison.h"
#include "compare/html/figure.h"
#include "compare/html/run_figures.h"

namespace spate::compare::html {

struct ShownCell {
  std::string name;
  std::string label;  // the same without what all cells have in common, in the words of people
  const nlohmann::json* definition = nullptr;  // none where it is no delivery's
  std::vector<Side> sides;                     // as many in every cell
  const CellResult* result = nullptr;
  // Of each side, in the file's order; also those that failed.
  std::vector<std::vector<const Row*>> rows;
};

// A cell's name in the words of people: "queue, no chaos, 1000/s, 9 agents".
std::string spoken_name(std::string_view name);

// All cells, those of one side alone last. Throws Error where a row cannot be understood.
std::vector<ShownCell> cells_of(const Comparison& comparison);

// p50, p99 and the maximum of each cell.
Figure latency_figure(std::span<const ShownCell> cells);

// Messages a second by the rate that was asked for, a figure for each chaos profile.
std::vector<Figure> rate_figures(std::span<const ShownCell> cells);

// Latency by percentile, a line for each cell and side: of few cells in one figure, else one for
// each rate and number of agents.
std::vector<Figure> percentile_figures(std::span<const ShownCell> cells);

// Time of benchmarks that are no deliveries.
Figure time_figure(std::span<const ShownCell> cells);

}  // namespace spate::compare::html
