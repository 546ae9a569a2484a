// Performance claims: figures of one run, each beside what it is measured against.
#pragma once

#include <cstdio>
#include <map>
#include <string>

namespace spate::bench {

// What a run has shown: by benchmark (its name with its arguments, without Google Benchmark's
// suffixes), then by counter. The time per iteration in ns is there as kTimeNs.
using Figures = std::map<std::string, std::map<std::string, double>>;
inline constexpr const char* kTimeNs = "time_ns";

// Prints each claim of Spate's whose benchmarks were run.
void print_claims(std::FILE* out, const Figures& figures);

}  // namespace spate::bench
