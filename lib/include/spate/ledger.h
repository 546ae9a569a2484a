// The ledger: an exact account of every expected delivery, 3 bits each. What the sender knows is
// kept by the sender's worker (SentLedger), what recipients saw by each receiving worker
// (SeenLedger); no bit has two writers, so marking is wait-free and nothing is shared. Both are
// read and reconciled after the workers have been joined.
//
// The key is the ordinal: each worker numbers the expected deliveries of its agents from 0.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "spate/delivery.h"
#include "spate/message.h"

namespace spate {

// A growing bitmap in segments, so that growth moves nothing and costs one allocation per 2^16
// bits; none where reserve() was told enough.
class SegmentedBits {
 public:
  static constexpr std::uint64_t kSegmentBits = 1 << 16;
  static constexpr std::size_t kSegmentWords = kSegmentBits / 64;

  void reserve(std::uint64_t bits) {
    while (segments_.size() * kSegmentBits < bits) {
      segments_.push_back(std::make_unique<Segment>());
    }
  }
  // Sets the bit; returns whether it was set before.
  bool set(std::uint64_t at) {
    if (at >= segments_.size() * kSegmentBits) {
      reserve(at + 1);
    }
    std::uint64_t& word = (*segments_[at / kSegmentBits])[at % kSegmentBits / 64];
    const std::uint64_t bit = std::uint64_t{1} << (at % 64);
    const bool before = (word & bit) != 0;
    word |= bit;
    return before;
  }
  // All of 64 bits, from 64 * index on.
  void set_word(std::uint64_t index, std::uint64_t word) {
    reserve((index + 1) * 64);
    (*segments_[index / kSegmentWords])[index % kSegmentWords] = word;
  }
  std::uint64_t words() const { return segments_.size() * kSegmentWords; }
  bool test(std::uint64_t at) const { return (word(at / 64) >> (at % 64) & 1U) != 0; }
  // The 64 bits from 64 * index on; 0 beyond what was ever set.
  std::uint64_t word(std::uint64_t index) const {
    const std::uint64_t segment = index / kSegmentWords;
    return segment < segments_.size() ? (*segments_[segment])[index % kSegmentWords] : 0;
  }

 private:
  using Segment = std::array<std::uint64_t, kSegmentWords>;
  std::vector<std::unique_ptr<Segment>> segments_;
};

// What a sender knows of each of its expected deliveries: nothing, acked, refused (by chance, chaos
// or the delivery) or unknown. One writer.
class SentLedger {
 public:
  // Memory for so many deliveries, ahead of the run.
  void reserve(std::uint64_t deliveries) {
    acked_.reserve(deliveries);
    refused_.reserve(deliveries);
  }

  // False, and nothing is changed, when that delivery was settled before.
  bool settle(std::uint64_t ordinal, Outcome outcome) {
    if (acked_.test(ordinal) || refused_.test(ordinal)) {
      return false;
    }
    switch (outcome) {
      case Outcome::acked:
        acked_.set(ordinal);
        break;
      case Outcome::unknown:
        acked_.set(ordinal);
        refused_.set(ordinal);
        break;
      default:
        refused_.set(ordinal);
        break;
    }
    return true;
  }

  // 64 deliveries at once, none of which was settled before; the planes are those below.
  void settle_word(std::uint64_t index, std::uint64_t acked, std::uint64_t refused) {
    acked_.set_word(index, acked);
    refused_.set_word(index, refused);
  }

  // Ends the account: ordinals below `attempted` that nobody settled count as unknown.
  void close(std::uint64_t attempted) { attempted_ = attempted; }

  std::uint64_t attempted() const { return attempted_; }
  // 64 deliveries as two bit planes: 00 unsettled, 01 acked, 10 refused, 11 unknown.
  std::uint64_t acked_word(std::uint64_t index) const { return acked_.word(index); }
  std::uint64_t refused_word(std::uint64_t index) const { return refused_.word(index); }

 private:
  SegmentedBits acked_;
  SegmentedBits refused_;
  std::uint64_t attempted_ = 0;
};

// What one worker's consumers saw, of every worker's deliveries. One writer.
class SeenLedger {
 public:
  explicit SeenLedger(std::uint32_t workers) : seen_(workers) {}

