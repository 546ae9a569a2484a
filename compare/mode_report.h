// Two modes side by side, for people and for programs. The first side is the reference.
#pragma once

#include <array>
#include <cstddef>
#include <nlohmann/json.hpp>
#include <span>
#include <string>

#include "compare/mode_comparison.h"
#include "compare/terminal/columns.h"

namespace spate::compare {

using Modes = std::array<std::string, 2>;

// A block of lines, so many columns at most unless the cell's name is longer.
std::string mode_text(const ModeComparison& comparison, const std::string& cell, const Modes& modes,
                      std::size_t columns = kUsualColumns);

// What does not exist is null.
nlohmann::ordered_json mode_json(const ModeComparison& comparison);

// One line to quote: medians over the cells and, of several, in brackets the least and the largest.
std::string mode_summary(std::span<const ModeComparison> cells, const Modes& modes);

}  // namespace spate::compare
