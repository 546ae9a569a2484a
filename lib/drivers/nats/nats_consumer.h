// Receives what the server sends of its own accord, and acknowledges what the worker has read.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "link.h"
#include "nats_run.h"
#include "spate/delivery.h"

namespace spate::drivers::nats {

// The server sends as long as there is not too much that is unacknowledged, so nothing is asked of
// it. One acknowledgement is for all that came before it. What has been read of the urgent lane is
// handed over first; but normal messages may have come that far before.
class NatsConsumer {
 public:
  NatsConsumer(const NatsRun& run, WorkerId worker);

  std::size_t try_receive(std::span<Received> out) noexcept;

 private:
  void acknowledge() noexcept;
  std::size_t hand_over(std::size_t lane, std::span<Received> out) noexcept;
  void watch(std::int64_t now_ns) noexcept;

  const NatsRun& run_;
  Link link_;
  std::array<std::vector<Incoming>, kLanes> handed_over_;  // in the last call; urgent first
  std::int64_t last_heard_ns_;
};

}  // namespace spate::drivers::nats
