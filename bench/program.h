// The process around a program's work.
#pragma once

#include <functional>

namespace spate::bench {

// Does `work` and returns its exit code, or that of the Error it throws, after its one line on
// standard error. An output that could not be written to its end is an error too.
int run_program(const char* name, const std::function<int()>& work);

}  // namespace spate::bench
