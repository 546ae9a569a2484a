// What a person reads at the end of a stress run.
#pragma once

#include <string>

#include "result_json.h"
#include "terminal.h"

namespace spate::bench {

// One row of the result file as text. `repeat`: the command line that repeats the run; empty for a
// run that was cut short, which nothing repeats, so that its digest says nothing either.
std::string stress_report(const Json& row, const std::string& repeat,
                          const std::string& latency_file, const Palette& palette);

// What of the result file's context casts doubt on every number in it; empty, or lines.
std::string context_warnings(const Json& context, const Palette& palette);

}  // namespace spate::bench
