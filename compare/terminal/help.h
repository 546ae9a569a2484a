// --help, as wide as the terminal.
#pragma once

#include <cstddef>
#include <string>

#include "compare/terminal/command.h"

namespace spate::compare {

// Lines of at most `columns`, but for examples, which are to be copied whole, and words as long.
std::string help_text(const Command& command, std::size_t columns);

// The help of `app` will be such a text, for what standard output leads to: at most 120 columns,
// since longer lines are hard to read.
void set_help(CLI::App& app);

}  // namespace spate::compare
