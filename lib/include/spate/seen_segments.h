// What one worker saw of the deliveries of one sender's worker: the latest segments, as bits.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

#include "spate/cache_line.h"
#include "spate/ledger_window.h"
#include "spate/mailbox.h"
#include "spate/open_deliveries.h"

namespace spate {

// Two threads: the receiving worker ("receiver") marks, the sender's worker ("sender") reads the
// bits of the segments that it has not released yet, and releases them, the oldest first.
//
// A ring: segment n lives at place n mod kept. A place gets its memory once, and the receiver
// clears it when a segment comes that needs it; by then the one before is released.
//
// What the receiver marks while the sender reads may be missed there, and is no loss: the sender
// writes down how many bits it found, so that the receiver, when it clears the place, knows how
// many came too late to be read. And deliveries that nobody had seen it tells the receivers by
// mail, so that each knows what is the first sighting of such a one, and mails that back.
//
// Progress: wait-free on both sides, but for the allocation of a place's memory and of mail. No
// read-modify-write. A receiver that stands still does not hold the sender up, nor keep it from
// releasing; its mail stays where it is for so long.
class alignas(kCacheLine) SeenSegments {
 public:
  using Word = std::atomic<std::uint64_t>;
  using Words = std::array<Word, kSegmentWords>;

  SeenSegments() = default;
  SeenSegments(const SeenSegments&) = delete;
  SeenSegments& operator=(const SeenSegments&) = delete;
  ~SeenSegments() = default;

  // Before the threads start. `segments`: a power of two.
  void set_up(std::uint64_t segments) {
    mask_ = segments - 1;
    places_ = std::vector<Place>(segments);
  }

  // --- The receiver ---

  // Memory ahead of time for so many segments.
  void reserve(std::uint64_t segments);

  // The word of an ordinal; null where the segment was released and is gone.
  Word* word_of(std::uint64_t ordinal) {
    const std::uint64_t segment = ordinal / kSegmentBits;
    Place& place = places_[segment & mask_];
    if (place.segment.load(std::memory_order_relaxed) != segment && !open(place, segment)) {
      return nullptr;
    }
    return &(*place.words)[ordinal % kSegmentBits / 64];
  }
  // Whether this is the first that the receiver sees of a delivery whose segment is gone.
  bool first_sighting(std::uint64_t ordinal);
  // Takes the mail in. Now and then, so that it does not pile up where nothing is received.
  void read_mail();
  // Sightings that were not the first of their delivery, as came out when a place was cleared.
  std::uint64_t duplicated() const { return duplicated_; }

  // --- The sender ---

  // Of a segment that is not released yet; null where the receiver saw nothing of it.
  const Words* words(std::uint64_t segment) const {
    const Place& place = places_[segment & mask_];
    // Pairs with the release in open(): who sees the segment sees a cleared place.
    return place.segment.load(std::memory_order_acquire) == segment ? place.words.get() : nullptr;
  }
  // So many bits of the segment were read. Before release_below().
  void found(std::uint64_t segment, std::uint64_t bits) {
    Place& place = places_[segment & mask_];
    // Relaxed: release_below() publishes both.
    place.found_in.store(segment, std::memory_order_relaxed);
    place.found.store(bits, std::memory_order_relaxed);
  }
  // Nobody has seen it yet, though its segment is about to be released; in order.
  void tell_open(std::uint64_t ordinal) { to_receiver_.put(ordinal); }
  // Nothing more is expected of one of these.
  void tell_closed(std::uint64_t ordinal) { to_receiver_.put(ordinal | kClosed); }
  void release_below(std::uint64_t segment) {
    // Pairs with the acquire in open(): with it come found() and the mail.
    released_.store(segment, std::memory_order_release);
  }
  // Calls handle(ordinal) for what the receiver was the first time to see, after the release.
  template <class Handle>
  void take_sightings(Handle&& handle) {
    to_sender_.take(handle);
  }

  // --- When both have ended ---

  // As take_sightings(), but the mail stays.
  template <class Handle>
  void for_each_sighting(Handle&& handle) const {
    to_sender_.for_each(handle);
  }
  // Calls visit(segment, words, bits found by the sender) for what was released and never cleared.
  template <class Visit>
  void for_each_released(Visit&& visit) const {
    for (const Place& place : places_) {
      const std::uint64_t segment = place.segment.load(std::memory_order_relaxed);
      if (segment < released_.load(std::memory_order_relaxed)) {
        visit(segment, *place.words, place.bits_found(segment));
      }
    }
  }
  // All segments below.
  std::uint64_t released() const { return released_.load(std::memory_order_relaxed); }
  // One beyond the last segment of which something was seen.
  std::uint64_t end() const;

 private:
  static constexpr std::uint64_t kNone = ~std::uint64_t{0};
  static constexpr std::uint64_t kClosed = std::uint64_t{1} << 63;  // no ordinal is so high

  struct Place {
    std::atomic<std::uint64_t> segment{kNone};   // written by the receiver
    std::unique_ptr<Words> words;                // likewise, before the first segment
    std::atomic<std::uint64_t> found_in{kNone};  // written by the sender
    std::atomic<std::uint64_t> found{0};         // likewise

    std::uint64_t bits_found(std::uint64_t of) const {
      return found_in.load(std::memory_order_relaxed) == of ? found.load(std::memory_order_relaxed)
                                                            : 0;
    }
  };

  bool open(Place& place, std::uint64_t segment);
  void close(const Place& place, std::uint64_t segment);

  std::uint64_t mask_ = 0;
  std::vector<Place> places_;
  std::atomic<std::uint64_t> released_{0};  // all segments below; written by the sender
  OpenDeliveries open_;                     // of released segments, as far as the mail told
  std::uint64_t duplicated_ = 0;
  Mailbox to_receiver_;
  Mailbox to_sender_;
};

// How far the sender's worker is in reading what one receiving worker saw of a segment.
struct SeenReading {
  const SeenSegments::Words* words = nullptr;  // null: nothing
  std::uint64_t bits = 0;                      // in the words so far
};

}  // namespace spate
