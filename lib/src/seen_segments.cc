#include "spate/seen_segments.h"

#include <algorithm>

namespace spate {

void SeenSegments::reserve(std::uint64_t segments) {
  for (std::uint64_t at = 0; at < std::min<std::uint64_t>(segments, places_.size()); ++at) {
    if (places_[at].words == nullptr) {
      places_[at].words = std::make_unique<Words>();
    }
  }
}

// The receiver's own variables it reads relaxed.
bool SeenSegments::open(Place& place, std::uint64_t segment) {
  // Pairs with the release in release_below().
  if (segment < released_.load(std::memory_order_acquire)) {
    return false;
  }
  read_mail();
  if (place.segment.load(std::memory_order_relaxed) != kNone) {
    close(place);
  }
  if (place.words == nullptr) {
    place.words = std::make_unique<Words>();
  } else {
    for (Word& word : *place.words) {
      word.store(0, std::memory_order_relaxed);
    }
  }
  // Pairs with the acquire in words().
  place.segment.store(segment, std::memory_order_release);
  return true;
}

// What came after the sender had read the bits is the first sighting of a delivery that nobody else
// had seen by then, or else a duplicate: the sender knows which.
void SeenSegments::close(const Place& place) {
  for_each_late(place, [this](std::uint64_t ordinal) {
    if (OpenDeliveries::Entry* const entry = open_.find(ordinal)) {
      entry->seen = true;
    }
    to_sender_.put(ordinal);
  });
}

bool SeenSegments::first_sighting(std::uint64_t ordinal) {
  read_mail();
  OpenDeliveries::Entry* const entry = open_.find(ordinal);
  if (entry == nullptr || entry->seen) {
    return false;
  }
  entry->seen = true;
  to_sender_.put(ordinal);
  return true;
}

void SeenSegments::read_mail() {
  to_receiver_.take([this](std::uint64_t item) {
    if ((item & kClosed) == 0) {
      open_.add({.ordinal = item});
    } else if (OpenDeliveries::Entry* const entry = open_.find(item & ~kClosed)) {
      open_.close(*entry);
    }
  });
}

std::uint64_t SeenSegments::end() const {
  std::uint64_t end = 0;
  for (const Place& place : places_) {
    const std::uint64_t segment = place.segment.load(std::memory_order_relaxed);
    end = std::max(end, segment == kNone ? 0 : segment + 1);
  }
  return end;
}

}  // namespace spate
