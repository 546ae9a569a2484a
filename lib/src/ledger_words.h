// The ledger's arithmetic, 64 deliveries at a time.
#pragma once

#include <bit>
#include <cstdint>

#include "spate/ledger.h"

namespace spate {

// Most words are empty or full, and without the processor's own instruction counting is a call.
inline std::uint64_t count_bits(std::uint64_t word) {
  if (word == 0 || word == ~std::uint64_t{0}) {
    return word == 0 ? 0 : 64;
  }
  return static_cast<std::uint64_t>(std::popcount(word));
}

// Tells of each delivery whose bit is set in a word of ledger, the first of whose ordinals is
// `first`.
inline void tell(FindingSink* sink, WorkerId sender, std::uint64_t first, std::uint64_t bits,
                 Finding finding) {
  for (; sink != nullptr && bits != 0; bits &= bits - 1) {
    sink->found(sender, first + static_cast<std::uint64_t>(std::countr_zero(bits)), finding);
  }
}

// Whom to tell of a word's deliveries.
struct WordListener {
  FindingSink* sink;  // may be null
  WorkerId sender;
  std::uint64_t first;  // ordinal

  void tell(std::uint64_t bits, Finding finding) const {
    spate::tell(sink, sender, first, bits, finding);
  }
};

// Adds those of the word's deliveries to the account that are in `valid`.
inline void add_word(Account& account, const LedgerWord& word, std::uint64_t seen,
                     std::uint64_t valid, const WordListener& listener) {
  const std::uint64_t acked = word.first & ~word.second & valid;
  const std::uint64_t refused = word.second & ~word.first & valid;
  const std::uint64_t unknown = ~(word.first ^ word.second) & valid;
  account.acked_seen += count_bits(acked & seen);
  account.lost += count_bits(acked & ~seen);
  account.recovered += count_bits(unknown & seen);
  account.unknown += count_bits(unknown & ~seen);
  account.refused_unseen += count_bits(refused & ~seen);
  account.anomalies += count_bits(refused & seen);
  listener.tell(acked & ~seen, Finding::lost);
  listener.tell(unknown & seen, Finding::recovered);
  listener.tell(unknown & ~seen, Finding::unknown);
}

}  // namespace spate
