// A run over RabbitMQ.
#pragma once

#include "rabbitmq_consumer.h"
#include "rabbitmq_producer.h"
#include "rabbitmq_run.h"
#include "spate/drivers/broker.h"

namespace spate::drivers::rabbitmq {

// A queue that outlives its server, but not so many seconds without any use.
void declare_queue(Session& session, const std::string& queue, const std::string& type,
                   std::int32_t unused_s);
void delete_queue(Session& session, const std::string& queue);

// Each receiving worker has two durable queues, one for each lane, and is their only consumer.
//
// Progress: no call of a handle blocks, and none waits for another handle: each has a connection of
// its own. They share what nobody writes, and the Troubles, which take a lock when there are any.
class RabbitmqDelivery {
 public:
  // Makes the queues. Throws Error. `login` outlives it.
  RabbitmqDelivery(const Login& login, std::int64_t timeout_ns, const Keeping& keeping,
                   const DeliveryPlan& plan, Troubles& troubles);
  // Removes them.
  ~RabbitmqDelivery();
  RabbitmqDelivery(const RabbitmqDelivery&) = delete;
  RabbitmqDelivery& operator=(const RabbitmqDelivery&) = delete;

  RabbitmqProducer make_producer(WorkerId worker) { return {run_, worker}; }
  RabbitmqConsumer make_consumer(WorkerId worker) { return {run_, worker}; }

 private:
  void remove_queues();

  RabbitmqRun run_;
};

}  // namespace spate::drivers::rabbitmq
