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
  // `Receivers`: a range of SeenSegments pointers.
  template <class Receivers>
  SeenByAll(const Receivers& receivers, std::uint64_t segment) {
    for (const SeenSegments* receiver : receivers) {
      words_.push_back(receiver->words(segment));
    }
    found_.resize(words_.size());
  }

  // Whether anybody did. Each word at most once.
  std::uint64_t word(std::uint64_t index, std::uint64_t& duplicated, const WordListener& listener) {
    std::uint64_t seen = 0;
    for (std::size_t at = 0; at < words_.size(); ++at) {
      if (words_[at] != nullptr) {
        const std::uint64_t bits = (*words_[at])[index].load(std::memory_order_relaxed);
        found_[at] += count_bits(bits);
        duplicated += count_bits(seen & bits);
        listener.tell(seen & bits, Finding::duplicated);
        seen |= bits;
      }
    }
    return seen;
  }
  // Bits of one receiving worker in all words so far.
  std::uint64_t found(std::size_t receiver) const { return found_[receiver]; }
  bool nothing_of(std::size_t receiver) const { return words_[receiver] == nullptr; }

 private:
  std::vector<const SeenSegments::Words*> words_;  // null where it saw nothing
  std::vector<std::uint64_t> found_;
};

}  // namespace spate
