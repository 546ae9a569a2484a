// Things that wait until they are due: a timing wheel (Varghese and Lauck, "Hashed and Hierarchical
// Timing Wheels", SOSP 1987, scheme 6), fit for 10^6 pending.
//
// Push and pop cost O(1) for what is due within a turn of the wheel, plus a sort of the few entries
// that share a slot; what is due later waits in a heap for the turn to come, which costs O(log n).
// Entries come out in the order (due, Before), so ties do not depend on how the wheel is built.
// Nothing is allocated after the constructor, except that `ready` may grow once to the fullest slot
// that was ever seen.
//
// One thread; no operation waits for another thread (wait-free in that sense).
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <type_traits>
#include <utility>
#include <vector>

#include "spate/clock.h"

namespace spate {

// T: trivially copyable. Before: a strict order on T that breaks ties between equal due times.
template <class T, class Before>
class TimerWheel {
 public:
  // `horizon_ns`: how far ahead most entries are due, at the most.
  TimerWheel(std::uint32_t capacity, std::int64_t horizon_ns)
      : capacity_(capacity),
        shift_(shift_for(horizon_ns)),
        entries_(std::allocator<Entry>().allocate(capacity), Deallocate{capacity}),
        heads_(kSlots, kNone) {
    ready_.reserve(kReadyReserve);
    far_.reserve(capacity);  // costs no page either until it is used
  }

  std::size_t size() const { return size_; }
  bool full() const { return size_ == capacity_; }
  std::size_t room() const { return capacity_ - size_; }

  // Precondition: !full(); and now_ns <= due_ns is no earlier than what was handed out before, nor
  // than a time for which there was nothing to hand out.
  void push(std::int64_t now_ns, std::int64_t due_ns, const T& value) {
    if (size_ == 0) {
      cursor_ = tick(now_ns);
    }
    const std::uint32_t index = take_free();
    ++size_;
    std::construct_at(entries_.get() + index, Entry{due_ns, value, kNone});
    if (ready_next_ < ready_.size() && due_ns <= entry(ready_.back()).due_ns) {
      join_ready(index);
    } else if (tick(due_ns) - cursor_ < static_cast<std::int64_t>(kSlots)) {
      link(index);
    } else {
      far_.push_back(index);
      std::push_heap(far_.begin(), far_.end(), LaterDue{entries_.get()});
    }
  }

  // Hands up to `limit` entries that are due at now_ns to `sink(const T&, due_ns)`; returns how
  // many.
  template <class Sink>
  std::size_t pop_due(std::int64_t now_ns, std::size_t limit, Sink&& sink) {
    std::size_t popped = 0;
    while (popped < limit && has_ready(now_ns)) {
      const std::uint32_t index = ready_[ready_next_++];
      sink(std::as_const(entry(index).value), entry(index).due_ns);
      give_free(index);
      --size_;
      ++popped;
    }
    return popped;
  }

  // The earliest due time, kNever when empty.
  std::int64_t next_due_ns() const {
    if (ready_next_ < ready_.size()) {
      return entry(ready_[ready_next_]).due_ns;
    }
    // Those that are far may have come near meanwhile, without having been asked for.
    const std::int64_t far_ns = far_.empty() ? kNever : entry(far_.front()).due_ns;
    if (size_ == far_.size()) {
      return far_ns;
    }
    const std::size_t slot =
        slot_of(cursor_ + static_cast<std::int64_t>(empty_slots_from(slot_of(cursor_), kSlots)));
    return std::min(far_ns, earliest_in(slot));
  }

 private:
  struct Entry {
    std::int64_t due_ns;
    T value;
    std::uint32_t next;
  };

  struct LaterDue {
    const Entry* entries;
    bool operator()(std::uint32_t a, std::uint32_t b) const {
      return entries[a].due_ns > entries[b].due_ns;
    }
  };

  static_assert(std::is_trivially_copyable_v<Entry> && std::is_trivially_destructible_v<Entry>);
  struct Deallocate {
    std::uint32_t capacity;
    void operator()(Entry* entries) const { std::allocator<Entry>().deallocate(entries, capacity); }
  };

  static constexpr std::size_t kSlots = 8192;
  static constexpr int kMinShift = 10;  // a slot spans about a microsecond at least
  static constexpr std::uint32_t kNone = std::numeric_limits<std::uint32_t>::max();
  static constexpr std::size_t kReadyReserve = 1024;

  static int shift_for(std::int64_t horizon_ns) {
    int shift = kMinShift;
    while ((horizon_ns >> shift) >= static_cast<std::int64_t>(kSlots)) {
      ++shift;
    }
    return shift;
  }

  Entry& entry(std::uint32_t index) { return entries_.get()[index]; }
  const Entry& entry(std::uint32_t index) const { return entries_.get()[index]; }

  static constexpr std::uint64_t bit(std::size_t slot) { return std::uint64_t{1} << (slot % 64); }
  static constexpr std::size_t slot_of(std::int64_t tick) {
    return static_cast<std::size_t>(tick) % kSlots;
  }
  std::int64_t tick(std::int64_t ns) const { return ns >> shift_; }

