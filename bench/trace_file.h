// A run's trace as the JSON that Perfetto and Chrome's about:tracing read.
#pragma once

#include <string>

#include "spate/report.h"

namespace spate::bench {

// Each agent that has something to show is a process with its name; each delivery a slice in its
// sender's, from the intended send to the receipt, with the time before the actual send in its
// arguments; each chaos event an instant there. All of that is in the order of time, in
// microseconds after the start, to the nanosecond; how much the report left out is beside it.
// ("Trace Event Format", Google, 2016: asynchronous events, because slices of one agent overlap.)
std::string trace_json(const RunReport& report);

}  // namespace spate::bench
