// The trace of a run: its latest deliveries, one by one.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <tuple>
#include <vector>

#include "spate/message.h"

namespace spate {

// A delivery that its recipient has seen. Times are after the run's start.
struct TracedDelivery {
  std::int64_t intended_ns = 0;
  std::int64_t sent_ns = 0;
  std::int64_t received_ns = 0;
  std::uint64_t sequence = 0;
  AgentId sender = 0;
  AgentId recipient = 0;
  MessageType type = MessageType::text;
};

// By receipt; ties by identity.
struct ReceivedEarlier {
  bool operator()(const TracedDelivery& a, const TracedDelivery& b) const {
    return std::tie(a.received_ns, a.sender, a.sequence, a.recipient) <
           std::tie(b.received_ns, b.sender, b.sequence, b.recipient);
  }
};

// A ring in memory that keeps the latest entries. Wait-free; allocates in the constructor alone.
// One thread.
class TraceRing {
 public:
  explicit TraceRing(std::size_t capacity) : ring_(capacity) {}

  bool off() const { return ring_.empty(); }
  // Precondition: !off().
  void record(const TracedDelivery& delivery) {
    ring_[next_] = delivery;
    next_ = next_ + 1 == ring_.size() ? 0 : next_ + 1;
    ++recorded_;
  }

  std::uint64_t recorded() const { return recorded_; }
  // In no particular order.
  std::vector<TracedDelivery> kept() const {
    const auto count =
        static_cast<std::ptrdiff_t>(std::min<std::uint64_t>(recorded_, ring_.size()));
    return {ring_.begin(), ring_.begin() + count};
  }

 private:
  std::vector<TracedDelivery> ring_;
  std::size_t next_ = 0;
  std::uint64_t recorded_ = 0;
};

}  // namespace spate
