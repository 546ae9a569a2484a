// Receives what it asks the server for, and acknowledges what the worker has read.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "intake.h"
#include "link.h"
#include "nats_run.h"
#include "spate/delivery.h"

namespace spate::drivers::nats {

// One acknowledgement is for all that came before it. What has come of the urgent lane is handed
// over first; but those normal messages may come before it that were asked for earlier, or while it
// is on its way.
class NatsConsumer {
 public:
  NatsConsumer(const NatsRun& run, WorkerId worker);

  std::size_t try_receive(std::span<Received> out) noexcept;

 private:
  struct Lane {
    Intake intake;
    std::vector<Incoming> handed_over;  // in the last call
  };

  void begin(std::int64_t now_ns) noexcept;
  void acknowledge() noexcept;
  std::size_t hand_over(std::size_t lane, std::span<Received> out) noexcept;
  void watch(std::int64_t now_ns) noexcept;

  const NatsRun& run_;
  WorkerId worker_;
  // Written while a connection is being made, read while there is one.
  std::shared_ptr<std::uint64_t> generation_ = std::make_shared<std::uint64_t>(0);
  Link link_;
  std::array<Lane, kLanes> lanes_;  // urgent first
  bool begun_ = false;              // the server has been asked over this connection
  bool heard_ = false;              // in this call
  std::int64_t last_heard_ns_ = 0;
};

}  // namespace spate::drivers::nats
