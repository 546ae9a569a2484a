// A comparison as people read it on a terminal.
#pragma once

#include <cstddef>
#include <string>

#include "compare/comparison.h"
#include "compare/terminal/columns.h"

namespace spate::compare {

struct TextStyle {
  bool color = false;
  bool all = false;                     // also cells in which nothing was found
  std::size_t columns = kUsualColumns;  // at least so many
};

// Lines of at most so many columns, unless a name or a path is longer.
std::string text_report(const Comparison& comparison, const TextStyle& style = {});

}  // namespace spate::compare
