// Kafka by librdkafka alone.
#pragma once

#include <memory>
#include <string>

#include "broker_access.h"
#include "kafka/stand_in.h"

namespace spate::testing_support {

BrokerAccess kafka_access();
// That the run of this name has. Throws Error.
std::shared_ptr<drivers::kafka::StandIn> kafka_stand_in_of(const std::string& run);

}  // namespace spate::testing_support
