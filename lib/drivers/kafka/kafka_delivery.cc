#include "kafka_delivery.h"

#include <fmt/format.h>

#include <exception>

#include "session.h"
#include "spate/drivers/naming.h"

namespace spate::drivers::kafka {

KafkaDelivery::KafkaDelivery(const Connection& connection, const Durability& durability,
                             const DeliveryPlan& plan, std::shared_ptr<StandIn> stand_in,
                             Troubles& troubles)
    : stand_in_(std::move(stand_in)),
      run_{connection,
           durability,
           troubles,
           plan.workers,
           plan.capacity,
           Envelope(plan.payloads),
           run_name(*plan.payloads),
           {},
           nullptr} {
  for (const Lane lane : {Lane::urgent, Lane::normal}) {
    run_.topics[static_cast<std::size_t>(lane)] = fmt::format("{}-{}", run_.name, name_of(lane));
  }
  make_topics();
}

void KafkaDelivery::make_topics() {
  const auto partitions = static_cast<std::int32_t>(run_.workers);
  if (stand_in_ == nullptr) {
    Session(run_.connection).make_topics(run_.topics, partitions, run_.durability.replicas);
    return;
  }
  for (const std::string& topic : run_.topics) {
    stand_in_->make_topic(topic, partitions);
  }
  run_.backlog = std::make_unique<Backlog>(run_.workers * kLanes);
}

KafkaDelivery::~KafkaDelivery() {
  if (stand_in_ != nullptr) {
    return;  // its topics go with it, and not before
  }
  try {
    Session session(run_.connection);
    session.remove_topics(run_.topics);
    session.remove_group(run_.name);
  } catch (const std::exception& error) {
    run_.troubles.add(fmt::format("kafka: the topics {}-* or their group could not be removed: {}",
                                  run_.name, error.what()));
  }
}

}  // namespace spate::drivers::kafka
