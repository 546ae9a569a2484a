// From matched cells to the verdict on the whole and its exit code, in the order of judgement:
// invariants, comparability, what the seed fixes, coverage, statistics.
#pragma once

#include "compare/cell_judge.h"
#include "compare/comparison.h"
#include "compare/match.h"

namespace spate::compare {

// Completes a comparison whose form, sides, inputs, settings, differences of context and breaks of
// unplaced rows are known.
void conclude(const Matching& matching, const Rounds& rounds, Comparison& result);

// The same of Form::show, whose cells are all of the one side.
void conclude_shown(const Matching& matching, Comparison& result);

}  // namespace spate::compare
