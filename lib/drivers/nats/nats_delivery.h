// A run over NATS JetStream.
#pragma once

#include "nats_consumer.h"
#include "nats_producer.h"
#include "nats_run.h"
#include "spate/drivers/broker.h"

namespace spate::drivers::nats {

// Each receiving worker has two streams, one for each lane, and is their one reader. What is
// acknowledged leaves the stream, so that memory and disk stay in bounds.
//
// Progress: no call of a handle blocks, and none waits for another handle: each has a connection of
// its own, which it alone reads and writes. The library's locks on it nobody else takes. A lost
// connection is made anew by a thread that lives as long as that takes; no call waits for it, only
// the end of a handle does. Handles share what nobody writes, and the Troubles, which take a lock
// when there are any.
class NatsDelivery {
 public:
  // Makes the streams and their readers. Throws Error.
  NatsDelivery(const Address& address, std::int64_t timeout_ns, const Storage& storage,
               const DeliveryPlan& plan, Troubles& troubles);
  // Removes them.
  ~NatsDelivery();
  NatsDelivery(const NatsDelivery&) = delete;
  NatsDelivery& operator=(const NatsDelivery&) = delete;

  NatsProducer make_producer(WorkerId worker) { return {run_, worker}; }
  NatsConsumer make_consumer(WorkerId worker) { return {run_, worker}; }

 private:
  void check_size(Session& session) const;
  void make_streams(Session& session);
  void remove_streams();

  NatsRun run_;
  std::size_t made_ = 0;  // so many of the places may have their stream
};

}  // namespace spate::drivers::nats
