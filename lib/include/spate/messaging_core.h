// The mock for a program's own tests: where the program would deliver a message, it calls this, and
// gets the outcome and the latency that a stress run with the same seed would have given it.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "spate/agent_message.h"
#include "spate/cache_line.h"
#include "spate/chaos_profile.h"
#include "spate/chaos_verdict.h"
#include "spate/clock.h"
#include "spate/core_statistics.h"
#include "spate/mock_delivery.h"
#include "spate/random.h"

namespace spate {

struct CoreSettings {
  std::uint32_t agents = 9;
  std::uint64_t seed = 1;
  MockSettings mock = {};
  ChaosProfile chaos = {};  // crashes and spikes, without downtime
  bool sleep = true;        // false: the same receipts, but nobody waits for them
};

// The settings themselves. Throws Error, one line, for the first value out of range.
CoreSettings checked(CoreSettings settings);
// The Error for a message that cannot be.
[[noreturn]] void refuse_message(std::uint32_t agents, AgentId sender, AgentId recipient,
                                 MessageType type);

// Any thread may call anything at any time. No call waits for another thread: sending is lock-free
// (one atomic increment, and plain stores on x86), but for what a thread's first send, and its
// first event of chaos, allocate; where `sleep` is set it takes the latency that was drawn, at
// least. A thread that stands still in the middle of a send stops nobody, not even a reader.
//
// Memory: 64 bytes an agent; some 300 bytes for each thread that sends at the same time as others,
// and 128 KiB more once chaos had a hand in one of its messages. None of it shrinks.
//
// Statistics: where the receipts are entered; see BasicShardedStatistics for its shape.
template <class Statistics>
class BasicMessagingCore {
 public:
  // Throws Error on values out of range.
  explicit BasicMessagingCore(CoreSettings settings)
      : settings_(checked(std::move(settings))), sequences_(settings_.agents) {}

  // One expected delivery: for a broadcast, call it for each recipient. The content is there for
  // the shape of a real delivery; the mock does not look at it.
  //
  // Message k of a sender, to that recipient, has the same receipt whatever the other agents do,
  // and the verdict that message k of that sender has in a stress run. (A broadcast is one message
  // there, and as many calls as it has recipients here; so the numbers part behind the first one.)
  // Where several threads send as one agent, chance decides which
  // of them has which k.
  //
  // Throws Error where sender, recipient or type do not exist or the two are the same; then nothing
  // is counted.
  Receipt send_message(AgentId sender, AgentId recipient, std::string_view /*content*/,
                       MessageType type = MessageType::text) {
    check_message(sender, recipient, type);
    const std::uint64_t sequence =
        sequences_[sender].next.fetch_add(1, std::memory_order_relaxed);  // a number, no more
    const MessageDraws draws(settings_.seed, sender, sequence);
    const ChaosVerdict chaos = chaos_verdict(settings_.chaos, draws, recipient);
    const std::optional<ChaosEvent> event = event_of(chaos, sender, sequence);
    const Receipt receipt = receipt_of(chaos, draws, recipient, sequence);
    if (settings_.sleep && receipt.latency_ns > 0) {
      std::this_thread::sleep_for(std::chrono::nanoseconds(receipt.latency_ns));
    }
    statistics_.enter(receipt, event);
    return receipt;
  }
  Receipt send_message_object(const AgentMessage& message) {
    return send_message(message.sender, message.recipient, message.content, message.type);
  }

  // Of the sends that have returned, and of some that are about to. The numbers agree with each
  // other, and never fall from one call of a thread to its next.
  CoreStatistics statistics() const { return statistics_.read(); }

  // The latest crashes and spikes. Times are of the attempt, in nanoseconds since the core was
  // made; an event appears when its send has returned.
  CoreEvents chaos_events() const { return statistics_.events(); }

 private:
  struct alignas(kCacheLine) Sequence {
    std::atomic<std::uint64_t> next{0};
  };

  std::optional<ChaosEvent> event_of(const ChaosVerdict& chaos, AgentId sender,
                                     std::uint64_t sequence) const {
    if (!chaos.crash && chaos.spike_ns == 0) {
      return std::nullopt;
    }
    return ChaosEvent{SteadyClock{}.now_ns() - made_ns_, sequence, chaos.crash ? 0 : chaos.spike_ns,
                      sender, chaos.crash ? ChaosEvent::Kind::crash : ChaosEvent::Kind::spike};
  }

  Receipt receipt_of(const ChaosVerdict& chaos, const MessageDraws& draws, AgentId recipient,
                     std::uint64_t sequence) const {
    if (chaos.crash) {
      return {Outcome::crashed, 0, false, sequence};
    }
    const MockVerdict mock = mock_verdict(settings_.mock, draws, recipient);
    return {mock.success ? Outcome::acked : Outcome::failed, mock.latency_ns + chaos.spike_ns,
            chaos.spike_ns > 0, sequence};
  }

  void check_message(AgentId sender, AgentId recipient, MessageType type) const {
    if (sender >= settings_.agents || recipient >= settings_.agents || sender == recipient ||
        index_of(type) >= kMessageTypes) {
      refuse_message(settings_.agents, sender, recipient, type);
    }
  }

  const CoreSettings settings_;
  const std::int64_t made_ns_ = SteadyClock{}.now_ns();
  std::vector<Sequence> sequences_;  // by sender
  Statistics statistics_;
};

using MockMessagingCore = BasicMessagingCore<ShardedStatistics>;

}  // namespace spate
