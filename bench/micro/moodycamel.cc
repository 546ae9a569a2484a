// What peer/queue is measured against: a bare loop over moodycamel::ConcurrentQueue. The same two
// threads, the same inboxes with two lanes each, the same batch, as many messages in flight and of
// the same size; and nothing else: no draws, no content, no checksum, no clock, no statistics, no
// ledger.
#include <benchmark/benchmark.h>
#include <concurrentqueue.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <memory>
#include <thread>
#include <vector>

#include "micro.h"

namespace spate::bench {
namespace {

constexpr std::size_t kThreads = 2;
constexpr std::size_t kInboxes = 9;
constexpr std::size_t kLanes = 2;
constexpr std::size_t kBatch = 64;
constexpr std::uint64_t kInFlight = 576;  // 9 agents with the default window

struct Parcel {  // header and content of a message take two cache lines
  std::uint64_t sequence;
  std::array<char, 120> content;
};

using Queue = moodycamel::ConcurrentQueue<Parcel>;
using Queues = std::array<Queue, kInboxes * kLanes>;

struct alignas(64) Counter {
  std::atomic<std::uint64_t> count{0};
};
using Counters = std::array<Counter, kThreads>;

// One thread's share: it fills every batch anew, deals it out to the inboxes, and empties those
// inboxes that are its own.
class Side {
 public:
  Side(Queues& queues, std::size_t self) : queues_(queues) {
    for (Queue& queue : queues) {
      producers_.emplace_back(queue);
    }
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
      for (std::size_t inbox = self; inbox < kInboxes; inbox += kThreads) {
        own_.push_back(inbox * kLanes + lane);
        consumers_.emplace_back(queues[own_.back()]);
      }
    }
    content_.fill('x');
  }

  void run(std::uint64_t messages, Counter& own, const Counters& received, std::uint64_t all) {
    std::uint64_t sent = 0;
    std::uint64_t total = 0;
    while (total < all && !interrupted()) {
      total = received[0].count.load(std::memory_order_relaxed) +
              received[1].count.load(std::memory_order_relaxed);
      // The other side sends as much as this one, more or less.
      const bool may_send = sent < messages && sent * kThreads < total + kInFlight;
      if (may_send) {
        sent += send(std::min<std::uint64_t>(kBatch, messages - sent));
      }
      const std::size_t count = receive();
      own.count.store(own.count.load(std::memory_order_relaxed) + count, std::memory_order_relaxed);
      if (!may_send && count == 0) {
        std::this_thread::yield();  // as a worker does: the machine may have fewer cores to spare
      }
    }
  }

  std::uint64_t sum() const { return sum_; }

 private:
  std::uint64_t send(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
      batch_[i].sequence = sequence_++;
      batch_[i].content = content_;
    }
    for (std::size_t inbox = 0; inbox < kInboxes; ++inbox) {
      const std::size_t begin = count * inbox / kInboxes;
      const std::size_t end = count * (inbox + 1) / kInboxes;
      const std::size_t queue = inbox * kLanes + 1;  // the normal lane
      queues_[queue].enqueue_bulk(producers_[queue], batch_.begin() + begin, end - begin);
    }
    return count;
  }

  std::size_t receive() {
    std::size_t count = 0;
    for (std::size_t i = 0; i < own_.size() && count < kBatch; ++i) {
      count += queues_[own_[i]].try_dequeue_bulk(consumers_[i], arrivals_.begin() + count,
                                                 kBatch - count);
    }
    for (std::size_t i = 0; i < count; ++i) {
      sum_ += arrivals_[i].sequence;
    }
    return count;
  }

  Queues& queues_;
  std::vector<moodycamel::ProducerToken> producers_;  // by queue
  std::vector<std::size_t> own_;                      // urgent lanes first
  std::vector<moodycamel::ConsumerToken> consumers_;  // as own_
  std::array<char, 120> content_{};
  std::array<Parcel, kBatch> batch_;
  std::array<Parcel, kBatch> arrivals_;
  std::uint64_t sequence_ = 0;
  std::uint64_t sum_ = 0;
};

// 0 + 1 + … + (count - 1)
std::uint64_t sum_below(std::uint64_t count) { return count == 0 ? 0 : count * (count - 1) / 2; }

void reference(benchmark::State& state) {
  const auto all = static_cast<std::uint64_t>(state.max_iterations);
  const std::array<std::uint64_t, kThreads> shares{all - all / 2, all / 2};
  const auto queues = std::make_unique<Queues>();
  std::array<std::uint64_t, kThreads> sums{};
  while (state.KeepRunningBatch(state.max_iterations)) {
    Counters received;
    std::array<std::thread, kThreads> threads;
    for (std::size_t self = 0; self < kThreads; ++self) {
      threads[self] = std::thread([&, self] {
        Side side(*queues, self);
        side.run(shares[self], received[self], received, all);
        sums[self] = side.sum();
      });
    }
    for (std::thread& thread : threads) {
      thread.join();
    }
    // Each side counts its messages from 0: what arrived must be what was sent.
    if (interrupted()) {
      state.SkipWithError("interrupted");
    } else if (sums[0] + sums[1] != sum_below(shares[0]) + sum_below(shares[1])) {
      state.SkipWithError("the reference lost messages");
    }
  }
}

}  // namespace

void register_moodycamel() {
  benchmark::RegisterBenchmark("reference/moodycamel", reference)
      ->UseRealTime()
      ->MeasureProcessCPUTime();
}

}  // namespace spate::bench
