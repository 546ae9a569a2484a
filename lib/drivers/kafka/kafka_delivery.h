// A run over a Kafka topic.
#pragma once

#include <functional>
#include <memory>
#include <string_view>

#include "kafka_consumer.h"
#include "kafka_producer.h"
#include "kafka_run.h"
#include "spate/drivers/broker.h"
#include "stand_in.h"

namespace spate::drivers::kafka {

// A topic of the run's own. Each receiving worker has two partitions of it, one for each lane, and
// is their only reader: they are assigned by hand, so that no group has to agree on it first.
//
// Progress: no call of a handle waits for a broker or for another handle: each has a client of its
// own. The library's locks between a client's threads and the worker are held for moments; messages
// are allocated by the library. Handles share what nobody writes, over a stand-in the backlog,
// which is wait-free, and the Troubles, which take a lock when there are any.
class KafkaDelivery {
 public:
  // `stand_in`: this run's own, in the place of what `connection` leads to; null where that is a
  // real cluster. Makes the topic. Throws Error.
  KafkaDelivery(const Connection& connection, const Durability& durability,
                const DeliveryPlan& plan, std::shared_ptr<StandIn> stand_in, Troubles& troubles);
  // Removes it, and the group.
  ~KafkaDelivery();
  KafkaDelivery(const KafkaDelivery&) = delete;
  KafkaDelivery& operator=(const KafkaDelivery&) = delete;

  KafkaProducer make_producer(WorkerId /*worker*/) { return KafkaProducer(run_); }
  KafkaConsumer make_consumer(WorkerId worker) { return {run_, worker}; }

 private:
  void remove(std::string_view what, const std::function<void()>& removal);

  std::shared_ptr<StandIn> stand_in_;
  KafkaRun run_;
};

}  // namespace spate::drivers::kafka
