// Counts the messages that a later one overtakes, going forward in time.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "spate/message.h"
#include "spate/random.h"

namespace spate {

// What Overtaking counts, for who follows the order of time: a message is out of order when a later
// one of the same sender, recipient and lane was received before it. Only what is in flight at one
// time can overtake each other, so a triple is forgotten when nothing of it is: exact for any
// number of agents, in memory for what is in flight. One thread.
class OrderInFlight {
 public:
  explicit OrderInFlight(std::uint32_t agents) : agents_(agents), places_(kLeast) {}

  // Each delivery enters once and leaves once.
  void enter(const Message& message) {
    if (used_ * 2 >= places_.size()) {
      sweep();
    }
    ++find(triple_of(message)).in_flight;
  }
  // Never received.
  void leave(const Message& message) { --find(triple_of(message)).in_flight; }
  // Whether it was overtaken.
  bool receive(const Message& message) {
    Place& place = find(triple_of(message));
    --place.in_flight;
    const std::uint64_t next = message.sequence + 1;
    if (next < place.next) {
      return true;
    }
    place.next = next;
    return false;
  }

 private:
  static constexpr std::size_t kLeast = 256;  // a power of two
  static constexpr std::uint64_t kEmpty = ~std::uint64_t{0};

  struct Place {
    std::uint64_t triple = kEmpty;
    std::uint64_t next = 0;  // the highest sequence received, plus 1
    std::uint64_t in_flight = 0;
  };

  std::uint64_t triple_of(const Message& message) const {
    return (std::uint64_t{message.sender} * agents_ + message.recipient) * kLanes +
           static_cast<std::uint64_t>(lane_of(message.type));
  }

  Place& find(std::uint64_t triple) {
    const std::size_t mask = places_.size() - 1;
    std::size_t at = mix64(triple) & mask;
    while (places_[at].triple != triple) {
      if (places_[at].triple == kEmpty) {
        places_[at].triple = triple;
        ++used_;
        break;
      }
      at = (at + 1) & mask;
    }
    return places_[at];
  }

  // Forgets what is no longer in flight; afterwards at most a quarter is used.
  void sweep() {
    const auto live = static_cast<std::size_t>(std::count_if(
        places_.begin(), places_.end(), [](const Place& p) { return p.in_flight > 0; }));
    std::size_t size = kLeast;
    while (size < 4 * live) {
      size *= 2;
    }
    const std::vector<Place> before = std::exchange(places_, std::vector<Place>(size));
    used_ = 0;
    for (const Place& place : before) {
      if (place.in_flight > 0) {
        find(place.triple) = place;
      }
    }
  }

  std::uint64_t agents_;
  std::vector<Place> places_;
  std::size_t used_ = 0;
};

}  // namespace spate
