// Performance claims as ratios: a benchmark beside its reference, both from the same run.
#pragma once

#include <cstdio>
#include <map>
#include <string>

namespace spate::bench {

struct Claim {
  std::string benchmark;  // names without Google Benchmark's suffixes
  std::string reference;
  bool more_is_better;  // ratio of throughputs; else of times
  double limit;         // the ratio to reach, or not to exceed
};

// Time per iteration in ns, by name without suffixes.
using Times = std::map<std::string, double>;

// What Spate claims of itself.
const std::map<std::string, Claim>& claims();

// Prints each claim whose two sides were run.
void print_ratios(std::FILE* out, const Times& times);

}  // namespace spate::bench
