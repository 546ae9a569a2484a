// Marks in a message's ordinal, by which chaos knows its own again: a delivery merely carries the
// ordinal and echoes it in the settlement, so this works with every delivery.
#pragma once

#include <cstdint>

#include "spate/chaos_profile.h"
#include "spate/ledger.h"
#include "spate/message.h"

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

// The copies that one producer makes, by the ordinal of their original. One thread. Allocates a
// segment of bits now and then, like the ledger beside it.
class CopyAccount {
 public:
  void made(std::uint64_t ordinal) {
    made_.set(ordinal);
    ++open_;
  }
  // False, and nothing is changed, where there is no such copy or it was settled before.
  bool settle(std::uint64_t ordinal) {
    if (!made_.test(ordinal) || settled_.set(ordinal)) {
      return false;
    }
    --open_;
    return true;
  }
  // Made and not settled.
  std::uint64_t open() const { return open_; }

 private:
  SegmentedBits made_;
  SegmentedBits settled_;
  std::uint64_t open_ = 0;
};

}  // namespace spate
