// A delivery whose consumers a test can hold back.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <span>
#include <utility>

#include "spate/delivery.h"

namespace spate::testing_support {

// Any thread. The counts are never ahead of what they count.
struct Gate {
  std::atomic<bool> held{false};
  std::atomic<std::uint64_t> acked{0};
  std::atomic<std::uint64_t> received{0};
};

class GatedDelivery {
 public:
  GatedDelivery(AnyDelivery delivery, Gate& gate) : delivery_(std::move(delivery)), gate_(gate) {}

  class Producer {
   public:
    Producer(AnyProducer producer, Gate& gate) : producer_(std::move(producer)), gate_(&gate) {}
    std::size_t try_send(std::span<const Message> batch) noexcept {
      return producer_.try_send(batch);
    }
    std::size_t poll(std::span<Settlement> out) noexcept {
      const std::size_t count = producer_.poll(out);
      for (const Settlement& settlement : out.first(count)) {
        gate_->acked += settlement.outcome == Outcome::acked ? 1 : 0;
      }
      return count;
    }

   private:
    AnyProducer producer_;
    Gate* gate_;
  };
  class Consumer {
   public:
    Consumer(AnyConsumer consumer, Gate& gate) : consumer_(std::move(consumer)), gate_(&gate) {}
    std::size_t try_receive(std::span<Received> out) noexcept {
      const std::size_t count = gate_->held ? 0 : consumer_.try_receive(out);
      gate_->received += count;
      return count;
    }

   private:
    AnyConsumer consumer_;
    Gate* gate_;
  };

  Producer make_producer(WorkerId worker) { return {delivery_.make_producer(worker), gate_}; }
  Consumer make_consumer(WorkerId worker) { return {delivery_.make_consumer(worker), gate_}; }

 private:
  AnyDelivery delivery_;
  Gate& gate_;
};

}  // namespace spate::testing_support
