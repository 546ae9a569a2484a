// What one worker saw of the deliveries of one sender's worker: the latest segments, as bits.
#pragma once

#include <array>
#include <atomic>
#include <bit>
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
// writes down which bits it found, so that the receiver, when it clears the place, mails it those
// that came too late to be read. And deliveries that nobody had seen it tells the receivers by
// mail, so that each knows what is the first sighting of such a one, and mails that back.
//
// Progress: wait-free on both sides, but for the allocation of a place's memory and of mail; as
// long as mail takes, see Mailbox. No read-modify-write. A receiver that stands still does not hold
// the sender up, nor keep it from releasing; its mail stays where it is for so long.
class alignas(kCacheLine) SeenSegments {
 public:
  using Word = std::atomic<std::uint64_t>;
  using Words = std::array<Word, kSegmentWords>;
  using Found = std::array<std::uint64_t, kSegmentWords>;

  SeenSegments() = default;
  SeenSegments(const SeenSegments&) = delete;
  SeenSegments& operator=(const SeenSegments&) = delete;
  ~SeenSegments() = default;

  // What the sender is told of what came too late to be read.
  enum class Late : std::uint8_t { told, ignored };

  // Before the threads start. `segments`: a power of two.
  void set_up(std::uint64_t segments, Late late = Late::told) {
    mask_ = segments - 1;
    places_ = std::vector<Place>(segments);
    late_ = late;
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

  // --- The sender ---

  // Of a segment that is not released yet; null where the receiver saw nothing of it.
  const Words* words(std::uint64_t segment) const {
    const Place& place = places_[segment & mask_];
    // Pairs with the release in open(): who sees the segment sees a cleared place.
    return place.segment.load(std::memory_order_acquire) == segment ? place.words.get() : nullptr;
  }
  // Where to write down which bits of the segment are read, all of them, before release_below(),
  // which publishes it. Precondition: words() of the segment is not null.
  Found& found(std::uint64_t segment) {
    Place& place = places_[segment & mask_];
    if (place.found == nullptr) {
      place.found = std::make_unique<Found>();
    }
    place.found_in = segment;
    return *place.found;
  }
  // Nobody has seen it yet, though its segment is about to be released; in order.
  void tell_open(std::uint64_t ordinal) { to_receiver_.put(ordinal); }
  // Nothing more is expected of one of these.
  void tell_closed(std::uint64_t ordinal) { to_receiver_.put(ordinal | kClosed); }
  void release_below(std::uint64_t segment) {
    // Pairs with the acquire in open(): with it come found() and the mail.
    released_.store(segment, std::memory_order_release);
  }
  // Calls handle(ordinal) for what the receiver saw for the first time since the release.
  template <class Handle>
  void take_sightings(Handle&& handle) {
    to_sender_.take(handle);
  }

  // --- When both have ended ---

  // As take_sightings(), but the mail stays; and what is in places that were never cleared.
  template <class Handle>
  void for_each_sighting(Handle&& handle) const {
    to_sender_.for_each(handle);
    for (const Place& place : places_) {
      if (place.segment.load(std::memory_order_relaxed) <
          released_.load(std::memory_order_relaxed)) {
        for_each_late(place, handle);
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
    std::atomic<std::uint64_t> segment{kNone};  // written by the receiver
    std::unique_ptr<Words> words;               // likewise, before the first segment
    // Written by the sender when it releases the segment, so before the receiver needs the place
    // for another one. Nothing was found of any segment but `found_in`.
    std::unique_ptr<Found> found;
    std::uint64_t found_in = kNone;
  };

  bool open(Place& place, std::uint64_t segment);
  void close(const Place& place);

  // Calls handle(ordinal) for what the sender did not find. Precondition: it has released the
  // segment.
  template <class Handle>
  void for_each_late(const Place& place, Handle&& handle) const {
    const std::uint64_t segment = place.segment.load(std::memory_order_relaxed);
    const bool found = place.found_in == segment;
    for (std::uint64_t at = 0; late_ == Late::told && at < kSegmentWords; ++at) {
      const std::uint64_t bits = (*place.words)[at].load(std::memory_order_relaxed);
      for (std::uint64_t late = found ? bits & ~(*place.found)[at] : bits; late != 0;
           late &= late - 1) {
        handle(segment * kSegmentBits + at * 64 +
               static_cast<std::uint64_t>(std::countr_zero(late)));
      }
    }
  }

  std::uint64_t mask_ = 0;
  std::vector<Place> places_;
  std::atomic<std::uint64_t> released_{0};  // all segments below; written by the sender
  OpenDeliveries open_;                     // of released segments, as far as the mail told
  Late late_ = Late::told;
  Mailbox to_receiver_;
  Mailbox to_sender_;
};

// What the sender's worker reads of a segment that one receiving worker saw.
struct SeenReading {
  const SeenSegments::Words* words = nullptr;  // null: nothing
  SeenSegments::Found* found = nullptr;        // where to write it down; null: nowhere
};

}  // namespace spate
