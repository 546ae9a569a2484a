// Which call each handle of a delivery is in: written by the process that makes the calls, in
// memory that it shares with the one that watches it.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "spate/cache_line.h"
#include "spate/message.h"

namespace spate::bench {

enum class Call : std::uint8_t {
  none,
  make_delivery,
  make_producer,
  make_consumer,
  destructor,
  try_send,
  poll,
  try_receive,
  next_due_ns,
};
// The destructor is the delivery's or, on a handle's place, the handle's.
inline constexpr std::array<std::string_view, 9> kCallNames{
    "",     "its constructor", "make_producer", "make_consumer", "its destructor", "try_send",
    "poll", "try_receive",     "next_due_ns",
};

class CallBoard {
 public:
  static constexpr std::uint32_t kMostWorkers = 2;
  // The delivery itself, then each worker's producer and consumer.
  static constexpr std::size_t kPlaces = 1 + 2 * std::size_t{kMostWorkers};
  static constexpr std::size_t kDelivery = 0;
  static constexpr std::size_t producer_of(WorkerId worker) { return 1 + 2 * std::size_t{worker}; }
  static constexpr std::size_t consumer_of(WorkerId worker) { return 2 + 2 * std::size_t{worker}; }

  // By the one thread that calls it.
  void enter(std::size_t place, Call call) noexcept {
    Place& at = places_[place];
    at.state.store((++at.calls << 8) | static_cast<std::uint64_t>(call), std::memory_order_relaxed);
  }
  void leave(std::size_t place) noexcept { enter(place, Call::none); }

  // By whoever watches: another value is another call, and one without a call is of nobody's.
  std::uint64_t state(std::size_t place) const {
    return places_[place].state.load(std::memory_order_relaxed);
  }
  static Call call_of(std::uint64_t state) { return static_cast<Call>(state & 0xff); }

  // "try_send, on the producer of worker 0"
  static std::string text(std::size_t place, std::uint64_t state) {
    std::string text(kCallNames[static_cast<std::size_t>(call_of(state))]);
    if (place != kDelivery) {
      text += place % 2 == 1 ? ", on the producer of worker " : ", on the consumer of worker ";
      text += std::to_string((place - 1) / 2);
    }
    return text;
  }

 private:
  struct alignas(kCacheLine) Place {
    std::atomic<std::uint64_t> state{0};
    std::uint64_t calls = 0;  // of the thread that calls
  };
  std::array<Place, kPlaces> places_;
};

}  // namespace spate::bench
