// Counts the messages of one sender that a later one overtakes, going backwards through them.
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "spate/clock.h"
#include "spate/message.h"

namespace spate {

// A message is received out of order when a later one of the same sender, recipient and lane was
// received before it (RFC 4737, section 3). Who goes from the last message to the first needs only
// to remember, by recipient and lane, when the earliest of the later ones was received. Exact for
// any number of agents. One thread.
class Overtaking {
 public:
  // Before the messages of another sender, which has so many deliveries at the most.
  void begin(std::uint64_t deliveries, std::uint32_t agents) {
    const std::uint64_t keys = std::min<std::uint64_t>(deliveries, std::uint64_t{kLanes} * agents);
    const std::size_t wanted = std::bit_ceil(2 * keys + 1);  // at least half of it stays empty
    if (wanted > places_.size()) {
      places_.assign(wanted, {});
      round_ = 0;
    }
    ++round_;
  }

  // Whether `message`, received at now_ns, was overtaken. Later messages must have been told.
  bool observe(const Message& message, std::int64_t now_ns) {
    const std::uint64_t key = std::uint64_t{message.recipient} * kLanes +
                              static_cast<std::uint64_t>(lane_of(message.type));
    Place& place = find(key);
    const bool overtaken = now_ns > place.earliest_ns;
    place.earliest_ns = std::min(place.earliest_ns, now_ns);
    return overtaken;
  }

 private:
  struct Place {
    std::uint32_t round = 0;  // else the place is empty
    std::uint64_t key = 0;
    std::int64_t earliest_ns = kNever;
  };

  // Keys are dense numbers, so their low bits spread them well.
  Place& find(std::uint64_t key) {
    const std::size_t mask = places_.size() - 1;
    for (std::size_t at = key & mask;; at = (at + 1) & mask) {
      Place& place = places_[at];
      if (place.round != round_) {
        place = {round_, key, kNever};
        return place;
      }
      if (place.key == key) {
        return place;
      }
    }
  }

  std::vector<Place> places_;
  std::uint32_t round_ = 0;
};

}  // namespace spate
