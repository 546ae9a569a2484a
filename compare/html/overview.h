// What the cells of a report have beside each other.
#pragma once

#include <span>
#include <vector>

#include "compare/html/figure.h"
#include "compare/html/shown_cells.h"

namespace spate::compare::html {

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
