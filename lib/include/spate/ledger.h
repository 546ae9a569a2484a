// The ledger: an exact account of every expected delivery. What the sender knows is kept by the
// sender's worker (SentLedger), what recipients saw by each receiving worker (SeenLedger), 3 bits
// for each delivery; no bit has two writers, so marking is wait-free and nothing is shared.
//
// The key is the ordinal: each worker numbers the expected deliveries of its agents from 0.
//
// However long a run is, memory stays what it is. Of each sender's worker only the latest segments
// are kept as bits (LedgerWindow). When a new one is needed, the sender's worker adds the oldest up
// into an Account, and its memory is used again. What is not over by then is kept one by one, as
// ordinals: acked or unknown and not seen yet, or not settled yet. A settlement or a sighting that
// comes later still is matched with these, so the account stays exact, with three exceptions:
// - a delivery that was refused, and is first seen after its segment was released, may count as
//   duplicated and not as an anomaly;
// - of a chaos copy that is seen so late it is not known whether it is the first sighting: none
//   of them counts as duplicated;
// - beyond LedgerWindow::most_open such deliveries, the next ones are taken for what they are at
//   that moment: what is settled of them later is misreported, what is seen of them later is
//   duplicated. A correct delivery does not get there in a run: its load generator goes on neither
//   beyond the in-flight limit of what is not settled nor beyond that of what is not seen.
// Runs that fit into the window are told without any of this.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "spate/delivery.h"
#include "spate/ledger_window.h"
#include "spate/message.h"
#include "spate/open_deliveries.h"
#include "spate/seen_segments.h"
#include "spate/segment_ring.h"

namespace spate {

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

  Account& operator+=(const Account& other);
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

// What somebody may want to know of a delivery by itself. As in the Account, whose `duplicated` is
// both of the last two.
enum class Finding : std::uint8_t {
  lost,
  recovered,
  unknown,
  duplicated,            // seen again just now
  duplicated_elsewhere,  // seen by another worker too: which came first, and when, is not known
};

// Is told of each finding that is final, once for each further sighting where it is a duplicate.
class FindingSink {
 public:
  FindingSink() = default;
  FindingSink(const FindingSink&) = delete;
  FindingSink& operator=(const FindingSink&) = delete;
  virtual ~FindingSink() = default;
  // `sender`: the worker whose ordinal it is. Called by the thread that finds it: of a ledger, its
  // own worker's; so one sink of several ledgers must bear several threads.
  virtual void found(WorkerId sender, std::uint64_t ordinal, Finding finding) noexcept = 0;
};

// What one worker's consumers saw, of every worker's deliveries. One writer, the worker; but the
// senders' workers read, see SeenSegments.
class SeenLedger {
 public:
  enum class Of : std::uint8_t { deliveries, copies };  // of chaos's copies

  explicit SeenLedger(std::uint32_t workers, LedgerWindow window = {}, Of of = Of::deliveries);

  // Called for what this worker sees again, from now on. Null: nobody is. (What another worker saw
  // too, the sender's ledger tells.)
  void report_to(FindingSink* sink) { sink_ = sink; }

  // Memory for the first so many, as far as the window goes, ahead of the run.
  void reserve(WorkerId sender, std::uint64_t deliveries) {
    segments_[sender].reserve((deliveries + kSegmentBits - 1) / kSegmentBits);
  }

  // Returns whether it is the first time that this worker saw the delivery. Precondition: that the
  // sender's ledger reached the ordinal happens before this call (as where who hands the delivery
  // over, or says how many there are, releases what the receiver acquires); or the ordinal lies
  // within the first segments of the window.
  bool mark(WorkerId sender, std::uint64_t ordinal) {
    SeenSegments::Word* const word = segments_[sender].word_of(ordinal);
    if (word == nullptr) [[unlikely]] {
      return mark_late(sender, ordinal);
    }
    // Relaxed, and in two steps: nobody else writes, and the bits guard no other memory.
    const std::uint64_t before = word->load(std::memory_order_relaxed);
    const std::uint64_t bit = std::uint64_t{1} << (ordinal % 64);
    if ((before & bit) != 0) [[unlikely]] {
      count_duplicate(sender, ordinal);
      return false;
    }
    word->store(before | bit, std::memory_order_relaxed);
    return true;
  }

  // Now and then, so that what the senders tell does not pile up where nothing is received.
  void read_mail();

  // What this worker alone knows to be duplicates. When the threads have ended.
  std::uint64_t duplicated() const { return duplicated_; }
  SeenSegments& of(WorkerId sender) { return segments_[sender]; }
  const SeenSegments& of(WorkerId sender) const { return segments_[sender]; }

 private:
  bool mark_late(WorkerId sender, std::uint64_t ordinal);
  void count_duplicate(WorkerId sender, std::uint64_t ordinal);