  void reserve(WorkerId sender, std::uint64_t deliveries) { seen_[sender].reserve(deliveries); }

  // Returns whether it is the first time that this worker saw the delivery.
  bool mark(WorkerId sender, std::uint64_t ordinal) {
    const bool before = seen_[sender].set(ordinal);
    duplicated_ += before ? 1U : 0U;
    return !before;
  }

  // 64 deliveries at once, none of which was seen before.
  void mark_word(WorkerId sender, std::uint64_t index, std::uint64_t seen) {
    seen_[sender].set_word(index, seen);
  }

  std::uint64_t duplicated() const { return duplicated_; }
  // One beyond the last word that word() can say anything of.
  std::uint64_t words(WorkerId sender) const { return seen_[sender].words(); }
  std::uint64_t word(WorkerId sender, std::uint64_t index) const {
    return seen_[sender].word(index);
  }

 private:
  std::vector<SegmentedBits> seen_;
  std::uint64_t duplicated_ = 0;
};

// Each attempted delivery is in exactly one of the six that follow.
struct Account {
  std::uint64_t attempted = 0;
  std::uint64_t acked_seen = 0;
  std::uint64_t lost = 0;            // acked, never seen
  std::uint64_t recovered = 0;       // unknown to the sender, yet seen
  std::uint64_t unknown = 0;         // unknown, never seen
  std::uint64_t refused_unseen = 0;  // failed, crashed or rejected, as it should be
  std::uint64_t anomalies = 0;       // refused, yet seen

  std::uint64_t duplicated = 0;   // seen again
  std::uint64_t reordered = 0;    // seen after a later one of the same sender, recipient and lane
  std::uint64_t aliens = 0;       // seen, never sent
  std::uint64_t corrupted = 0;    // seen with bytes that do not match their checksum
  std::uint64_t misreported = 0;  // settlements of no open send: told twice, or of nothing

  std::uint64_t delivered() const { return acked_seen + recovered; }
  bool balanced() const {
    return attempted == acked_seen + lost + recovered + unknown + refused_unseen + anomalies;
  }
  // Nothing happened that a correct delivery never does.
  bool clean() const {
    return balanced() && lost == 0 && anomalies == 0 && duplicated == 0 && aliens == 0 &&
           corrupted == 0 && misreported == 0;
  }
};

// Fills those, and `duplicated`; into `aliens` goes what was seen without having been
// attempted. `sent` by sender's worker, `seen` by receiving worker.
Account reconcile(std::span<const SentLedger* const> sent, std::span<const SeenLedger* const> seen);
// The last of these alone: sightings that were not the first, of so many workers' deliveries.
std::uint64_t count_duplicates(std::span<const SeenLedger* const> seen, std::uint32_t workers);

// Finds messages that overtook an earlier one of the same sender, recipient and lane.
//
// Exact up to 2^16 (sender, recipient, lane) triples, so for up to 181 agents. Beyond that triples
// share places and push each other out, and what was pushed out is not compared: the count is then
// a lower bound, never too high. One writer; wait-free.
class ReorderDetector {
 public:
  explicit ReorderDetector(std::uint32_t agents);

  // Returns whether `message` comes after a later one.
  bool observe(const Message& message) {
    const std::uint64_t triple =
        (std::uint64_t{message.sender} * agents_ + message.recipient) * kLanes +
        static_cast<std::uint64_t>(lane_of(message.type));
    Place& place = places_[triple & mask_];
    const std::uint64_t next = message.sequence + 1;
    if (place.triple != triple) {
      place = {triple, next};
      return false;
    }
    if (next < place.next) {
      return true;
    }
    place.next = next;
    return false;
  }

 private:
  struct Place {
    std::uint64_t triple = ~std::uint64_t{0};
    std::uint64_t next = 0;  // the highest sequence seen, plus 1
  };
  static constexpr std::uint64_t kMaxPlaces = 1 << 16;

  std::uint64_t agents_;
  std::uint64_t mask_;
  std::vector<Place> places_;
};

}  // namespace spate
