// What all receiving workers together saw of 64 deliveries.
#pragma once

#include <cstddef>
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
    for (auto* const receiver : receivers) {
      readings_.push_back({receiver->words(segment), nullptr});
    }
  }

  // From now on what is read is written down, for the receivers to know: SeenSegments::found().
  template <class Receivers>
  void write_down(const Receivers& receivers, std::uint64_t segment) {
    for (std::size_t at = 0; at < readings_.size(); ++at) {
      if (readings_[at].words != nullptr) {
        readings_[at].found = &receivers[at]->found(segment);
      }
    }
  }

  // What anybody saw. Each word at most once.
  std::uint64_t word(std::uint64_t index, std::uint64_t& duplicated, const WordListener& listener) {
    std::uint64_t seen = 0;
    for (SeenReading& reading : readings_) {
      if (reading.words != nullptr) {
        const std::uint64_t bits = (*reading.words)[index].load(std::memory_order_relaxed);
        if (reading.found != nullptr) {
          (*reading.found)[index] = bits;
        }
        duplicated += count_bits(seen & bits);
        listener.tell(seen & bits, Finding::duplicated_elsewhere);
        seen |= bits;
      }
    }
    return seen;
  }

 private:
  std::vector<SeenReading>& readings_;
};

}  // namespace spate
