// The console table: one line a benchmark, as soon as it is there. The digest is left to the file:
// sixteen digits a row are for spate_compare to hold against each other, not for the eye.
// In 80 columns a cell is called `queue on 100k 9` (mode, chaos, rate, agents); how much of the
// rate that was asked for is in its name, and what was lost or came twice has a line of its own
// below the row. A terminal that is wide enough has columns for all that, and a longer name.
#pragma once

#include <chrono>
#include <cstdio>
#include <string>

#include "display.h"

namespace spate::bench {

// Rows go to `out`; where it is a terminal, so does a last line that says how far the run is.
class Console final : public Display {
 public:
  Console(std::FILE* out, std::size_t benchmarks);

  void begin(const Json& context) override;
  void benchmark_begins() override;
  void row(const Json& row) override;
  void cut_short(const Json& row) override;
  void end() override;

 private:
  std::string place_of(std::size_t benchmark) const;
  void print_wide(const Json& row, const std::string& place);
  void print_narrow(const Json& row, const std::string& place);
  void show_progress();
  void clear_progress();

  std::FILE* out_;
  bool terminal_;
  bool wide_;
  std::size_t benchmarks_;
  std::size_t done_ = 0;
  std::chrono::steady_clock::time_point begin_;
};

}  // namespace spate::bench
