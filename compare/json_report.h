// The comparison for programs: one JSON document, always valid; what does not exist is null.
#pragma once

#include <string>

#include "compare/comparison.h"

namespace spate::compare {

std::string json_report(const Comparison& comparison);

}  // namespace spate::compare
