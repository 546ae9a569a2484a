// Google Benchmark's command line, in one place: it ends the process or goes on where it should
// complain, and reads the environment besides.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace spate::bench {

// Google Benchmark keeps a pointer to the program's name: `args`, which begin with it, must live as
// long as it is used. Throws Error on what it does not know.
void initialize_google_benchmark(std::vector<std::string>& args);

// One of its flags that spate_bench takes: itself, or by handing it on.
struct GoogleBenchmarkFlag {
  std::string_view name;
  std::string_view value;  // a form of compare/terminal/value_form.h
  std::string_view text;
};
std::span<const GoogleBenchmarkFlag> google_benchmark_flags();

}  // namespace spate::bench