  std::uint32_t workers_;
  Of of_;
  std::vector<SeenSegments> segments_;  // by sender's worker
  std::uint64_t duplicated_ = 0;
  FindingSink* sink_ = nullptr;
};

// What a sender knows of 64 deliveries, as two bits each, `second` and `first`: 00 unsettled, 01
// acked, 10 refused, 11 unknown.
using LedgerWord = SegmentRing::Word;

// What a sender knows of each of its expected deliveries: nothing, acked, refused (by chance, chaos
// or the delivery) or unknown. One thread, the sender's worker; read after its end.
//
// Progress: wait-free, but for the allocation of memory up to the window and of what is late. At
// each new segment, every 65,536 deliveries, the oldest is released: in some 6 microseconds with
// one receiving worker, 10 with four; and 30 where one in a hundred is then kept one by one.
class SentLedger {
 public:
  explicit SentLedger(LedgerWindow window = {})
      : ring_(window.segments), most_open_(window.most_open) {}

  // Before the run: who sees the deliveries of this worker, `self`. They have its window, and
  // outlive its last call. Without it nothing is ever seen of what is released.
  void watch(WorkerId self, std::span<SeenLedger* const> seen,
             std::span<SeenLedger* const> copies = {});
  // Called for what is final when a segment is released or later, from now on. Null: nobody is.
  void report_to(FindingSink* sink) { sink_ = sink; }

  // Memory for the first so many, as far as the window goes, ahead of the run.
  void reserve(std::uint64_t deliveries) { ring_.reserve(deliveries); }

  // So many ordinals exist from now on. Before any of them is handed over, so that who sees one
  // finds what stood in its place released.
  void reach(std::uint64_t ordinals) {
    ring_.reach(ordinals, [this](const SegmentRing::Segment& segment) { release(segment); });
  }

  // False, and nothing is changed, when that delivery was settled before. Precondition: it was
  // attempted, since ordinals up to it exist from now on; a settlement of nothing is the caller's
  // to tell.
  bool settle(std::uint64_t ordinal, Outcome outcome) {
    reach(ordinal + 1);
    if (!ring_.keeps(ordinal)) [[unlikely]] {
      return settle_late(ordinal, outcome);
    }
    LedgerWord& word = ring_.word(ordinal / 64);
    const std::uint64_t bit = std::uint64_t{1} << (ordinal % 64);
    if (((word.first | word.second) & bit) != 0) {
      return false;
    }
    word.first |= outcome == Outcome::acked || outcome == Outcome::unknown ? bit : 0;
    word.second |= outcome == Outcome::acked ? 0 : bit;
    return true;
  }

  // Ends the account: ordinals below `attempted` that nobody settled count as unknown.
  void close(std::uint64_t attempted) { attempted_ = attempted; }

  // Takes in what receivers saw late. Now and then, so that it does not pile up.
  void read_sightings();

  std::uint64_t attempted() const { return attempted_; }
  // Segments below are added up in account(), but for what is in open().
  std::uint64_t released() const { return ring_.begin(); }
  const Account& account() const { return account_; }
  const OpenDeliveries& open() const { return open_; }
  // 64 deliveries from 64 * index on, of what is not released; nothing is known of what is beyond.
  LedgerWord word(std::uint64_t index) const {
    return index / kSegmentWords < ring_.end() ? ring_.word(index) : LedgerWord{};
  }

 private:
  using Entry = OpenDeliveries::Entry;

  void release(const SegmentRing::Segment& segment);
  void release_word(std::uint64_t index, const LedgerWord& word, std::uint64_t seen);
  void keep_open(std::uint64_t index, const LedgerWord& word, std::uint64_t seen,
                 std::uint64_t open);
  void release_copies();
  bool settle_late(std::uint64_t ordinal, Outcome outcome);
  void sighted_late(std::uint64_t ordinal);
  void add_final(const Entry& entry);
  void close_entry(Entry& entry);

  SegmentRing ring_;
  std::uint64_t most_open_;
  std::uint64_t attempted_ = 0;
  WorkerId self_ = 0;
  std::vector<SeenSegments*> seen_;    // by receiving worker: of this worker's deliveries
  std::vector<SeenSegments*> copies_;  // likewise, of chaos's copies
  std::vector<SeenReading> readings_;  // scratch of release()
  OpenDeliveries open_;
  Account account_;
  FindingSink* sink_ = nullptr;
};

// Fills the six, and `duplicated`; into `aliens` goes what was seen without having been attempted.
// `sent` by sender's worker, `seen` by receiving worker; all threads have ended. `sink` is told of
// what was not final before; null: nobody is.
Account reconcile(std::span<const SentLedger* const> sent, std::span<const SeenLedger* const> seen,
                  FindingSink* sink = nullptr);
// Of chaos's copies: sightings that were not the first, of so many workers' deliveries, but for
// those that the senders' accounts have of released segments. `sink` is told of those that were not
// told before: what two workers saw. Null: nobody is.
std::uint64_t count_duplicates(std::span<const SeenLedger* const> seen, std::uint32_t workers,
                               FindingSink* sink = nullptr);

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
