// Runs a stage in a process of its own, and ends it when a call hangs.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "conformance/clauses.h"
#include "conformance/trial.h"
#include "spate/bench/modes.h"

namespace spate::bench {

struct StageFinding {
  Clause clause;
  std::string text;
};

struct StageResult {
  std::vector<StageFinding> findings;
  bool complete = false;  // it went to its end
  bool hung = false;      // it was ended in a call
};

// A call may take so long, of which only what the watcher itself was awake for counts: a machine
// that stands still accuses nobody.
inline constexpr std::int64_t kCallLimitNs = 3 * kSecondNs;

// Ends by `deadline_ns`, on SteadyClock. From a process with one thread. Throws Error where the
// system refuses a process.
StageResult run_watched(const Mode& mode, const Stage& stage, bool ordered,
                        std::int64_t deadline_ns);

}  // namespace spate::bench
