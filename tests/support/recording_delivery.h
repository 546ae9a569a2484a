// A delivery that writes down what reaches it, and takes as much as the test allows.
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <memory>
#include <span>
#include <vector>

#include "spate/clock.h"
#include "spate/delivery.h"
#include "spate/message.h"

namespace spate::testing_support {

// One worker, one thread. What it took it acks, unless told otherwise; nothing arrives.
class RecordingDelivery {
 public:
  struct Log {
    std::vector<Message> taken;
    std::vector<std::int64_t> taken_at_ns;
    std::vector<std::size_t> offers;  // the sizes of the batches
    std::size_t settled = 0;
    std::size_t most_per_call = std::numeric_limits<std::size_t>::max();
    Outcome outcome = Outcome::acked;
    VirtualClock clock;
  };

  explicit RecordingDelivery(std::shared_ptr<Log> log) : log_(std::move(log)) {}

  class Producer {
   public:
    explicit Producer(std::shared_ptr<Log> log) : log_(std::move(log)) {}
    std::size_t try_send(std::span<const Message> batch) noexcept {
      const std::size_t count = std::min(batch.size(), log_->most_per_call);
      log_->offers.push_back(batch.size());
      for (const Message& message : batch.first(count)) {
        log_->taken.push_back(message);
        log_->taken_at_ns.push_back(log_->clock.now_ns());
      }
      return count;
    }
    std::size_t poll(std::span<Settlement> out) noexcept {
      const std::size_t count = std::min(out.size(), log_->taken.size() - log_->settled);
      for (std::size_t at = 0; at < count; ++at) {
        out[at] = settled(log_->taken[log_->settled++], log_->outcome);
      }
      return count;
    }

   private:
    std::shared_ptr<Log> log_;
  };
  class Consumer {
   public:
    std::size_t try_receive(std::span<Received> /*out*/) noexcept { return 0; }
  };

  Producer make_producer(WorkerId /*worker*/) { return Producer(log_); }
  Consumer make_consumer(WorkerId /*worker*/) { return {}; }

 private:
  std::shared_ptr<Log> log_;
};

}  // namespace spate::testing_support
