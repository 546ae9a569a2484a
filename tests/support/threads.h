// Several threads that do the same.
#pragma once

#include <cstdint>
#include <thread>
#include <vector>

namespace spate::testing_support {

// Calls body(i) on `count` threads, i from 0 on.
template <class Body>
std::vector<std::thread> start_threads(std::uint32_t count, Body body) {
  std::vector<std::thread> threads;
  threads.reserve(count);
  for (std::uint32_t thread = 0; thread < count; ++thread) {
    threads.emplace_back(body, thread);
  }
  return threads;
}

inline void join(std::vector<std::thread>& threads) {
  for (std::thread& thread : threads) {
    thread.join();
  }
}

template <class Body>
void run_threads(std::uint32_t count, Body body) {
  std::vector<std::thread> threads = start_threads(count, body);
  join(threads);
}

}  // namespace spate::testing_support
