// Receives what the server pushes, and acknowledges what the worker has read.
#pragma once

#include <amqp.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "link.h"
#include "rabbitmq_run.h"
#include "spate/delivery.h"

namespace spate::drivers::rabbitmq {

// The messages of one lane that were pushed and are not acknowledged: a ring, which the server may
// fill but not overfill. A message's bytes stay where they are until it is acknowledged.
class Inbox {
 public:
  explicit Inbox(std::size_t capacity) : slots_(capacity) {}

  struct Arrival {
    std::uint64_t tag = 0;
    std::uint64_t wanted_bytes = 0;
    std::vector<std::byte> body;  // keeps its capacity
  };

  bool full() const { return end_ - begin_ == slots_.size(); }
  // What is just arriving. Precondition: not full().
  Arrival& arriving() { return slot(end_); }
  void arrived() { ++end_; }

  bool has_more() const { return next_ < end_; }
  // Precondition: has_more().
  const Arrival& hand_over() { return slot(next_++); }

  // The tag of the last message that was handed over and not acknowledged; 0 where there is none.
  std::uint64_t to_acknowledge() { return begin_ < next_ ? slot(next_ - 1).tag : 0; }
  void acknowledged() { begin_ = next_; }
  void clear() { begin_ = next_ = end_; }

 private:
  Arrival& slot(std::uint64_t number) { return slots_[number % slots_.size()]; }

  std::vector<Arrival> slots_;
  std::uint64_t begin_ = 0;
  std::uint64_t next_ = 0;
  std::uint64_t end_ = 0;
};

// Each lane has a channel, on which the server pushes a bounded number of messages ahead. Urgent
// ones are handed over before normal ones that have come already.
class RabbitmqConsumer {
 public:
  // So many messages of a lane may be pushed and not acknowledged.
  static constexpr std::uint16_t kMostAhead = 256;

  RabbitmqConsumer(const RabbitmqRun& run, WorkerId worker);

  std::size_t try_receive(std::span<Received> out) noexcept;

 private:
  void acknowledge() noexcept;
  void take(const amqp_frame_t& frame) noexcept;
  void take_arrival(Inbox& inbox, const amqp_frame_t& frame) noexcept;

  const RabbitmqRun& run_;
  Link link_;
  std::array<Inbox, kLanes> inboxes_;  // urgent first
};

}  // namespace spate::drivers::rabbitmq
