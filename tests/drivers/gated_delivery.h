// A delivery whose producers and consumers a test can hold back.
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <span>
#include <utility>

#include "spate/delivery.h"

namespace spate::testing_support {

// Any thread. The counts are never ahead of what they count. All that is counted and limited here
// are deliveries: a broadcast is one for each recipient.
struct Gate {
  static constexpr std::uint64_t kAll = std::numeric_limits<std::uint64_t>::max();
  static constexpr std::size_t kMostWorkers = 2;

  // So many may be taken from each worker, and handed to each, from the run's beginning on. What is
  // due beyond that waits, however long a test takes to see what it wants to see. They may only
  // grow.
  std::atomic<std::uint64_t> most_sent{kAll};
  std::atomic<std::uint64_t> most_received{kAll};

  struct Counts {
    std::atomic<std::uint64_t> acked{0};
    std::atomic<std::uint64_t> received{0};
    std::array<std::atomic<std::int64_t>, kLanes> newest_ns{};  // when it was sent, by lane
  };
  std::array<Counts, kMostWorkers> of_worker;

  std::uint64_t acked() const { return sum(&Counts::acked); }
  std::uint64_t received() const { return sum(&Counts::received); }
  // Whether each of the first `workers` has received something in each lane that was sent after
  // `ns`: what came then took every way there is.
  bool all_received_since(std::int64_t ns, std::size_t workers) const {
    return std::all_of(of_worker.begin(), of_worker.begin() + static_cast<std::ptrdiff_t>(workers),
                       [ns](const Counts& one) {
                         return std::all_of(one.newest_ns.begin(), one.newest_ns.end(),
                                            [ns](const auto& newest) { return newest > ns; });
                       });
  }

 private:
  std::uint64_t sum(std::atomic<std::uint64_t> Counts::*count) const {
    std::uint64_t all = 0;
    for (const Counts& one : of_worker) {
      all += one.*count;
    }
    return all;
  }
};

class GatedDelivery {
 public:
  GatedDelivery(AnyDelivery delivery, Gate& gate) : delivery_(std::move(delivery)), gate_(gate) {}

  class Producer {
   public:
    Producer(AnyProducer producer, Gate& gate, WorkerId worker)
        : producer_(std::move(producer)), gate_(&gate), counts_(&gate.of_worker.at(worker)) {}
    std::size_t try_send(std::span<const Message> batch) noexcept {
      const std::uint64_t room = gate_->most_sent - sent_;
      const std::size_t taken =
          producer_.try_send(batch.first(std::min<std::size_t>(batch.size(), room)));
      sent_ += taken;
      return taken;
    }
    std::size_t poll(std::span<Settlement> out) noexcept {
      const std::size_t count = producer_.poll(out);
      for (const Settlement& settlement : out.first(count)) {
        counts_->acked += settlement.outcome == Outcome::acked ? 1 : 0;
      }
      return count;
    }

   private:
    AnyProducer producer_;
    Gate* gate_;
    Gate::Counts* counts_;
    std::uint64_t sent_ = 0;
  };
  class Consumer {
   public:
    Consumer(AnyConsumer consumer, Gate& gate, WorkerId worker)
        : consumer_(std::move(consumer)), gate_(&gate), counts_(&gate.of_worker.at(worker)) {}
    std::size_t try_receive(std::span<Received> out) noexcept {
      const std::uint64_t room = gate_->most_received - counts_->received;
      const std::span<Received> wanted = out.first(std::min<std::size_t>(out.size(), room));
      const std::size_t count = wanted.empty() ? 0 : consumer_.try_receive(wanted);
      for (const Received& one : wanted.first(count)) {
        auto& newest_ns = counts_->newest_ns[static_cast<std::size_t>(lane_of(one.message.type))];
        newest_ns = std::max(newest_ns.load(), one.message.sent_ns);
      }
      counts_->received += count;
      return count;
    }

   private:
    AnyConsumer consumer_;
    Gate* gate_;
    Gate::Counts* counts_;
  };

  Producer make_producer(WorkerId worker) {
    return {delivery_.make_producer(worker), gate_, worker};
  }
  Consumer make_consumer(WorkerId worker) {
    return {delivery_.make_consumer(worker), gate_, worker};
  }

 private:
  AnyDelivery delivery_;
  Gate& gate_;
};

}  // namespace spate::testing_support
