// Decorators that watch a delivery, or hold it up, during a run.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "spate/clock.h"
#include "spate/delivery.h"
#include "spate/message.h"

namespace spate::testing_support {

// Writes down what goes in and comes out. By worker: each log has one writing thread; read them
// after the run.
class WatchedDelivery {
 public:
  struct Log {
    std::vector<Message> sent;
    std::vector<Message> received;
    std::vector<std::int64_t> outstanding;  // by sender
    std::int64_t most_outstanding = 0;      // of any sender, if one worker does it all
  };

  WatchedDelivery(AnyDelivery& inner, std::uint32_t agents, std::vector<Log>& logs)
      : inner_(&inner), logs_(&logs) {
    for (Log& log : logs) {
      log.outstanding.assign(agents, 0);
    }
  }

  class Producer {
   public:
    Producer(AnyProducer inner, Log& log) : inner_(std::move(inner)), log_(&log) {}
    std::size_t try_send(std::span<const Message> batch) noexcept {
      const std::size_t taken = inner_.try_send(batch);
      for (const Message& message : batch.first(taken)) {
        log_->sent.push_back(message);
        log_->most_outstanding =
            std::max(log_->most_outstanding, ++log_->outstanding[message.sender]);
      }
      return taken;
    }
    std::size_t poll(std::span<Settlement> out) noexcept { return inner_.poll(out); }
    std::int64_t next_due_ns() const noexcept { return inner_.next_due_ns(); }
    std::uint64_t draws_digest() const noexcept { return inner_.draws_digest(); }

   private:
    AnyProducer inner_;
    Log* log_;
  };

  class Consumer {
   public:
    Consumer(AnyConsumer inner, Log& log) : inner_(std::move(inner)), log_(&log) {}
    std::size_t try_receive(std::span<Received> out) noexcept {
      const std::size_t count = inner_.try_receive(out);
      for (const Received& received : out.first(count)) {
        log_->received.push_back(received.message);
        --log_->outstanding[received.message.sender];
      }
      return count;
    }
    std::int64_t next_due_ns() const noexcept { return inner_.next_due_ns(); }

   private:
    AnyConsumer inner_;
    Log* log_;
  };

  Producer make_producer(WorkerId worker) {
    return {inner_->make_producer(worker), (*logs_)[worker]};
  }
  Consumer make_consumer(WorkerId worker) {
    return {inner_->make_consumer(worker), (*logs_)[worker]};
  }

 private:
  AnyDelivery* inner_;
  std::vector<Log>* logs_;
};

// Takes nothing from `freeze_after_ns` after the first offer on, for `freeze_for_ns`.
class FreezingDelivery {
 public:
  FreezingDelivery(AnyDelivery& inner, std::int64_t freeze_after_ns, std::int64_t freeze_for_ns)
      : inner_(&inner), freeze_after_ns_(freeze_after_ns), freeze_for_ns_(freeze_for_ns) {}

  class Producer {
   public:
    Producer(AnyProducer inner, std::int64_t after_ns, std::int64_t for_ns)
        : inner_(std::move(inner)), after_ns_(after_ns), for_ns_(for_ns) {}
    std::size_t try_send(std::span<const Message> batch) noexcept {
      const std::int64_t now_ns = SteadyClock{}.now_ns();
      if (first_ns_ == 0) {
        first_ns_ = now_ns;
      }
      const std::int64_t since_ns = now_ns - first_ns_ - after_ns_;
      const bool frozen = since_ns >= 0 && since_ns < for_ns_;
      return frozen ? 0 : inner_.try_send(batch);
    }
    std::size_t poll(std::span<Settlement> out) noexcept { return inner_.poll(out); }

   private:
    AnyProducer inner_;
    std::int64_t after_ns_;
    std::int64_t for_ns_;
    std::int64_t first_ns_ = 0;
  };

  Producer make_producer(WorkerId worker) {
    return {inner_->make_producer(worker), freeze_after_ns_, freeze_for_ns_};
  }
  AnyConsumer make_consumer(WorkerId worker) { return inner_->make_consumer(worker); }

 private:
  AnyDelivery* inner_;
  std::int64_t freeze_after_ns_;
  std::int64_t freeze_for_ns_;
};

}  // namespace spate::testing_support
