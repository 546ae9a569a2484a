// Colours on a terminal.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "compare/exit_code.h"

namespace spate::compare {

enum class Ink : std::uint8_t { none, red, green, yellow };

Ink ink_of(ExitCode code);

// The text itself where there is no colour.
std::string inked(std::string_view text, Ink ink, bool color);

}  // namespace spate::compare
