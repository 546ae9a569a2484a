// What is still to happen in a simulation, in order. Two queues of one shape: the timing wheel is
// faster for many pending events, the binary heap for few that lie far apart in time
// (micro/event_queue, bench/micro/README.md).
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "spate/clock.h"
#include "spate/message.h"
#include "spate/timer_wheel.h"

namespace spate {

// The end of an attempt that reached the mock.
struct PendingEnd {
  std::uint64_t sequence = 0;
  AgentId sender = 0;
  AgentId recipient = 0;
};

// Both: push() takes an event that is due no earlier than now_ns, which is no earlier than what was
// popped last; pop() hands the first one to `handle(const T&, due_ns)` if it is due by limit_ns,
// and returns whether it was. Equal times are in the order of Before. One thread.
template <class T, class Before>
class EventHeap {
 public:
  void push(std::int64_t /*now_ns*/, std::int64_t due_ns, const T& event) {
    entries_.push_back({due_ns, event});
    std::push_heap(entries_.begin(), entries_.end(), Later{});
  }

  template <class Handle>
  bool pop(std::int64_t limit_ns, Handle&& handle) {
    if (entries_.empty() || entries_.front().due_ns > limit_ns) {
      return false;
    }
    std::pop_heap(entries_.begin(), entries_.end(), Later{});
    const Entry entry = entries_.back();
    entries_.pop_back();
    handle(entry.event, entry.due_ns);
    return true;
  }

  // kNever when empty.
  std::int64_t next_due_ns() const { return entries_.empty() ? kNever : entries_.front().due_ns; }

 private:
  struct Entry {
    std::int64_t due_ns;
    T event;
  };
  struct Later {
    bool operator()(const Entry& a, const Entry& b) const {
      return a.due_ns != b.due_ns ? a.due_ns > b.due_ns : Before{}(b.event, a.event);
    }
  };

  std::vector<Entry> entries_;
};

template <class T, class Before>
class EventWheel {
 public:
  // At most `capacity` pending events, most of them due within horizon_ns.
  EventWheel(std::uint32_t capacity, std::int64_t horizon_ns)
      : wheel_(capacity + 1, horizon_ns) {}  // the one that is being handled still has its place

  // Precondition: there is room.
  void push(std::int64_t now_ns, std::int64_t due_ns, const T& event) {
    wheel_.push(now_ns, due_ns, event);
  }

  template <class Handle>
  bool pop(std::int64_t limit_ns, Handle&& handle) {
    return wheel_.pop_due(limit_ns, 1, handle) == 1;
  }

 private:
  TimerWheel<T, Before> wheel_;
};

using EndHeap = EventHeap<PendingEnd, EarlierIdentity>;
using EndWheel = EventWheel<PendingEnd, EarlierIdentity>;

}  // namespace spate
