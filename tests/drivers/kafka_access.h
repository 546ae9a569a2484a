// Kafka by librdkafka alone.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "broker_access.h"
#include "kafka/stand_in.h"

namespace spate::testing_support {

BrokerAccess kafka_access();
// So many messages of the normal lane of receiving worker 0 are acknowledged; negative: none.
std::int64_t kafka_committed(const std::string& run);
// That the run of this name has. Throws Error.
std::shared_ptr<drivers::kafka::StandIn> kafka_stand_in_of(const std::string& run);

}  // namespace spate::testing_support
