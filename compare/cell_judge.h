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

// Gives a result for each pair, in their order, to a comparison whose form and settings are
// known. `whole`: no run was cut short and all are comparable, so that what the seed fixes must be
// equal.
void compare_pairs(const std::vector<CellPair>& pairs, bool whole, const Rounds& rounds,
                   Comparison& result);

// A cell or, of one that both sides have, a metric that only side `missing_on` (0: reference,
// 1: other) lacks.
Unmatched without_partner(std::string cell, std::string metric, std::size_t missing_on,
                          const Comparison& comparison);

// Whether it is about that and has not expired.
bool covers(const Acknowledgement& known, const Settings& settings, std::string_view cell,
            std::string_view metric);

// The reason of one that covers it, and not just one step of a history.
std::optional<std::string> acknowledged(const Settings& settings, std::string_view cell,
                                        std::string_view metric);

// Those that count no more, in words.
std::vector<std::string> expired_acknowledgements(const Settings& settings);

}  // namespace spate::compare
