// What standard output, or another descriptor, leads to.
#pragma once

#include <cstddef>

namespace spate::compare {

// A terminal whose lines can be written over: not a dumb one.
bool is_terminal(int descriptor);

// A terminal, unless NO_COLOR is set and not empty (no-color.org).
bool has_colours(int descriptor);

// How wide it is; kUsualColumns where it does not say, or is no terminal.
std::size_t columns_on(int descriptor);

}  // namespace spate::compare
