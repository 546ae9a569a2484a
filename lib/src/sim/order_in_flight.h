// Counts the messages that a later one overtakes, going forward in time.
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "order_table.h"
#include "spate/clock.h"
#include "spate/message.h"
#include "spate/random.h"

namespace spate {

// What Overtaking counts, for who learns of the messages in the order of time, and then when each
// will be received: one is overtaken when a later one of the same sender, recipient and lane is
// received before it.
//
// Among many agents most messages meet no other one of their triple. So each triple falls into a
// slot, and what is alone there for as long as it is in flight stays there; only what meets others
// goes into the table. One thread; now_ns never falls from call to call.
class OrderInFlight {
 public:
  explicit OrderInFlight(std::uint32_t agents)
      : agents_(agents),
        slots_(std::bit_ceil(std::min<std::uint64_t>(agents_ * agents_ * kLanes, kMostSlots))) {}

  // Brings what the others will need into the cache.
  [[gnu::always_inline]] void prefetch(const Message& message) const {
    __builtin_prefetch(&slots_[place_of(triple_of(message))], 1);
  }

  // `message` is held back until release(), so that later ones of its triple may come first.
  void hold(const Message& message, std::int64_t now_ns) {
    const std::uint64_t triple = triple_of(message);
    Slot& slot = slots_[place_of(triple)];
    make_room(slot, now_ns);
    ++slot.held;
    table_.hold(triple, now_ns);
  }
  // If it will be received, receive() follows at the same time.
  void release(const Message& message, std::int64_t now_ns) {
    const std::uint64_t triple = triple_of(message);
    Slot& slot = slots_[place_of(triple)];
    --slot.held;
    slot.until_ns = std::max(slot.until_ns, now_ns + 1);  // it has not been alone
    table_.release(triple, now_ns);
  }

  // `message` will be received at received_ns >= now_ns. Returns how many are overtaken that were
  // not before, itself included.
  std::uint32_t receive(const Message& message, std::int64_t now_ns, std::int64_t received_ns) {
    const std::uint64_t triple = triple_of(message);
    Slot& slot = slots_[place_of(triple)];
    if (slot.idle(now_ns)) {
      slot = {triple, message.sequence, received_ns, 0};
      return 0;
    }
    make_room(slot, now_ns);
    slot.until_ns = std::max(slot.until_ns, received_ns);
    return table_.receive(triple, message.sequence, now_ns, received_ns);
  }

 private:
  static constexpr std::uint64_t kMostSlots = 1 << 13;  // 256 KiB: the second level of cache
  static constexpr std::uint64_t kNobody = ~std::uint64_t{0};

  struct Slot {
    std::uint64_t triple = kNobody;  // of the one that is alone, kNobody when there are others
    std::uint64_t sequence = 0;
    std::int64_t until_ns = kNotYet;  // something is in flight
    std::uint32_t held = 0;

    bool idle(std::int64_t now_ns) const { return until_ns <= now_ns && held == 0; }
  };

  std::uint64_t triple_of(const Message& message) const {
    return (message.sender * agents_ + message.recipient) * kLanes +
           static_cast<std::uint64_t>(lane_of(message.type));
  }
  std::size_t place_of(std::uint64_t triple) const { return mix64(triple) & (slots_.size() - 1); }

  // The one that was alone is so no longer.
  void make_room(Slot& slot, std::int64_t now_ns) {
    if (slot.triple != kNobody && slot.until_ns > now_ns) {
      table_.receive(slot.triple, slot.sequence, now_ns, slot.until_ns);
    }
    slot.triple = kNobody;
  }

  std::uint64_t agents_;
  std::vector<Slot> slots_;
  OrderTable table_;
};

}  // namespace spate
