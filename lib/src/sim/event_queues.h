// What is still to happen in a simulation, in order. Two queues of one shape: the binary heap is
// faster for few pending events, the timing wheel for many (micro/event_queue).
#pragma once

#include <algorithm>
#include <cstdint>
#include <tuple>
#include <utility>
#include <vector>

#include "spate/message.h"
#include "spate/timer_wheel.h"

namespace spate {

struct PendingEvent {
  // In the order in which they happen at one moment.
  enum class Kind : std::uint8_t { received, failed, released };

  Message message;
  Kind kind = Kind::received;

  bool ends() const { return kind != Kind::released; }
};

// At one moment: first what ends, then what chaos releases; by sender, sequence, recipient, and a
// copy after its original.
struct EarlierAtOneMoment {
  bool operator()(const PendingEvent& a, const PendingEvent& b) const {
    const auto key = [](const PendingEvent& event) {
      const Message& message = event.message;
      return std::tuple(!event.ends(), message.sender, message.sequence, message.recipient,
                        message.ordinal);
    };
    return key(a) < key(b);
  }
};

// Both: push() takes an event that is due no earlier than what is being handled; run_until() hands
// the events that are due by limit_ns to `handle(const PendingEvent&, due_ns)` in order, those
// included that are pushed meanwhile. One thread.
class EventHeap {
 public:
  void push(std::int64_t /*now_ns*/, std::int64_t due_ns, const PendingEvent& event) {
    entries_.push_back({due_ns, event});
    std::push_heap(entries_.begin(), entries_.end(), Later{});
  }

  template <class Handle>
  void run_until(std::int64_t limit_ns, Handle&& handle) {
    while (!entries_.empty() && entries_.front().due_ns <= limit_ns) {
      std::pop_heap(entries_.begin(), entries_.end(), Later{});
      const Entry entry = entries_.back();
      entries_.pop_back();
      handle(entry.event, entry.due_ns);
    }
  }

 private:
  struct Entry {
    std::int64_t due_ns;
    PendingEvent event;
  };
  struct Later {
    bool operator()(const Entry& a, const Entry& b) const {
      return a.due_ns != b.due_ns ? a.due_ns > b.due_ns : EarlierAtOneMoment{}(b.event, a.event);
    }
  };

  std::vector<Entry> entries_;
};

class EventWheel {
 public:
  // At most `capacity` pending events, most of them due within horizon_ns.
  EventWheel(std::uint32_t capacity, std::int64_t horizon_ns)
      : wheel_(capacity + 1, horizon_ns) {}  // the one that is being handled still has its place

  // Precondition: there is room.
  void push(std::int64_t now_ns, std::int64_t due_ns, const PendingEvent& event) {
    wheel_.push(now_ns, due_ns, event);
  }

  template <class Handle>
  void run_until(std::int64_t limit_ns, Handle&& handle) {
    constexpr std::size_t kBatch = 1024;
    const auto copy_and_handle = [&](const PendingEvent& event, std::int64_t due_ns) {
      handle(PendingEvent(event), due_ns);
    };
    while (wheel_.pop_due(limit_ns, kBatch, copy_and_handle) == kBatch) {
    }
  }

 private:
  TimerWheel<PendingEvent, EarlierAtOneMoment> wheel_;
};

}  // namespace spate
