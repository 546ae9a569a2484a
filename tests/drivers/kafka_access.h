// Kafka by librdkafka alone.
#pragma once

#include "broker_access.h"

namespace spate::testing_support {

BrokerAccess kafka_access();

}  // namespace spate::testing_support
