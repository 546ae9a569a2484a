// The process around a program's work.
#pragma once

#include <functional>
#include <string>

namespace spate::bench {

// What to call the program: by the last part of its path.
std::string program_name(int argc, const char* const* argv);

// Does `work` and returns its exit code, or that of the Error it throws, after its one line on
// standard error. An output that could not be written to its end is an error too.
int run_program(const std::string& name, const std::function<int()>& work);

}  // namespace spate::bench
