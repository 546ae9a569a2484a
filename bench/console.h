// The console table: one line a benchmark, as soon as it is there. The digest is left to the file:
// sixteen digits a row are for spate_compare to hold against each other, not for the eye.
#pragma once

#include <chrono>
#include <cstdio>
#include <string>

#include "result_json.h"

namespace spate::bench {

// Rows go to `out`; where it is a terminal, so does a last line that says how far the run is.
class Console {
 public:
  Console(std::FILE* out, std::size_t benchmarks);

  void begin();
  // One row of the result file; several of them when there are repetitions.
  void row(const Json& row);
  // The rows that follow are of one more benchmark.
  void benchmark_begins();
  void end();

 private:
  void show_progress();
  void clear_progress();

  std::FILE* out_;
  bool terminal_;
  std::size_t benchmarks_;
  std::size_t done_ = 0;
  std::chrono::steady_clock::time_point begin_;
};

}  // namespace spate::bench
