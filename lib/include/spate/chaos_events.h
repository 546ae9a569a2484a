// The log of what chaos did: bounded, one writer, never blocks, counts what it left out.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "spate/message.h"

namespace spate {

struct ChaosEvent {
  enum class Kind : std::uint8_t { crash, spike };

  std::int64_t t_ns = 0;  // when the attempt was made, on the run's clock
  std::uint64_t sequence = 0;
  std::int64_t extra_ns = 0;  // spike: the delay that was added; crash: the downtime that begins
  AgentId agent = 0;          // the sender
  Kind kind = Kind::crash;
};

// A ring that keeps the latest events. Wait-free: one thread writes, and reads after it has
// stopped.
class ChaosEventLog {
 public:
  static constexpr std::size_t kCapacity = 4096;

  void record(const ChaosEvent& event) {
    if (ring_.empty()) {
      ring_.resize(kCapacity);  // a run without chaos pays nothing; one with it pays once
    }
    ring_[recorded_++ % kCapacity] = event;
  }

  std::uint64_t recorded() const { return recorded_; }

  // The kept events, oldest first.
  std::vector<ChaosEvent> kept() const {
    const std::uint64_t count = std::min<std::uint64_t>(recorded_, kCapacity);
    std::vector<ChaosEvent> events;
    events.reserve(count);
    for (std::uint64_t at = recorded_ - count; at < recorded_; ++at) {
      events.push_back(ring_[at % kCapacity]);
    }
    return events;
  }

 private:
  std::vector<ChaosEvent> ring_;
  std::uint64_t recorded_ = 0;
};

}  // namespace spate
