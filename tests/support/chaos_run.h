// Chaos before a delivery that records, with everything that a test wants to see.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <vector>

#include "spate/chaos.h"
#include "support/recording_delivery.h"

namespace spate::testing_support {

// Chaos before a recording delivery, on a virtual clock.
class ChaosRun {
 public:
  static constexpr std::uint64_t kSeed = 5;
  static constexpr std::uint32_t kAgents = 9;
  static constexpr std::int64_t kSpikeMaxNs = 1'000'000;

  explicit ChaosRun(const ChaosProfile& profile, std::uint32_t hold_capacity = 1 << 20)
      : inner_(std::make_unique<RecordingDelivery>(log_)),
        chaos_(BasicChaosDelivery<VirtualClock>(inner_, log_->clock, kSeed, kAgents, profile,
                                                hold_capacity)
                   .make_producer(0)) {}

  RecordingDelivery::Log& inner() { return *log_; }
  auto& chaos() { return chaos_; }
  VirtualClock& clock() { return log_->clock; }
  const std::map<std::uint64_t, Outcome>& outcomes() const { return outcomes_; }

  // Offers all of them as a worker does: what was not taken is offered again, after a poll and,
  // when nothing moves, at the next due time.
  void send_all(std::span<const Message> messages, std::size_t batch) {
    std::size_t sent = 0;
    for (std::size_t idle = 0; sent < messages.size() && idle < 1000;) {
      const std::size_t offered = std::min(batch, messages.size() - sent);
      const std::size_t taken = chaos_.try_send(messages.subspan(sent, offered));
      ASSERT_LE(taken, offered);
      sent += taken;
      idle = taken == 0 ? idle + 1 : 0;
      poll();
      if (taken == 0) {
        advance_to_next_due();
      }
    }
    ASSERT_EQ(sent, messages.size()) << "back-pressure for ever";
  }
  void poll() {
    std::array<Settlement, 64> settlements;
    while (const std::size_t count = chaos_.poll(settlements)) {
      for (const Settlement& settlement : std::span(settlements).first(count)) {
        EXPECT_TRUE(outcomes_.emplace(settlement.ordinal, settlement.outcome).second)
            << settlement.ordinal << " was settled twice";
      }
    }
  }
  void drain() {
    poll();
    for (int round = 0; chaos_.next_due_ns() != kNever && round < 10'000'000; ++round) {
      advance_to_next_due();
      poll();
    }
    EXPECT_EQ(chaos_.next_due_ns(), kNever);
  }

 private:
  void advance_to_next_due() {
    const std::int64_t due_ns = chaos_.next_due_ns();
    if (due_ns != kNever) {
      clock().advance_to(std::max(due_ns, clock().now_ns()));
    }
  }

  std::shared_ptr<RecordingDelivery::Log> log_ = std::make_shared<RecordingDelivery::Log>();
  AnyDelivery inner_;
  BasicChaosProducer<VirtualClock> chaos_;
  std::map<std::uint64_t, Outcome> outcomes_;
};

inline std::uint64_t count_crashed(const ChaosRun& run) {
  return static_cast<std::uint64_t>(
      std::count_if(run.outcomes().begin(), run.outcomes().end(),
                    [](const auto& entry) { return entry.second == Outcome::crashed; }));
}

inline ChaosVerdict verdict_of(const ChaosProfile& profile, const Message& message) {
  return chaos_verdict(profile, MessageDraws(ChaosRun::kSeed, message.sender, message.sequence),
                       message.recipient);
}

inline ChaosProfile profile_of(double crash, double spike, std::int64_t downtime_ns = 0) {
  return {"test", Probability(crash), Probability(spike), ChaosRun::kSpikeMaxNs, downtime_ns};
}

// Each message reached the delivery exactly once, or was settled as crashed and never reached it.
inline void expect_each_exactly_once(ChaosRun& run, std::size_t messages) {
  std::vector<int> reached(messages);
  for (const Message& message : run.inner().taken) {
    ASSERT_LT(message.ordinal, messages);
    ++reached[message.ordinal];
  }
  EXPECT_EQ(run.outcomes().size(), messages);
  for (const auto& [ordinal, outcome] : run.outcomes()) {
    ASSERT_EQ(reached[ordinal], outcome == Outcome::crashed ? 0 : 1) << ordinal;
  }
}

}  // namespace spate::testing_support
