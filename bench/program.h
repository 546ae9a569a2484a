// The process around a program's work.
#pragma once

#include <cstdio>
#include <functional>
#include <string>
#include <string_view>

namespace spate::bench {

// What to call the program: by the last part of its path.
std::string program_name(int argc, const char* const* argv);

// Writes it without exceptions, so that no work ends for it: what cannot be written shows in
// ferror(), for run_program() to find.
void say(std::FILE* out, std::string_view text);

// Does `work` and returns its exit code, or that of the Error it throws, after its one line on
// standard error. An output that could not be written to its end is an error too, unless its reader
// had read enough (| head): then it ends as if all had been read.
int run_program(const std::string& name, const std::function<int()>& work);

}  // namespace spate::bench
