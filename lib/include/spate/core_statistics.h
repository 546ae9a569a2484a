// What MockMessagingCore tells: a receipt for each message, and the sums, read at any time.
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <vector>

#include "spate/chaos_events.h"
#include "spate/delivery.h"
#include "spate/published.h"
#include "spate/random.h"
#include "spate/thread_shards.h"

namespace spate {

// What became of one expected delivery.
struct Receipt {
  Outcome outcome = Outcome::unknown;  // acked, failed or crashed
  std::int64_t latency_ns = 0;         // with the spike; a crash is settled at once: 0
  bool spiked = false;                 // never with a crash
  std::uint64_t sequence = 0;          // of the sender, from 0
};

// Counts of expected deliveries, and sums of their latencies. 128 bits, because a mock that does
// not sleep could fill 64 with latencies of an hour within a second.
struct CoreStatistics {
  std::uint64_t successful = 0;
  std::uint64_t failed = 0;  // by chance
  std::uint64_t crashed = 0;
  std::uint64_t spiked = 0;  // of the successful and the failed
  Uint128 successful_ns_sum = 0;
  Uint128 failed_ns_sum = 0;

  std::uint64_t total() const { return successful + failed + crashed; }
  std::uint64_t chaos_events() const { return crashed + spiked; }
  // successful / total, 0 without any.
  double success_rate() const;
  // Means of the successful, and of all, in which a crash has its 0; 0 without any. Exact where all
  // latencies are equal.
  double successful_ns_mean() const;
  double all_ns_mean() const;

  void add(const Receipt& receipt) {
    const auto latency_ns = static_cast<std::uint64_t>(receipt.latency_ns);
    if (receipt.outcome == Outcome::acked) {
      ++successful;
      successful_ns_sum += latency_ns;
    } else if (receipt.outcome == Outcome::failed) {
      ++failed;
      failed_ns_sum += latency_ns;
    } else {
      ++crashed;
    }
    spiked += receipt.spiked ? 1U : 0U;
  }
  CoreStatistics& operator+=(const CoreStatistics& other);
};

// What chaos did: the latest events, by time.
struct CoreEvents {
  std::vector<ChaosEvent> events;  // at most ChaosEventLog::kCapacity
  std::uint64_t left_out = 0;      // earlier ones, which are not kept
};
// Of the events of several logs, of which `missed` are gone already.
CoreEvents latest_of(std::vector<ChaosEvent> events, std::uint64_t missed);

// The sums of all threads, each of which writes only its own: see ThreadShards for who holds what,
// and for the progress of all operations. `Atomic` is there for tests, which put one in that stops
// half-way.
template <template <class> class Atomic = std::atomic>
class BasicShardedStatistics {
 public:
  // Any thread. The receipt, and the event where chaos had a hand in it.
  void enter(const Receipt& receipt, const std::optional<ChaosEvent>& event) {
    shards_.with_own([&](Shard& shard) { shard.enter(receipt, event); });
  }

  // Any thread. Each thread's sums are whole, as they were after one of its receipts; and those
  // that this thread has entered, or knows to be entered, are in.
  CoreStatistics read() const {
    CoreStatistics sum;
    shards_.for_each([&](const Shard& shard) { sum += shard.read(); });
    return sum;
  }

  // Any thread. At least the events of all receipts that this thread has read before.
  CoreEvents events() const {
    std::vector<ChaosEvent> events;
    std::uint64_t missed = 0;
    shards_.for_each([&](const Shard& shard) {
      const auto tail = shard.log().since(0);
      events.insert(events.end(), tail.events.begin(), tail.events.end());
      missed += tail.missed;
    });
    return latest_of(std::move(events), missed);
  }

 private:
  class Shard {
   public:
    // The owner.
    void enter(const Receipt& receipt, const std::optional<ChaosEvent>& event) {
      if (event) {
        log_.record(*event);
      }
      own_.add(receipt);
      published_.publish(own_);
    }
    // Any thread.
    CoreStatistics read() const { return published_.read(); }
    const BasicChaosEventLog<Atomic>& log() const { return log_; }

   private:
    CoreStatistics own_;
    Published<CoreStatistics, Atomic> published_;
    BasicChaosEventLog<Atomic> log_;
  };

  ThreadShards<Shard, Atomic> shards_;
};

using ShardedStatistics = BasicShardedStatistics<>;

}  // namespace spate
