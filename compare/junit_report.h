// A comparison as JUnit's XML, which every CI shows as tests.
#pragma once

#include <string>

#include "compare/comparison.h"

namespace spate::compare {

// A test case for each judged metric of each cell; it fails where its verdict is a finding (see
// Settings::fail_on), and is skipped where it cannot be told and that is none. Broken invariants,
// counts that differ and lost cells are failed cases of their own, and what makes the whole
// comparison inconclusive is an error.
std::string junit_report(const Comparison& comparison);

}  // namespace spate::compare
