// The comparison for people: 100 columns, unless a name is longer.
#pragma once

#include <string>

#include "compare/comparison.h"

namespace spate::compare {

std::string text_report(const Comparison& comparison);

}  // namespace spate::compare
