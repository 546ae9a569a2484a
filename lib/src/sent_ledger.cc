#include <algorithm>
#include <bit>

#include "ledger_words.h"
#include "seen_word.h"
#include "spate/ledger.h"

namespace spate {
namespace {

// What became of it, as a word of the ledger whose only bit is the lowest.
LedgerWord word_of(const OpenDeliveries::Entry& entry) {
  const bool acked = entry.settled && entry.outcome != Outcome::failed &&
                     entry.outcome != Outcome::crashed && entry.outcome != Outcome::rejected;
  const bool refused = entry.settled && entry.outcome != Outcome::acked;
  return {acked ? 1U : 0U, refused ? 1U : 0U};
}

}  // namespace

void SentLedger::watch(WorkerId self, std::span<SeenLedger* const> seen,
                       std::span<SeenLedger* const> copies) {
  self_ = self;
  for (SeenLedger* const ledger : seen) {
    seen_.push_back(&ledger->of(self));
  }
  for (SeenLedger* const ledger : copies) {
    copies_.push_back(&ledger->of(self));
  }
}

void SentLedger::release(const SegmentRing::Segment& segment) {
  read_sightings();
  const std::uint64_t number = ring_.begin();
  SeenByAll all(seen_, number, readings_);
  all.write_down(seen_, number);
  for (std::uint64_t at = 0; at < kSegmentWords; ++at) {
    const std::uint64_t index = number * kSegmentWords + at;
    const std::uint64_t seen = all.word(at, account_.duplicated, {sink_, self_, index * 64});
    release_word(index, segment[at], seen);
  }
  release_copies();
  for (const auto* const receivers : {&seen_, &copies_}) {
    for (SeenSegments* const receiver : *receivers) {
      receiver->release_below(number + 1);
    }
  }
}

void SentLedger::release_word(std::uint64_t index, const LedgerWord& word, std::uint64_t seen) {
  const std::uint64_t settled = word.first | word.second;
  const std::uint64_t over = (word.second & ~word.first) | (settled & seen);
  add_word(account_, word, seen, over, {sink_, self_, index * 64});
  if (over != ~std::uint64_t{0}) [[unlikely]] {
    keep_open(index, word, seen, ~over);
  }
}

void SentLedger::keep_open(std::uint64_t index, const LedgerWord& word, std::uint64_t seen,
                           std::uint64_t open) {
  for (; open != 0; open &= open - 1) {
    const auto at = static_cast<std::uint64_t>(std::countr_zero(open));
    const bool acked = (word.first >> at & 1U) != 0;
    const bool refused = (word.second >> at & 1U) != 0;
    const Entry entry{.ordinal = index * 64 + at,
                      .outcome = acked && !refused ? Outcome::acked : Outcome::unknown,
                      .settled = acked || refused,
                      .seen = (seen >> at & 1U) != 0};
    if (open_.size() >= most_open_) {
      add_final(entry);
      continue;
    }
    open_.add(entry);
    if (!entry.seen) {
      for (SeenSegments* const receiver : seen_) {
        receiver->tell_open(entry.ordinal);
      }
    }
  }
}

// Of copies only those that two workers saw are of interest here.
void SentLedger::release_copies() {
  SeenByAll all(copies_, ring_.begin(), readings_);
  for (std::uint64_t at = 0; !copies_.empty() && at < kSegmentWords; ++at) {
    const std::uint64_t index = ring_.begin() * kSegmentWords + at;
    all.word(at, account_.duplicated, {sink_, self_, index * 64});
  }
}

bool SentLedger::settle_late(std::uint64_t ordinal, Outcome outcome) {
  read_sightings();
  Entry* const entry = open_.find(ordinal);
  if (entry == nullptr || entry->settled) {
    return false;
  }
  entry->settled = true;
  entry->outcome = outcome;
  const LedgerWord word = word_of(*entry);
  if (entry->seen || (word.second != 0 && word.first == 0)) {
    close_entry(*entry);
  }
  return true;
}

void SentLedger::read_sightings() {
  for (SeenSegments* const receiver : seen_) {
    receiver->take_sightings([this](std::uint64_t ordinal) { sighted_late(ordinal); });
  }
}

void SentLedger::sighted_late(std::uint64_t ordinal) {
  Entry* const entry = open_.find(ordinal);
  if (entry == nullptr || entry->seen) {
    ++account_.duplicated;  // another worker was first
    tell(sink_, self_, ordinal, 1, Finding::duplicated_elsewhere);
    return;
  }
  entry->seen = true;
  if (entry->settled) {
    close_entry(*entry);
  }
}

void SentLedger::add_final(const Entry& entry) {
  add_word(account_, word_of(entry), entry.seen ? 1 : 0, 1, {sink_, self_, entry.ordinal});
}

void SentLedger::close_entry(Entry& entry) {
  add_final(entry);
  for (SeenSegments* const receiver : seen_) {
    receiver->tell_closed(entry.ordinal);
  }
  open_.close(entry);
}

}  // namespace spate
