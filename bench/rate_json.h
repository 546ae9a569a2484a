// What a search for the highest rate adds to the result file.
#pragma once

#include "rate_table.h"
#include "result_json.h"
#include "step_verdict.h"

namespace spate::bench {

// The object `spate.step` of a step's row. What compares files leaves such rows out: which rates
// were tried follows from the answer.
Json step_object(const StepVerdict& verdict, bool control);

// A row of its own for the answer. Its cell is that of the steps, with the objective in place of a
// rate; `step_cell` is one of theirs. messages_per_second is the highest rate, real_time the time
// between two messages at it, cpu_time the median of its steps. Where no rate holds the row says
// that it failed.
Json answer_row(const RateGoal& goal, const SearchOutcome& outcome, const Json& step_cell);

}  // namespace spate::bench