  // How many slots from `slot` on are empty, `most` at the most.
  std::size_t empty_slots_from(std::size_t slot, std::size_t most) const {
    std::size_t empty = 0;
    while (empty < most) {
      const std::size_t at = (slot + empty) % kSlots;
      const std::uint64_t word = occupied_[at / 64] >> (at % 64);
      if (word != 0) {
        return std::min(most, empty + static_cast<std::size_t>(std::countr_zero(word)));
      }
      empty += 64 - at % 64;
    }
    return most;
  }

  std::int64_t earliest_in(std::size_t slot) const {
    std::int64_t earliest = kNever;
    for (std::uint32_t index = heads_[slot]; index != kNone; index = entry(index).next) {
      earliest = std::min(earliest, entry(index).due_ns);
    }
    return earliest;
  }

  // Whether there is something to hand out that is due at now_ns.
  bool has_ready(std::int64_t now_ns) {
    return ready_next_ < ready_.size() ? entry(ready_[ready_next_]).due_ns <= now_ns
                                       : collect(now_ns);
  }

  // Moves the cursor to the next slot with due entries and sorts these into ready_; false when
  // nothing is due.
  bool collect(std::int64_t now_ns) {
    ready_.clear();
    ready_next_ = 0;
    const std::int64_t now_tick = tick(now_ns);
    if (size_ == 0) {
      return false;
    }
    while (cursor_ <= now_tick) {
      bring_near(now_tick);
      const std::size_t slot = slot_of(cursor_);
      if ((occupied_[slot / 64] & bit(slot)) != 0) {
        take_due(slot, now_ns);
      }
      if (!ready_.empty()) {
        sort_ready();
        return true;
      }
      if (cursor_ == now_tick) {
        return false;  // stays: later entries may still join this slot
      }
      const auto ahead = static_cast<std::size_t>(
          std::min<std::int64_t>(now_tick - cursor_ - 1, static_cast<std::int64_t>(kSlots) - 1));
      cursor_ += 1 + static_cast<std::int64_t>(empty_slots_from(slot_of(cursor_ + 1), ahead));
    }
    return false;
  }

  // Links what has come within a turn. Where nothing else is pending, the turn comes to it.
  void bring_near(std::int64_t now_tick) {
    if (!far_.empty() && size_ == far_.size()) {
      cursor_ = std::clamp(tick(entry(far_.front()).due_ns), cursor_, now_tick);
    }
    while (!far_.empty() &&
           tick(entry(far_.front()).due_ns) - cursor_ < static_cast<std::int64_t>(kSlots)) {
      std::pop_heap(far_.begin(), far_.end(), LaterDue{entries_.get()});
      link(far_.back());
      far_.pop_back();
    }
  }

  // Precondition: it is due within a turn. What became due while the wheel stood still joins the
  // slot that is looked at next.
  void link(std::uint32_t index) {
    const std::size_t slot = slot_of(std::max(tick(entry(index).due_ns), cursor_));
    entry(index).next = std::exchange(heads_[slot], index);
    occupied_[slot / 64] |= bit(slot);
  }

  // Unlinks what is due; what is due later in this slot's span stays.
  void take_due(std::size_t slot, std::int64_t now_ns) {
    std::uint32_t* link = &heads_[slot];
    while (*link != kNone) {
      const std::uint32_t index = *link;
      if (entry(index).due_ns <= now_ns) {
        ready_.push_back(index);
        *link = entry(index).next;
      } else {
        link = &entry(index).next;
      }
    }
    if (heads_[slot] == kNone) {
      occupied_[slot / 64] &= ~bit(slot);
    }
  }

  bool earlier(std::uint32_t a, std::uint32_t b) const {
    const Entry& left = entry(a);
    const Entry& right = entry(b);
    return left.due_ns != right.due_ns ? left.due_ns < right.due_ns
                                       : Before{}(left.value, right.value);
  }
  void sort_ready() {
    if (ready_.size() == 1) {
      return;  // the usual case, and a third of the time
    }
    std::sort(ready_.begin(), ready_.end(),
              [this](std::uint32_t a, std::uint32_t b) { return earlier(a, b); });
  }
  // Rare: due no later than what is being handed out at this moment.
  void join_ready(std::uint32_t index) {
    const auto rest = ready_.begin() + static_cast<std::ptrdiff_t>(ready_next_);
    ready_.insert(
        std::upper_bound(rest, ready_.end(), index,
                         [this](std::uint32_t a, std::uint32_t b) { return earlier(a, b); }),
        index);
  }

  // Freed entries are reused last in, first out, so that few of them stay in the cache.
  std::uint32_t take_free() {
    if (free_ == kNone) {
      return used_++;
    }
    return std::exchange(free_, entry(free_).next);
  }
  void give_free(std::uint32_t index) { entry(index).next = std::exchange(free_, index); }

  std::uint32_t capacity_;
  int shift_;
  // Raw memory: an entry is constructed when it is first used, and until then costs no page.
  std::unique_ptr<Entry, Deallocate> entries_;
  std::uint32_t free_ = kNone;
  std::uint32_t used_ = 0;
  std::vector<std::uint32_t> heads_;
  std::vector<std::uint32_t> far_;  // a heap: what is due a turn after the cursor, or later
  std::array<std::uint64_t, kSlots / 64> occupied_{};
  std::int64_t cursor_ = 0;  // the tick that is looked at next
  std::size_t size_ = 0;
  std::vector<std::uint32_t> ready_;  // due, sorted, to be handed out from ready_next_ on
  std::size_t ready_next_ = 0;
};

}  // namespace spate
