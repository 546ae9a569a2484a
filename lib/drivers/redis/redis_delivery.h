// A run over Redis Streams.
#pragma once

#include "redis_consumer.h"
#include "redis_producer.h"
#include "redis_run.h"
#include "spate/drivers/broker.h"

namespace spate::drivers::redis {

// Each receiving worker has two streams, one for each lane, and is the only consumer of their one
// group. What is acknowledged is trimmed away, so that memory stays in bounds.
//
// Progress: no call of a handle blocks, and none waits for another handle: each has a connection of
// its own. They share what nobody writes, and the Troubles, which take a lock when there are any.
class RedisDelivery {
 public:
  // Makes the streams and their groups. Throws Error.
  RedisDelivery(const Address& address, std::int64_t timeout_ns, const DeliveryPlan& plan,
                Troubles& troubles);
  // Removes them.
  ~RedisDelivery();
  RedisDelivery(const RedisDelivery&) = delete;
  RedisDelivery& operator=(const RedisDelivery&) = delete;

  RedisProducer make_producer(WorkerId worker) { return {run_, worker}; }
  RedisConsumer make_consumer(WorkerId worker) { return {run_, worker}; }

 private:
  void make_streams(Session& session);
  void remove_streams();

  RedisRun run_;
};

}  // namespace spate::drivers::redis
