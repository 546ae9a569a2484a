// The registry behind modes.h: what only the programs themselves change.
#pragma once

#include <string>
#include <string_view>

#include "spate/bench/modes.h"

namespace spate::bench {

// A broker's mode is there from the beginning, so that it can be named; runs can be made once it is
// open. Precondition: the mode of that name is a broker's.
void open_mode(const Mode& mode);
void close_mode(std::string_view name);

// Registers what was announced since. Throws Error as register_mode() does.
void register_announced();
// What is there besides Spate's own, as a list of --modes takes it; empty when there is nothing.
std::string own_mode_names();

}  // namespace spate::bench
