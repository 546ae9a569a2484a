// What the process tells its caller.
#pragma once

#include <cstdint>

namespace spate::compare {

enum class ExitCode : std::uint8_t {
  fine = 0,
  finding = 1,        // a value differs that the seed fixes, or a verdict of --fail-on
  unusable = 2,       // the command line, or a file, could not be understood
  inconclusive = 3,   // a file is of an interrupted run, or nothing was compared
  broken = 4,         // an invariant does not hold in the data
  coverage_lost = 5,  // a cell, or a judged metric of one, has no partner
};

}  // namespace spate::compare
