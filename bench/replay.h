// Whether a run that is repeated draws what it drew before.
#pragma once

#include <string>

#include "result_json.h"

namespace spate::bench {

// The digests of a row that its repetition must have again, as --expect-digest takes them: the
// run's, and after a colon the mock's, where the seed fixes what comes to the mock. (Shed messages
// do not; and in a closed loop on the wall clock, the time decides what a downtime swallows.)
std::string repeatable_digests(const Json& row);

// What differs from `expected`, one line for people; empty where nothing does, or nothing was
// expected. The mock's half is of runs over the mock alone.
std::string digest_difference(const Json& row, const std::string& expected);

}  // namespace spate::bench
