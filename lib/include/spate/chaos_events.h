// The log of what chaos did: bounded, one writer, never blocks, counts what it left out.
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "spate/message.h"

namespace spate {

struct ChaosEvent {
  enum class Kind : std::uint8_t {
    crash,
    spike,
    burst,        // one begins; the message may pass all the same
    reorder,      // the message is held back
    duplicate,    // a copy goes beside it
    dropped_ack,  // its ack will be dropped, should one come
  };

  std::int64_t t_ns = 0;  // when the attempt was made, on the run's clock
  std::uint64_t sequence = 0;
  // spike, reorder: the delay that was added; crash: the downtime that begins
  std::int64_t extra_ns = 0;
  AgentId agent = 0;  // the sender
  Kind kind = Kind::crash;
};

inline constexpr std::array<std::string_view, 6> kChaosEventNames{
    "crash", "spike", "burst", "reorder", "duplicate", "dropped_ack"};
constexpr std::string_view name_of(ChaosEvent::Kind kind) {
  return kChaosEventNames[static_cast<std::size_t>(kind)];
}

// By time; ties by all the rest, since the deliveries of a broadcast share time, agent and
// sequence.
struct EarlierEvent {
  bool operator()(const ChaosEvent& a, const ChaosEvent& b) const {
    return std::tie(a.t_ns, a.agent, a.sequence, a.kind, a.extra_ns) <
           std::tie(b.t_ns, b.agent, b.sequence, b.kind, b.extra_ns);
  }
};

// A ring that keeps the latest events. One thread writes: wait-free, but for the allocation at the
// first event. Any thread reads meanwhile: wait-free, a copy and no second try; what the writer may
// have overwritten during the copy is given up. `Atomic` is there for tests, which put one in that
// stops half-way.
template <template <class> class Atomic = std::atomic>
class BasicChaosEventLog {
 public:
  static constexpr std::size_t kCapacity = 4096;

  struct Tail {
    std::vector<ChaosEvent> events;  // oldest first
    std::uint64_t next = 0;          // pass it as `from` the next time
    std::uint64_t missed = 0;        // from `from` on, overwritten before they were read
  };

  BasicChaosEventLog() = default;
  // No other thread may use `other` or the new log meanwhile.
  BasicChaosEventLog(BasicChaosEventLog&& other) noexcept
      : ring_(std::move(other.ring_)), recorded_(other.recorded_.load(std::memory_order_relaxed)) {
    other.recorded_.store(0, std::memory_order_relaxed);
  }
  BasicChaosEventLog& operator=(BasicChaosEventLog&&) = delete;

  // The writer only. Another thread may become the writer when something else orders it behind the
  // one before.
  void record(const ChaosEvent& event) {
    if (ring_ == nullptr) {
      ring_ = std::make_unique<Ring>();  // a run without chaos pays nothing; one with it pays once
    }
    const std::uint64_t number = recorded_.load(std::memory_order_relaxed);  // own variable
    store((*ring_)[number % kSlots], event);
    // Pairs with the first acquire in since(): who sees the number sees the ring and the event.
    recorded_.store(number + 1, std::memory_order_release);
  }

  // Any thread.
  std::uint64_t recorded() const { return recorded_.load(std::memory_order_acquire); }

  // Any thread. The events from number `from` on that are still kept; they count from 0.
  Tail since(std::uint64_t from) const {
    // Pairs with the release in record().
    const std::uint64_t end = std::max(from, recorded_.load(std::memory_order_acquire));
    const std::uint64_t begin = std::max(from, oldest_kept(end));
    Tail tail;
    tail.events.reserve(end - begin);
    for (std::uint64_t number = begin; number < end; ++number) {
      tail.events.push_back(load((*ring_)[number % kSlots]));
    }
    // Had a word of a later event been read, then the acquire of that word has made the number of
    // the events before that one visible here: too old, by this count, is all that may be torn.
    const std::uint64_t again = recorded_.load(std::memory_order_acquire);
    const std::uint64_t whole = std::clamp(oldest_kept(again), begin, end);
    tail.events.erase(tail.events.begin(),
                      tail.events.begin() + static_cast<std::ptrdiff_t>(whole - begin));
    tail.next = end;
    tail.missed = whole - from;
    return tail;
  }

  // The kept events, oldest first. Any thread.
  std::vector<ChaosEvent> kept() const { return since(0).events; }

 private:
  // One more than are kept: the one that is being written.
  static constexpr std::size_t kSlots = kCapacity + 1;
  static constexpr std::size_t kWords = 4;
  static constexpr int kAgentBits = 32;
  using Slot = std::array<Atomic<std::uint64_t>, kWords>;
  using Ring = std::array<Slot, kSlots>;

  static std::uint64_t oldest_kept(std::uint64_t recorded) {
    return recorded > kCapacity ? recorded - kCapacity : 0;
  }

  static void store(Slot& slot, const ChaosEvent& event) noexcept {
    const auto kind = static_cast<std::uint64_t>(event.kind);
    const std::array<std::uint64_t, kWords> words{
        static_cast<std::uint64_t>(event.t_ns), event.sequence,
        static_cast<std::uint64_t>(event.extra_ns), (kind << kAgentBits) | event.agent};
    for (std::size_t i = 0; i < kWords; ++i) {
      // Pairs with the acquire in load(): who sees the word sees the count before it.
      slot[i].store(words[i], std::memory_order_release);
    }
  }
  static ChaosEvent load(const Slot& slot) noexcept {
    std::array<std::uint64_t, kWords> words;
    for (std::size_t i = 0; i < kWords; ++i) {
      words[i] = slot[i].load(std::memory_order_acquire);  // pairs with the release in store()
    }
    return {static_cast<std::int64_t>(words[0]), words[1], static_cast<std::int64_t>(words[2]),
            static_cast<AgentId>(words[3]), static_cast<ChaosEvent::Kind>(words[3] >> kAgentBits)};
  }

  std::unique_ptr<Ring> ring_;  // set before the first release of recorded_, never changed after
  Atomic<std::uint64_t> recorded_{0};
};

using ChaosEventLog = BasicChaosEventLog<>;

}  // namespace spate
