// What a run becomes in the result file: flat counters in the row, and the row's `spate` object.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "spate/report.h"
#include "spate/run_plan.h"

namespace spate::bench {

using Json = nlohmann::ordered_json;

// Everything that defines one cell.
struct Cell {
  RunPlan plan;
  std::int64_t duration_ns = 0;
  bool messages_given =
      false;  // else in a closed loop their number is Google Benchmark's to choose
  std::string templates_name;
  // The name of a fixed run that backs a claim; empty for the cells of the matrix.
  std::string claim;
};

// As many agents have an entry of their own; the file is written anew after each cell.
inline constexpr std::size_t kMaxAgentRows = 10'000;

using Counters = std::vector<std::pair<std::string, double>>;

// In the order in which they are written.
Counters counters_of(const RunPlan& plan, const RunReport& report);
Json spate_object(const Cell& cell, const RunReport& report);

}  // namespace spate::bench
