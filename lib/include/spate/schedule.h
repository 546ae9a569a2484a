// Intended send times: when each message is due, whatever happened before.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "spate/clock.h"
#include "spate/exponential.h"
#include "spate/message.h"
#include "spate/random.h"

namespace spate {

// When message `index` of an open loop is due, after the start: floor(index / rate), in ns.
// Exact for index <= kMaxMessages: the product stays below 2^64.
constexpr std::int64_t due_offset_ns(std::uint64_t index, std::uint64_t rate) {
  return static_cast<std::int64_t>(index * 1'000'000'000U / rate);
}

// How the due times of an open loop lie.
enum class Arrivals : std::uint8_t {
  constant,  // one every 1 / rate
  poisson,   // gaps are exponential with mean 1 / rate, as many independent users make them
};
inline constexpr std::size_t kArrivals = 2;
inline constexpr std::array<std::string_view, kArrivals> kArrivalsNames{"constant", "poisson"};
constexpr std::string_view name_of(Arrivals arrivals) {
  return kArrivalsNames[static_cast<std::size_t>(arrivals)];
}

// Of all agents together, asked for in order. Message `index` is number index / agents of agent
// index mod agents, and the gap before it is a draw of its own; so any worker finds the same times.
// The price: with Poisson arrivals every worker draws every gap, some 6 ns each
// (micro/arrival_gap).
class DueTimes {
 public:
  DueTimes(Arrivals arrivals, std::uint64_t rate, std::uint64_t seed, std::uint32_t agents)
      : arrivals_(arrivals), rate_(rate), seed_(seed), agents_(agents) {}

  // After the start. `index` must not be below that of an earlier call.
  std::int64_t due_ns(std::uint64_t index) {
    if (arrivals_ == Arrivals::constant) {
      return due_offset_ns(index, rate_);
    }
    for (; summed_up_ <= index; ++summed_up_) {
      const auto sender = static_cast<AgentId>(summed_up_ % agents_);
      const MessageDraws draws(seed_, sender, summed_up_ / agents_);
      gaps_ += exponential(draws.draw(Purpose::arrival));
    }
    return static_cast<std::int64_t>((gaps_ * 1'000'000'000U / rate_) >> kExponentialBits);
  }

 private:
  Arrivals arrivals_;
  std::uint64_t rate_;
  std::uint64_t seed_;
  std::uint32_t agents_;
  std::uint64_t summed_up_ = 0;  // the gaps of so many messages are in gaps_
  Uint128 gaps_ = 0;             // in units of 2^-32 / rate
};

// An open loop, as one worker sees it: message i belongs to agent i mod N, and this worker's agents
// are those with a mod workers == worker. One thread.
class OpenSchedule {
 public:
  OpenSchedule(DueTimes times, std::uint32_t agents, std::uint64_t messages, WorkerId worker,
               std::uint32_t workers)
      : times_(times),
        agents_(agents),
        messages_(messages),
        worker_(worker),
        workers_(workers),
        sender_(worker),
        // A worker without agents has nothing to send.
        index_(worker < agents ? worker : messages) {
    find_due();
  }

  bool finished() const { return index_ >= messages_; }
  // Of the next message. Precondition for sender() and sequence(): !finished().
  std::int64_t due_ns() const { return due_ns_; }
  AgentId sender() const { return sender_; }
  std::uint64_t sequence() const { return sequence_; }
  // Of the message before it; 0 when there was none.
  std::int64_t last_due_ns() const { return last_due_ns_; }

  void advance() {
    last_due_ns_ = due_ns_;
    index_ += workers_;
    sender_ += workers_;
    if (sender_ >= agents_) {
      sender_ = worker_;
      ++sequence_;
      index_ = sequence_ * agents_ + worker_;
    }
    find_due();
  }

 private:
  void find_due() { due_ns_ = finished() ? kNever : times_.due_ns(index_); }

  DueTimes times_;
  std::uint32_t agents_;
  std::uint64_t messages_;
  WorkerId worker_;
  std::uint32_t workers_;
  AgentId sender_;
  std::uint64_t sequence_ = 0;
  std::uint64_t index_;
  std::int64_t due_ns_ = kNever;
  std::int64_t last_due_ns_ = 0;
};

}  // namespace spate
