// Marks in a message's ordinal, by which chaos knows its own again: a delivery merely carries the
// ordinal and echoes it in the settlement, so this works with every delivery.
#pragma once

#include <bit>
#include <cstdint>

#include "spate/chaos_profile.h"
#include "spate/ledger_window.h"
#include "spate/message.h"
#include "spate/open_deliveries.h"
#include "spate/segment_ring.h"

namespace spate {

// Ordinals stay far below both: a plan has at most kMaxMessages * kMaxAgents < 2^53 of them.
inline constexpr std::uint64_t kCopyMark = std::uint64_t{1} << 63;     // a duplicate of ours
inline constexpr std::uint64_t kDropAckMark = std::uint64_t{1} << 62;  // its ack is to be dropped

constexpr bool is_copy(std::uint64_t ordinal) { return (ordinal & kCopyMark) != 0; }
constexpr std::uint64_t ordinal_of(std::uint64_t marked) {
  return marked & ~(kCopyMark | kDropAckMark);
}

// Of what chaos lets go on at one moment: an original comes before its copy.
struct EarlierHeld {
  bool operator()(const Message& a, const Message& b) const {
    const EarlierIdentity earlier;
    return earlier(a, b) || (!earlier(b, a) && is_copy(b.ordinal) && !is_copy(a.ordinal));
  }
};

// The marks that this profile makes: any other one is the delivery's own invention.
inline std::uint64_t marks_of(const ChaosProfile& profile) {
  return (profile.duplicate.never() ? 0 : kCopyMark) |
         (profile.drop_ack.never() ? 0 : kDropAckMark);
}

// The copies that one producer makes, by the ordinal of their original; memory does not grow with
// their number. One thread.
//
// Of the latest segments of ordinals it keeps bits. Of older ones what is not settled by then is
// kept one by one, LedgerWindow::most_open at the most; a copy beyond stays open for good.
class CopyAccount {
 public:
  explicit CopyAccount(LedgerWindow window)
      : copies_(window.segments), most_late_(window.most_open) {}

  // Precondition: the ordinal is above all before.
  void made(std::uint64_t ordinal) {
    copies_.reach(ordinal + 1, [this](const SegmentRing::Segment& segment) { release(segment); });
    copies_.word(ordinal / 64).first |= bit(ordinal);
    ++open_;
  }
  // False, and nothing is changed, where there is no such copy or it was settled before.
  bool settle(std::uint64_t ordinal) {
    if (ordinal / kSegmentBits < copies_.begin()) [[unlikely]] {
      return settle_late(ordinal);
    }
    if (!copies_.keeps(ordinal)) {
      return false;
    }
    SegmentRing::Word& word = copies_.word(ordinal / 64);
    if ((word.first & ~word.second & bit(ordinal)) == 0) {
      return false;
    }
    word.second |= bit(ordinal);
    --open_;
    return true;
  }
  // Made and not settled.
  std::uint64_t open() const { return open_; }

 private:
  static constexpr std::uint64_t bit(std::uint64_t ordinal) {
    return std::uint64_t{1} << (ordinal % 64);
  }

  void release(const SegmentRing::Segment& segment) {
    for (std::uint64_t at = 0; at < kSegmentWords; ++at) {
      for (std::uint64_t left = segment[at].first & ~segment[at].second; left != 0;
           left &= left - 1) {
        if (late_.size() < most_late_) {
          late_.add({.ordinal = copies_.begin() * kSegmentBits + at * 64 +
                                static_cast<std::uint64_t>(std::countr_zero(left))});
        }
      }
    }
  }
  bool settle_late(std::uint64_t ordinal) {
    OpenDeliveries::Entry* const entry = late_.find(ordinal);
    if (entry == nullptr) {
      return false;
    }
    late_.close(*entry);
    --open_;
    return true;
  }

  SegmentRing copies_;  // first: made; second: settled
  std::uint64_t most_late_;
  OpenDeliveries late_;
  std::uint64_t open_ = 0;
};

}  // namespace spate
