// Chaos profiles from files.
#pragma once

#include <string>

#include "spate/chaos_profile.h"

namespace spate::bench {

// The file is one JSON object, of which everything may be left out:
//
//   {"name": "mine",
//    "crash":     {"rate": 0.01, "downtime": "20ms"},
//    "burst":     {"enter": 0.002, "leave": 0.05, "fail": 0.8},
//    "spike":     {"rate": 0.05, "max": "500ms"},
//    "reorder":   {"rate": 0.02, "max": "2ms"},
//    "duplicate": {"rate": 0.01},
//    "drop_ack":  {"rate": 0.01}}
//
// A fault that is left out never happens; the numbers within one are those of ChaosProfile, and in
// a burst everything fails, unless they are given. Durations are text with a unit. The name is the
// file's without its ending, unless it is given.
//
// Throws Error: one line that names the file, the key, what was given and what is allowed.
ChaosProfile load_chaos_profile(const std::string& path);

}  // namespace spate::bench
