// The embedded real queue: moodycamel::ConcurrentQueue inboxes, two lanes each, with real bytes.
//
// What goes through an inbox is a parcel's address (parcels.h); the pool of parcels is what bounds
// the queue.
//
// Progress: try_send and poll are lock-free (moodycamel's enqueue with a token; the first messages
// of a lane may allocate a block, later ones reuse it). try_receive is lock-free likewise. A
// stalled thread keeps the parcels of its own batch and the messages of its own inboxes, and stops
// nobody else.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "spate/delivery.h"
#include "spate/inbox_layout.h"
#include "spate/message.h"
#include "spate/payload.h"

namespace spate {

class QueueDelivery {
  class ProducerState;
  class ConsumerState;
  struct Shared;

 public:
  class Producer {
   public:
    explicit Producer(std::unique_ptr<ProducerState> state);
    Producer(Producer&&) noexcept;
    Producer& operator=(Producer&&) noexcept;
    ~Producer();
    std::size_t try_send(std::span<const Message> batch) noexcept;
    std::size_t poll(std::span<Settlement> out) noexcept;

   private:
    std::unique_ptr<ProducerState> state_;
  };

  class Consumer {
   public:
    explicit Consumer(std::unique_ptr<ConsumerState> state);
    Consumer(Consumer&&) noexcept;
    Consumer& operator=(Consumer&&) noexcept;
    ~Consumer();
    std::size_t try_receive(std::span<Received> out) noexcept;

   private:
    std::unique_ptr<ConsumerState> state_;
  };

  // `parcels_per_worker`: how many messages of one worker's agents may be in the queue. One handle
  // of each kind per worker.
  QueueDelivery(InboxLayout layout, std::shared_ptr<const Payloads> payloads,
                std::uint32_t parcels_per_worker);
  ~QueueDelivery();
  QueueDelivery(const QueueDelivery&) = delete;
  QueueDelivery& operator=(const QueueDelivery&) = delete;

  Producer make_producer(WorkerId worker);
  Consumer make_consumer(WorkerId worker);

 private:
  std::unique_ptr<Shared> shared_;
};

}  // namespace spate
