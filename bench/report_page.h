// What spate_stress has run as a page with charts, as spate_compare makes it of a result file.
#pragma once

#include <array>
#include <optional>
#include <string>

#include "result_json.h"
#include "stress_options.h"

namespace spate::bench {

// What to call the result file, which is not written unless --output says where.
std::string result_name(const StressOptions& options);

struct ReportedRuns {
  std::string result;  // what is, or would be, the result file
  std::optional<std::array<std::string, 2>> modes = std::nullopt;  // to be held against each other
  Json cut_short = nullptr;  // the counters and `spate` of a run that was stopped; null: none was
};

// Where --report asks for it: whole or not at all. Throws Error where it cannot be written, and
// compare::Error where the result cannot be understood.
void write_report(const StressOptions& options, const ReportedRuns& runs);

}  // namespace spate::bench
