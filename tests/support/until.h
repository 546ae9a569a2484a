// Waiting for what nothing tells, or what goes on only while one takes part in it.
#pragma once

#include <cstdint>
#include <thread>

#include "spate/clock.h"

namespace spate::testing_support {

// Asks again and again. False when it is not so for longer than any machine may take.
template <class Condition>
[[nodiscard]] bool comes_true(Condition condition) {
  constexpr std::int64_t kLimitNs = 60'000'000'000;
  const SteadyClock clock;
  const std::int64_t deadline_ns = clock.now_ns() + kLimitNs;
  while (!condition()) {
    std::this_thread::yield();
    if (clock.now_ns() > deadline_ns) {
      return false;
    }
  }
  return true;
}

}  // namespace spate::testing_support
