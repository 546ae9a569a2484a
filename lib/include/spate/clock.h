// Where "now" comes from. Deliveries and the run take a clock as a type, so that the same code runs
// on the wall clock and on a virtual one. All times are signed 64-bit nanoseconds.
#pragma once

#include <chrono>
#include <concepts>
#include <cstdint>
#include <limits>
#include <memory>

namespace spate {

// After every time, and before every time: what will not happen, and what has not happened yet.
inline constexpr std::int64_t kNever = std::numeric_limits<std::int64_t>::max();
inline constexpr std::int64_t kNotYet = std::numeric_limits<std::int64_t>::min();

template <class C>
concept Clock = std::copyable<C> && requires(const C clock) {
  { clock.now_ns() }
  noexcept->std::same_as<std::int64_t>;
};

// The machine's monotonic clock. Any thread.
struct SteadyClock {
  std::int64_t now_ns() const noexcept {
    return std::chrono::duration_cast<std::chrono::nanoseconds>(
               std::chrono::steady_clock::now().time_since_epoch())
        .count();
  }
};

// A clock that stands still until it is told to move; copies share their time. One thread.
class VirtualClock {
 public:
  std::int64_t now_ns() const noexcept { return *now_ns_; }
  void advance_to(std::int64_t now_ns) { *now_ns_ = now_ns; }

 private:
  std::shared_ptr<std::int64_t> now_ns_ = std::make_shared<std::int64_t>(0);
};

}  // namespace spate
