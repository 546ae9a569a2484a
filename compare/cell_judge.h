// Each pair of cells: its metrics, what the seed fixes in it, and the verdicts.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "compare/comparison.h"
#include "compare/match.h"

namespace spate::compare {

// Which round each file is of, where rounds are paired.
using Rounds = std::unordered_map<const Origin*, std::size_t>;

// Appends a result for each pair, in their order, to a comparison whose form and settings are
// known. `whole`: no run was cut short and all are comparable, so that what the seed fixes must be
// equal.
void compare_pairs(const std::vector<CellPair>& pairs, bool whole, const Rounds& rounds,
                   Comparison& result);

// The reason of an acknowledgement that covers it and has not expired.
std::optional<std::string> acknowledged(const Settings& settings, std::string_view cell,
                                        std::string_view metric);

}  // namespace spate::compare
