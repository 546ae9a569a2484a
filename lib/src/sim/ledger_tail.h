// Enters deliveries in the ledger whose fate is known at once, in order of their ordinals.
#pragma once

#include <cstdint>

#include "spate/ledger.h"

namespace spate {

// 64 deliveries are entered with three stores. One thread.
class LedgerTail {
 public:
  // `part`: whose ordinals these are. Both ledgers must outlive the tail.
  LedgerTail(SentLedger& sent, SeenLedger& seen, WorkerId part)
      : sent_(sent), seen_(seen), part_(part) {}

  // The next delivery was either acked and seen, or refused.
  void add(bool received) {
    const std::uint64_t bit = std::uint64_t{1} << (count_ % 64);
    received_ |= received ? bit : 0;
    if (++count_ % 64 == 0) {
      write(count_ / 64 - 1, ~received_);
      received_ = 0;
    }
  }
  // After the last.
  void close() {
    if (count_ % 64 != 0) {
      write(count_ / 64, ~received_ & ((std::uint64_t{1} << (count_ % 64)) - 1));
    }
    sent_.close(count_);
  }

 private:
  void write(std::uint64_t index, std::uint64_t refused) {
    sent_.settle_word(index, received_, refused);
    seen_.mark_word(part_, index, received_);
  }

  SentLedger& sent_;
  SeenLedger& seen_;
  WorkerId part_;
  std::uint64_t received_ = 0;  // of the word that is being filled
  std::uint64_t count_ = 0;
};

}  // namespace spate
