// How much of what was sent has not been received.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "spate/cache_line.h"

namespace spate::drivers::kafka {

// A stand-in keeps the last 5 MiB of each partition and drops what is older, received or not. Lest
// anything be lost by that, producers hold back where kMostBytes are on their way to a receiver.
// Where there is none yet, nothing holds back. Any thread; wait-free.
//
// Where connections are cut, it is not exact: what comes twice is taken off twice, and what is
// `unknown` and never comes is never taken off.
class Backlog {
 public:
  static constexpr std::int64_t kMostBytes = 4 << 20;
  // What a message takes besides its payload, at the most: a batch of its own.
  static constexpr std::int64_t kOverheadBytes = 80;

  explicit Backlog(std::size_t places) : places_(places) {}

  // Producers that ask at the same moment may each get the last room: that is what the fifth MiB
  // is for. A message that is longer than the bound goes alone.
  bool admits(std::size_t place, std::size_t bytes) const noexcept {
    const std::int64_t waiting = places_[place].bytes.load(std::memory_order_relaxed);
    return waiting <= 0 || !places_[place].is_received.load(std::memory_order_relaxed) ||
           waiting + cost(bytes) <= kMostBytes;
  }
  void receive_from(std::size_t place) noexcept {
    places_[place].is_received.store(true, std::memory_order_relaxed);
  }
  void add(std::size_t place, std::size_t bytes) noexcept { change(place, cost(bytes)); }
  void remove(std::size_t place, std::size_t bytes) noexcept { change(place, -cost(bytes)); }

 private:
  struct alignas(kCacheLine) Place {
    std::atomic<std::int64_t> bytes{0};
    std::atomic<bool> is_received{false};
  };
  static std::int64_t cost(std::size_t bytes) {
    return static_cast<std::int64_t>(bytes) + kOverheadBytes;
  }
  // Relaxed: the number publishes nothing else, and need not be the newest. A removal that is seen
  // late holds back for longer; an addition that is seen late falls to the fifth MiB too.
  void change(std::size_t place, std::int64_t bytes) noexcept {
    places_[place].bytes.fetch_add(bytes, std::memory_order_relaxed);
  }

  std::vector<Place> places_;
};

}  // namespace spate::drivers::kafka
