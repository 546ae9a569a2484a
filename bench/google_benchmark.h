// Google Benchmark's command line, in one place: it ends the process or goes on where it should
// complain, and reads the environment besides.
#pragma once

#include <string>
#include <vector>

namespace spate::bench {

// Google Benchmark keeps a pointer to the program's name: `args`, which begin with it, must live as
// long as it is used. Throws Error on what it does not know.
void initialize_google_benchmark(std::vector<std::string>& args);

}  // namespace spate::bench
