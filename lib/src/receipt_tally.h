// Response times of what one thread received, by window, type and sender.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

#include "spate/agent_latencies.h"
#include "spate/clock.h"
#include "spate/latency_recorder.h"
#include "spate/message.h"
#include "spate/random.h"
#include "spate/report.h"
#include "spate/run_plan.h"
#include "spate/trace.h"

namespace spate {

// Which tenth of the run a message belongs to, by its place in the schedule.
class Windows {
 public:
  explicit Windows(std::uint64_t messages)
      // 2^64 * kWindows / messages, so that a multiplication replaces a division. The rounding can
      // shift a message by one place at a border, which a statistic does not mind.
      : step_(messages <= kWindows
                  ? 0
                  : static_cast<std::uint64_t>((Uint128{kWindows} << 64) / messages)) {}

  std::size_t of(std::uint64_t index) const {
    const std::uint64_t window = step_ == 0 ? index : multiply_high(index, step_);
    return std::min<std::size_t>(window, kWindows - 1);
  }

 private:
  std::uint64_t step_;
};

// One writer; read when that has ended.
class ReceiptTally {
 public:
  explicit ReceiptTally(const RunPlan& plan)
      : agents_(plan.agents),
        slices_(plan.messages),
        by_sender_(plan.agents),
        last_received_ns_(plan.agents, kNotYet),
        trace_(plan.traced_deliveries) {}

  // `message` came at now_ns, for the first time.
  void record(const Message& message, std::int64_t now_ns) {
    const std::int64_t response_ns = now_ns - message.intended_ns;
    LatencyRecorder& window = windows_[slices_.of(message.sequence * agents_ + message.sender)];
    LatencyRecorder& by_type = by_type_[index_of(message.type)];
    if (static_cast<std::uint64_t>(response_ns) <= std::uint64_t{LatencyRecorder::kHighestNs}) {
      const std::size_t bucket = LatencyRecorder::kLayout.index_of(response_ns);  // once for all
      window.record_at(bucket, response_ns);
      by_type.record_at(bucket, response_ns);
      by_sender_.record_at(message.sender, bucket, response_ns);
    } else {
      window.record(response_ns);
      by_type.record(response_ns);
      by_sender_.record(message.sender, response_ns);
    }
    // Not simply now: a simulation does not record in the order of time.
    std::int64_t& last_by_agent = last_received_ns_[message.recipient];
    last_by_agent = std::max(last_by_agent, now_ns);
    std::int64_t& last_by_type = last_received_by_type_ns_[index_of(message.type)];
    last_by_type = std::max(last_by_type, now_ns);
    if (!trace_.off()) {
      trace_.record({message.intended_ns, message.sent_ns, now_ns, message.sequence, message.sender,
                     message.recipient, message.type});
    }
  }

  // Brings what record() will need into the cache.
  [[gnu::always_inline]] void prefetch(const Message& message, std::int64_t now_ns) const {
    by_sender_.prefetch(message.sender, now_ns - message.intended_ns);
    __builtin_prefetch(&last_received_ns_[message.recipient], 1);
  }

  const LatencyRecorder& window(std::size_t index) const { return windows_[index]; }
  const LatencyRecorder& by_type(MessageType type) const { return by_type_[index_of(type)]; }
  const AgentLatencies& by_sender() const { return by_sender_; }
  const TraceRing& trace() const { return trace_; }
  std::int64_t last_received_ns(AgentId recipient) const { return last_received_ns_[recipient]; }
  std::int64_t last_received_ns(MessageType type) const {
    return last_received_by_type_ns_[index_of(type)];
  }

 private:
  std::uint64_t agents_;
  Windows slices_;
  std::array<LatencyRecorder, kWindows> windows_;  // together: all response times
  std::array<LatencyRecorder, kMessageTypes> by_type_;
  AgentLatencies by_sender_;
  std::vector<std::int64_t> last_received_ns_;
  std::array<std::int64_t, kMessageTypes> last_received_by_type_ns_{kNotYet, kNotYet, kNotYet,
                                                                    kNotYet};
  TraceRing trace_;
};

}  // namespace spate
