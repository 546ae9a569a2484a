// Which real faults a cell of the matrix has.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "options.h"

namespace spate::bench {

// One cell, as far as faults ask: an open loop over a broker may have them.
struct FaultedCell {
  std::string_view mode;
  std::uint64_t rate = 0;
  std::int64_t duration_ns = 0;
};

FaultedCell faulted_cell(std::string_view mode, std::uint64_t rate, const Options& options);

// Of that profile in that cell. Where there is no broker, or no schedule, there are none. Profile
// storm has two of its own where the run is long enough: the server pauses, if it is ours, and its
// connections are reset, if no certificate forbids the proxy.
std::vector<Fault> faults_of(const ChaosProfile& profile, const FaultedCell& cell,
                             const Options& options);

// Whether that profile may have some in a cell over a broker, where the cell is long enough.
bool may_have_faults(const ChaosProfile& profile);

// Throws Error for faults that a cell cannot have as they are asked for: over a server that is not
// ours, at a time when the run is over, or with no time left in which it has to flow again. (A
// chaos file is for whatever mode and rate: where they are without faults it goes without its own.)
// The options are understood by then.
void check_faults(const Options& options);

}  // namespace spate::bench
