// What all receiving workers together saw of 64 deliveries.
#pragma once

#include <cstdint>
#include <vector>

#include "ledger_words.h"
#include "spate/seen_segments.h"

namespace spate {

// One segment of one sender's worker, as all receiving workers saw it. A delivery that two of them
// saw was handed out twice, which neither of them could notice.
class SeenByAll {
 public:
  // `Receivers`: a range of SeenSegments pointers. `readings`: memory to work with.
  template <class Receivers>
  SeenByAll(const Receivers& receivers, std::uint64_t segment, std::vector<SeenReading>& readings)
      : readings_(readings) {
    readings_.clear();
    for (const SeenSegments* receiver : receivers) {
      readings_.push_back({receiver->words(segment), 0});
    }
  }

  // What anybody saw. Each word at most once.
  std::uint64_t word(std::uint64_t index, std::uint64_t& duplicated, const WordListener& listener) {
    std::uint64_t seen = 0;
    for (SeenReading& reading : readings_) {
      if (reading.words != nullptr) {
        const std::uint64_t bits = (*reading.words)[index].load(std::memory_order_relaxed);
        reading.bits += count_bits(bits);
        duplicated += count_bits(seen & bits);
        listener.tell(seen & bits, Finding::duplicated);
        seen |= bits;
      }
    }
    return seen;
  }

 private:
  std::vector<SeenReading>& readings_;
};

}  // namespace spate
