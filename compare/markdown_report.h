// A comparison as a comment on a pull request: GitHub's Markdown.
#pragma once

#include <string>

#include "compare/comparison.h"

namespace spate::compare {

// `all`: also cells in which nothing was found. Names from the files cannot become markup.
std::string markdown_report(const Comparison& comparison, bool all = false);

}  // namespace spate::compare
