// --latency: from which distribution the mock draws.
#pragma once

#include <string>
#include <string_view>

#include "spate/latency_model.h"

namespace spate::bench {

// How each model is written, for --help and for errors.
std::string latency_usage();

// "constant:1ms", "lognormal:p50=2ms,p99=20ms", …; a bare number is in ms. "from:FILE#CELL" draws
// as one row of a result file measured its response times: the row of that name, with or without
// what Google Benchmark puts behind it (/iterations:…, /manual_time). Throws Error, one line, with
// the flag's name in it.
LatencyModel parse_latency(std::string_view flag, const std::string& text);

// FILE of "from:FILE#CELL"; empty where no file is read.
std::string latency_file(const std::string& text);

}  // namespace spate::bench
