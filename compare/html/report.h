// A comparison, or the cells of files alone, as a page with charts.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "compare/comparison.h"

namespace spate::compare::html {

// As many cells have charts of their own; those that are broken first, then those with findings.
inline constexpr std::size_t kMaxCells = 100;

// `sides`: the files that were compared, and are still there: two sides, or one of Form::modes and
// Form::show. Throws Error, naming the row, where something that is drawn cannot be understood.
std::string report(const Comparison& comparison,
                   std::span<const std::vector<ResultFile>* const> sides);

}  // namespace spate::compare::html
