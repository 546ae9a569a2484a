// Deliveries of which something is still to come when their segment of the ledger is released.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "spate/delivery.h"

namespace spate {

// A list of few among many ordinals, in their order. One thread.
class OpenDeliveries {
 public:
  struct Entry {
    std::uint64_t ordinal = 0;
    Outcome outcome = Outcome::unknown;
    bool settled = false;
    bool seen = false;
    bool closed = false;
  };

  // The number of those that are open.
  std::size_t size() const { return entries_.size() - closed_; }

  // Precondition: its ordinal is above all that were ever added.
  void add(const Entry& entry) { entries_.push_back(entry); }

  // Null where that delivery is not open. Valid until the next add() or close().
  Entry* find(std::uint64_t ordinal) {
    const auto at = first_from(ordinal);
    return at != entries_.end() && at->ordinal == ordinal && !at->closed ? &*at : nullptr;
  }

  // Nothing more is to come of it.
  void close(Entry& entry) {
    entry.closed = true;
    // Amortised constant time: half of them at least go.
    if (++closed_ >= kLeast && 2 * closed_ >= entries_.size()) {
      std::erase_if(entries_, [](const Entry& old) { return old.closed; });
      closed_ = 0;
    }
  }

  // Calls visit(Entry&) for those with begin <= ordinal < end.
  template <class Visit>
  void for_each(std::uint64_t begin, std::uint64_t end, Visit&& visit) {
    for (auto at = first_from(begin); at != entries_.end() && at->ordinal < end; ++at) {
      if (!at->closed) {
        visit(*at);
      }
    }
  }

 private:
  static constexpr std::size_t kLeast = 64;

  std::vector<Entry>::iterator first_from(std::uint64_t ordinal) {
    return std::lower_bound(
        entries_.begin(), entries_.end(), ordinal,
        [](const Entry& entry, std::uint64_t wanted) { return entry.ordinal < wanted; });
  }

  std::vector<Entry> entries_;
  std::size_t closed_ = 0;
};

}  // namespace spate
