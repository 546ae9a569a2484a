// What the machine is and does: for the context of a result file.
#pragma once

#include <cstdint>
#include <string>

namespace spate::bench {

std::string cpu_model();
std::string kernel_version();
// How idle the machine is while we do nothing, over a fifth of a second; negative where unknown.
double host_idle_percent();
// Memory that this process occupies now.
std::int64_t resident_bytes();
// The most that it has occupied since the last reset, or since it began where the system allows no
// reset.
std::int64_t peak_resident_bytes();
void reset_peak_resident();

}  // namespace spate::bench
