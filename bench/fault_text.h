// Real faults as people write them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "spate/fault_plan.h"

namespace spate::bench {

// TIME:KIND[,name=value…]: "3s:kill-broker,restart=1s", "6s:latency,add=50ms,jitter=20ms,for=2s".
// Each kind takes names of its own, and all of them `spread`. `flag`: where it stands, for the
// error's line. Throws Error.
Fault parse_fault(std::string_view flag, std::string_view text);

// The shortest text that parse_fault() understands as this fault.
std::string fault_text(const Fault& fault);

// What has just happened, for people who look on.
struct FaultMoment {
  std::int64_t at_ns = 0;
  std::string text;  // "begins 3s:slice,for=1s"
};
// Nothing where it was over at once, which has been told when it began.
std::optional<FaultMoment> latest_moment(const ExecutedFault& executed);

// For --help: all kinds, or those of the way alone, with what they take.
std::string fault_usage(bool of_way_alone = false);

// Throws Error, with `flag` in its line, where two faults want the one process at the same time.
void check_faults(std::string_view flag, const std::vector<Fault>& plan);

}  // namespace spate::bench
