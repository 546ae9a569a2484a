// Work that falls into independent parts, over the machine's cores.
#pragma once

#include <algorithm>
#include <cstddef>
#include <future>
#include <thread>
#include <vector>

namespace spate::compare {

// Calls part(i) for each i below `count`, on as many threads as there are cores, each with a run of
// neighbours. Returns when all are done; what a part throws is thrown here. Parts share nothing
// that one of them writes.
template <class Part>
void in_parallel(std::size_t count, const Part& part) {
  constexpr std::size_t kWorthAThread = 256;  // parts are microseconds, and a thread is some tens
  const std::size_t cores = std::max(1U, std::thread::hardware_concurrency());
  const std::size_t threads = std::clamp<std::size_t>(count / kWorthAThread, 1, cores);
  const auto run = [&](std::size_t thread) {
    const std::size_t end = count * (thread + 1) / threads;
    for (std::size_t i = count * thread / threads; i < end; ++i) {
      part(i);
    }
  };
  std::vector<std::future<void>> others;
  for (std::size_t thread = 1; thread < threads; ++thread) {
    others.push_back(std::async(std::launch::async, run, thread));
  }
  run(0);
  for (std::future<void>& other : others) {
    other.get();
  }
}

}  // namespace spate::compare
