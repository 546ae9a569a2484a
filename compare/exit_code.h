// What the process tells its caller.
#pragma once

#include <cstdint>

namespace spate::compare {

enum class ExitCode : std::uint8_t {
  fine = 0,
  finding = 1,        // a regression: a value differs that the seed fixes; ratios alone are none
  unusable = 2,       // the command line, or a file, could not be understood
  inconclusive = 3,   // a file is of an interrupted run, or nothing was compared
  broken = 4,         // an invariant does not hold in the data
  coverage_lost = 5,  // a cell has no partner
};

}  // namespace spate::compare
