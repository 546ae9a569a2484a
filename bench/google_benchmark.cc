#include "google_benchmark.h"

#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include "spate/error.h"

namespace spate::bench {

void initialize_google_benchmark(std::vector<std::string>& args) {
  std::vector<char*> argv;
  argv.reserve(args.size());
  for (std::string& arg : args) {
    argv.push_back(arg.data());
  }
  int argc = static_cast<int>(argv.size());
  benchmark::Initialize(&argc, argv.data());
  if (argc > 1) {
    throw Error(fmt::format("unknown flag '{}'; --help lists the flags", argv[1]));
  }
}

}  // namespace spate::bench
