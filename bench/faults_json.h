// What a row says of its run's real faults.
#pragma once

#include <cstdint>
#include <string>

#include "result_json.h"

namespace spate::bench {

// How far the run went that had them.
struct RunLength {
  std::int64_t schedule_ns = 0;
  bool interrupted = false;
};

// Precondition of both: the run had some.
Json faults_object(const FaultsReport& report, const RunLength& length);
// In columns: a list for each, one entry for each slice.
Json timeline_object(const Timeline& timeline);

// Of a run that was too short for a fault that ended then.
std::string too_late_text(std::int64_t last_fault_end_ns);

// What is wrong with a whole run for its faults; empty: nothing is.
std::string fault_finding(const FaultsReport& report, std::int64_t schedule_ns);

}  // namespace spate::bench
