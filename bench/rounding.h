// What rounding leaves of the spread of repetitions that are all alike, as those in virtual time.
#pragma once

#include <cstddef>

#include "result_json.h"

namespace spate::bench {

// Of the rows from `first` on, where these are the aggregates of one benchmark, the mean before the
// others: a standard deviation, or its share of the mean, that is no more than rounding becomes 0.
void clear_rounding(Json& rows, std::size_t first);

}  // namespace spate::bench
