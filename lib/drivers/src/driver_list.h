// What each driver implements, in its folder, for the list in driver_list.cc. Where a driver is not
// built its functions are not there.
#pragma once

#include <cstdint>
#include <memory>

#include "spate/drivers/broker.h"

namespace spate::drivers {

std::unique_ptr<Broker> open_redis(const BrokerOptions& options);
std::unique_ptr<LocalBroker> start_redis(std::int64_t timeout_ns);

std::unique_ptr<Broker> open_nats(const BrokerOptions& options);
std::unique_ptr<LocalBroker> start_nats(std::int64_t timeout_ns);

std::unique_ptr<Broker> open_rabbitmq(const BrokerOptions& options);
std::unique_ptr<LocalBroker> start_rabbitmq(std::int64_t timeout_ns);

std::unique_ptr<Broker> open_kafka(const BrokerOptions& options);
std::unique_ptr<LocalBroker> start_kafka(std::int64_t timeout_ns);

}  // namespace spate::drivers
