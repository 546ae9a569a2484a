// What a comparison says, as figures: changes with their intervals, and ratios of two modes.
#pragma once

#include <span>
#include <vector>

#include "compare/comparison.h"
#include "compare/html/figure.h"
#include "compare/html/shown_cells.h"

namespace spate::compare::html {

// As many verdicts as a figure shows: what got worse first, and what stayed the same last.
inline constexpr std::size_t kMaxVerdicts = 60;

// Of Form::files: the changes by ratios, and those by points, where there are any.
std::vector<Figure> verdict_figures(std::span<const ShownCell> cells);

// All verdicts on one cell.
Table verdict_table(const CellResult& cell);

// Of Form::modes: other / reference in each cell, throughput, mean and quantiles.
Figure mode_figure(const Comparison& comparison);

}  // namespace spate::compare::html
