// Two bits for each of the latest ordinals.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "spate/ledger_window.h"

namespace spate {

// The latest segments; segment n lives at place n mod kept, and a place gets its memory once. One
// thread. Constant time; allocates for the first segments alone, or in reserve().
class SegmentRing {
 public:
  // Two bits for each of 64 ordinals; what they mean is the user's.
  struct Word {
    std::uint64_t first = 0;
    std::uint64_t second = 0;
  };
  using Segment = std::array<Word, kSegmentWords>;

  // `segments`: how many are kept; a power of two.
  explicit SegmentRing(std::uint64_t segments) : mask_(segments - 1), places_(segments) {}

  // Memory for the first so many ordinals, as far as it is kept at all.
  void reserve(std::uint64_t ordinals) {
    const std::uint64_t wanted = (ordinals + kSegmentBits - 1) / kSegmentBits;
    for (std::uint64_t at = 0; at < std::min<std::uint64_t>(wanted, places_.size()); ++at) {
      if (places_[at] == nullptr) {
        places_[at] = std::make_unique<Segment>();
      }
    }
  }

  // So many ordinals exist from now on. Calls release(const Segment&) for the oldest segment,
  // number begin(), each time that its place is needed.
  template <class Release>
  void reach(std::uint64_t ordinals, Release&& release) {
    while (end_ * kSegmentBits < ordinals) [[unlikely]] {
        if (end_ - begin_ == places_.size()) {
          release(*places_[begin_ & mask_]);
          ++begin_;
        }
        std::unique_ptr<Segment>& place = places_[end_ & mask_];
        if (place == nullptr) {
          place = std::make_unique<Segment>();
        } else {
          place->fill({});
        }
        ++end_;
      }
  }

  // Segments that are kept: from begin() to below end().
  std::uint64_t begin() const { return begin_; }
  std::uint64_t end() const { return end_; }
  bool keeps(std::uint64_t ordinal) const {
    return ordinal / kSegmentBits - begin_ < end_ - begin_;
  }

  // By 64 ordinals. Precondition: kept.
  Word& word(std::uint64_t index) {
    return (*places_[index / kSegmentWords & mask_])[index % kSegmentWords];
  }
  const Word& word(std::uint64_t index) const {
    return (*places_[index / kSegmentWords & mask_])[index % kSegmentWords];
  }

 private:
  std::uint64_t mask_;
  std::vector<std::unique_ptr<Segment>> places_;
  std::uint64_t begin_ = 0;
  std::uint64_t end_ = 0;
};

}  // namespace spate
