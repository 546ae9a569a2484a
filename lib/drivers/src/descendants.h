// The processes that this one has begotten, and those that they have.
#pragma once

#include <vector>

namespace spate::drivers {

// Their numbers, as /proc shows them while it is read: whoever is begotten meanwhile may be
// missing. Ask again when those found have been stopped, or have been killed and waited for: a
// subreaper becomes the parent of all whose parent has ended, so that none gets out of its sight.
std::vector<int> descendants();

// Whether none of the process's threads runs, or waits for anything but to be let go on: each is
// stopped, or has ended. True where there is no such process.
bool stands_still(int process);

}  // namespace spate::drivers
