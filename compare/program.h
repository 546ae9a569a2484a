// The whole program but for the process around it, so that tests can run it by the thousand.
#pragma once

#include <iosfwd>
#include <string>
#include <vector>

#include "compare/exit_code.h"

namespace spate::compare {

// `arguments` without the program's name. The report goes to `out`, or one line to `err`; throws
// nothing.
ExitCode run(std::vector<std::string> arguments, std::ostream& out, std::ostream& err) noexcept;

}  // namespace spate::compare
