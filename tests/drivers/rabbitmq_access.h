// RabbitMQ by rabbitmq-c alone.
#pragma once

#include <cstdint>
#include <optional>

#include "broker_access.h"

namespace spate::testing_support {

BrokerAccess rabbitmq_access();

// How many messages wait in a queue, besides those that a consumer has; nothing where there is no
// queue of that name. Throws Error when the server does not answer.
std::optional<std::uint32_t> rabbitmq_waiting(const drivers::Address& address,
                                              const std::string& queue);

}  // namespace spate::testing_support
