// What each driver implements, in its folder, for the list in driver_list.cc. Where a driver is not
// built its functions are not there.
#pragma once

#include <memory>

#include "spate/drivers/broker.h"

namespace spate::drivers {

std::unique_ptr<Broker> open_redis(const BrokerOptions& options);
std::unique_ptr<LocalBroker> start_redis(const StartOptions& options);

std::unique_ptr<Broker> open_nats(const BrokerOptions& options);
std::unique_ptr<LocalBroker> start_nats(const StartOptions& options);

std::unique_ptr<Broker> open_rabbitmq(const BrokerOptions& options);
std::unique_ptr<LocalBroker> start_rabbitmq(const StartOptions& options);

std::unique_ptr<Broker> open_kafka(const BrokerOptions& options);
std::unique_ptr<LocalBroker> start_kafka(const StartOptions& options);

}  // namespace spate::drivers
