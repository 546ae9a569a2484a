// Work that falls into independent parts, over the machine's cores.
#pragma once

#include <algorithm>
#include <cstddef>
#include <future>
#include <thread>
#include <vector>

namespace spate::compare {

// So many steps of some microseconds are worth a thread, which takes some tens.
inline constexpr std::size_t kWorthAThread = 256;

// Calls part(begin, end) for ranges of neighbours that make up 0 to `count`, as many as there are
// cores but each of at least `least`. Returns when all are done; what a part throws is thrown here.
// Parts share nothing that one of them writes.
template <class Part>
void in_parallel(std::size_t count, const Part& part, std::size_t least = kWorthAThread) {
  const std::size_t cores = std::max(1U, std::thread::hardware_concurrency());
  const std::size_t threads = std::clamp<std::size_t>(count / least, 1, cores);
  const auto run = [&](std::size_t thread) {
    part(count * thread / threads, count * (thread + 1) / threads);
  };
  std::vector<std::future<void>> others;
  others.reserve(threads - 1);
  for (std::size_t thread = 1; thread < threads; ++thread) {
    others.push_back(std::async(std::launch::async, run, thread));
  }
  run(0);
  for (std::future<void>& other : others) {
    other.get();
  }
}

}  // namespace spate::compare
