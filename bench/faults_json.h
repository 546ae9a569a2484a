// What a row says of its run's real faults.
#pragma once

#include "result_json.h"

namespace spate::bench {

// Precondition of both: the run had some.
Json faults_object(const FaultsReport& report);
// In columns: a list for each, one entry for each slice.
Json timeline_object(const Timeline& timeline);

// What is wrong with the run for its faults; empty: nothing is.
std::string fault_finding(const FaultsReport& report);

}  // namespace spate::bench
