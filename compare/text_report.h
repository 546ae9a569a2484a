// A comparison as people read it on a terminal.
#pragma once

#include <string>

#include "compare/comparison.h"

namespace spate::compare {

struct TextStyle {
  bool color = false;
  bool all = false;  // also cells in which nothing was found
};

// Lines of at most 100 columns, unless a name, a path or a reason is longer; but the summary is one
// line however long.
std::string text_report(const Comparison& comparison, const TextStyle& style = {});

}  // namespace spate::compare
