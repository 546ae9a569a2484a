// A cell's rows under two modes as what mode_comparison.h compares.
#pragma once

#include <vector>

#include "compare/load.h"
#include "compare/mode_comparison.h"

namespace spate::compare {

// Of repetitions that did not fail. Throws Error, naming the files, where a histogram is damaged.
ModeComparison side_by_side(const std::vector<const Row*>& reference,
                            const std::vector<const Row*>& other,
                            const std::vector<double>& quantiles);

}  // namespace spate::compare
