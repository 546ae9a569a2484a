// Who overtakes whom, in a table of what is in flight.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

#include "spate/clock.h"
#include "spate/random.h"

namespace spate {

// For OrderInFlight, which says what counts as overtaken. A triple is a sender, a recipient and a
// lane.
//
// Of each triple it keeps those in flight that nobody has overtaken yet, in order of sequence and
// thereby of receipt: a later one that is received earlier removes those before it (the queue of a
// sliding minimum), so each costs amortised constant time. A triple is forgotten when nothing of it
// is in flight: exact for any number of triples, in memory for what is in flight. One thread;
// now_ns never falls from call to call.
class OrderTable {
 public:
  OrderTable() : places_(kLeast) {}

  // One of the triple is held back until release(), so that later ones may come first.
  void hold(std::uint64_t triple, std::int64_t now_ns) { ++find(triple, now_ns).held; }
  void release(std::uint64_t triple, std::int64_t now_ns) { --find(triple, now_ns).held; }

  // It will be received at received_ns >= now_ns. Returns how many are overtaken that were not
  // before, itself included.
  std::uint32_t receive(std::uint64_t triple, std::uint64_t sequence, std::int64_t now_ns,
                        std::int64_t received_ns) {
    Place& place = find(triple, now_ns);
    forget_received(place, now_ns);
    std::uint32_t later = kNone;  // the first that was sent after it
    std::uint32_t before = place.last;
    while (before != kNone && flights_[before].sequence > sequence) {
      later = before;
      before = flights_[before].before;
    }
    if (sequence < place.next_sequence ||
        (later != kNone && flights_[later].received_ns < received_ns)) {
      return 1;
    }
    std::uint32_t overtaken = 0;
    place.until_ns = std::max(place.until_ns, received_ns);
    while (before != kNone && flights_[before].received_ns > received_ns) {
      const std::uint32_t index = before;
      before = flights_[index].before;
      give_free(index);
      ++overtaken;
    }
    const std::uint32_t index = take_free();
    flights_[index] = {sequence, received_ns, before, later};
    (before == kNone ? place.first : flights_[before].after) = index;
    (later == kNone ? place.last : flights_[later].before) = index;
    return overtaken;
  }

 private:
  static constexpr std::size_t kLeast = 256;  // a power of two
  static constexpr std::size_t kFew = 1 << 14;
  static constexpr std::uint64_t kEmpty = ~std::uint64_t{0};
  static constexpr std::uint32_t kNone = std::numeric_limits<std::uint32_t>::max();

  struct Flight {
    std::uint64_t sequence;
    std::int64_t received_ns;
    std::uint32_t before;  // the neighbours in the triple's list
    std::uint32_t after;
  };
  struct Place {
    std::uint64_t triple = kEmpty;
    std::uint64_t next_sequence = 0;  // the highest sequence received, plus 1
    std::uint32_t first = kNone;
    std::uint32_t last = kNone;
    std::uint32_t held = 0;
    std::int64_t until_ns = kNotYet;  // something of it is in flight

    bool in_flight(std::int64_t now_ns) const { return until_ns > now_ns || held > 0; }
  };

  // Received by now: later ones can no longer overtake them.
  void forget_received(Place& place, std::int64_t now_ns) {
    while (place.first != kNone && flights_[place.first].received_ns <= now_ns) {
      const std::uint32_t index = place.first;
      place.next_sequence = flights_[index].sequence + 1;
      place.first = flights_[index].after;
      (place.first == kNone ? place.last : flights_[place.first].before) = kNone;
      give_free(index);
    }
  }

  Place& find(std::uint64_t triple, std::int64_t now_ns) {
    if (used_ * 2 >= places_.size()) {
      sweep(now_ns);
    }
    return find(triple);
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

  // Drops the triples of which nothing is in flight; afterwards at most a quarter is used, or an
  // eighth where that is little: the fuller, the sooner the next sweep.
  void sweep(std::int64_t now_ns) {
    std::size_t live = 0;
    for (const Place& place : places_) {
      live += place.in_flight(now_ns) ? 1U : 0U;
    }
    std::size_t size = kLeast;
    const std::size_t sparseness = live < kFew ? 8 : 4;
    while (size < sparseness * live) {
      size *= 2;
    }
    swept_.swap(places_);  // so that memory that is at hand is used again
    places_.assign(size, {});
    used_ = 0;
    for (const Place& place : swept_) {
      if (place.in_flight(now_ns)) {
        find(place.triple) = place;
      } else if (place.first != kNone) {
        flights_[place.last].after = std::exchange(free_, place.first);
      }
    }
  }

  std::uint32_t take_free() {
    if (free_ == kNone) {
      flights_.push_back({});
      return static_cast<std::uint32_t>(flights_.size() - 1);
    }
    return std::exchange(free_, flights_[free_].after);
  }
  void give_free(std::uint32_t index) { flights_[index].after = std::exchange(free_, index); }

  std::vector<Place> places_;
  std::vector<Place> swept_;
  std::size_t used_ = 0;
  std::vector<Flight> flights_;
  std::uint32_t free_ = kNone;  // linked by `after`
};

}  // namespace spate
