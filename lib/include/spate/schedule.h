// Intended send times: when each message is due, whatever happened before.
#pragma once

#include <cstdint>

#include "spate/clock.h"
#include "spate/message.h"

namespace spate {

// When message `index` of an open loop is due, after the start: floor(index / rate), in ns.
// Exact for index <= kMaxMessages: the product stays below 2^64.
constexpr std::int64_t due_offset_ns(std::uint64_t index, std::uint64_t rate) {
  return static_cast<std::int64_t>(index * 1'000'000'000U / rate);
}

// An open loop, as one worker sees it: message i belongs to agent i mod N, and this worker's agents
// are those with a mod workers == worker. One thread.
class OpenSchedule {
 public:
  OpenSchedule(std::uint32_t agents, std::uint64_t rate, std::uint64_t messages, WorkerId worker,
               std::uint32_t workers)
      : agents_(agents),
        rate_(rate),
        messages_(messages),
        worker_(worker),
        workers_(workers),
        sender_(worker),
        // A worker without agents has nothing to send.
        index_(worker < agents ? worker : messages) {}

  bool finished() const { return index_ >= messages_; }
  // Of the next message. Precondition for sender() and sequence(): !finished().
  std::int64_t due_ns() const { return finished() ? kNever : due_offset_ns(index_, rate_); }
  AgentId sender() const { return sender_; }
  std::uint64_t sequence() const { return sequence_; }

  void advance() {
    index_ += workers_;
    sender_ += workers_;
    if (sender_ >= agents_) {
      sender_ = worker_;
      ++sequence_;
      index_ = sequence_ * agents_ + worker_;
    }
  }

 private:
  std::uint32_t agents_;
  std::uint64_t rate_;
  std::uint64_t messages_;
  WorkerId worker_;
  std::uint32_t workers_;
  AgentId sender_;
  std::uint64_t sequence_ = 0;
  std::uint64_t index_;
};

}  // namespace spate
