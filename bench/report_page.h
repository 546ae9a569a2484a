// What spate_stress has run as a page with charts, as spate_compare makes it of a result file.
#pragma once

#include <array>
#include <optional>
#include <string>

#include "result_json.h"

namespace spate::bench {

struct ReportedRuns {
  std::string result;                               // what is, or would be, the result file
  std::string name;                                 // of that file, for people
  std::optional<std::array<std::string, 2>> modes;  // to be held against each other
  Json cut_short;  // the counters and `spate` of a run that was stopped; null: none was
};

// Throws compare::Error where the result cannot be understood.
std::string report_page(const ReportedRuns& runs);

}  // namespace spate::bench
