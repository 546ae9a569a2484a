#include "kafka_delivery.h"

#include <fmt/format.h>

#include <exception>

#include "session.h"
#include "spate/drivers/broker.h"
#include "spate/drivers/naming.h"

namespace spate::drivers::kafka {
namespace {

Connection to(const StandIn* stand_in, Connection connection) {
  if (stand_in != nullptr) {
    connection.address.endpoints.front() =
        parse_address(driver_named("kafka").address, stand_in->address()).first();
  }
  return connection;
}

}  // namespace

KafkaDelivery::KafkaDelivery(const Connection& connection, const Durability& durability,
                             const DeliveryPlan& plan, std::shared_ptr<StandIn> stand_in,
                             Troubles& troubles)
    : stand_in_(std::move(stand_in)),
      run_{to(stand_in_.get(), connection),
           durability,
           troubles,
           plan.workers,
           plan.capacity,
           Envelope(plan.payloads),
           run_name(*plan.payloads),
           nullptr} {
  const auto partitions = static_cast<std::int32_t>(plan.workers * kLanes);
  if (stand_in_ == nullptr) {
    Session(run_.connection).make_topic(run_.name, partitions, durability.replicas);
  } else {
    stand_in_->make_topic(run_.name, partitions);
    run_.backlog = std::make_unique<Backlog>(plan.workers * kLanes);
  }
}

KafkaDelivery::~KafkaDelivery() {
  if (stand_in_ != nullptr) {
    return;  // its topic ends with it
  }
  try {
    Session session(run_.connection);
    remove("topic", [&] { session.remove_topic(run_.name); });
    remove("group", [&] { session.remove_group(run_.name); });
  } catch (const std::exception& error) {
    run_.troubles.add(fmt::format("kafka: the topic and the group {} could not be removed: {}",
                                  run_.name, error.what()));
  }
}

void KafkaDelivery::remove(std::string_view what, const std::function<void()>& removal) {
  try {
    removal();
  } catch (const std::exception& error) {
    run_.troubles.add(
        fmt::format("kafka: the {} {} could not be removed: {}", what, run_.name, error.what()));
  }
}

}  // namespace spate::drivers::kafka
