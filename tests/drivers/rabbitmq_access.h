// RabbitMQ by rabbitmq-c alone.
#pragma once

#include <cstdint>
#include <optional>

#include "broker_access.h"

namespace spate::testing_support {

BrokerAccess rabbitmq_access();

struct RabbitmqQueue {
  std::uint32_t waiting = 0;  // messages, besides those that a consumer has
  std::uint32_t consumers = 0;
};
// Nothing where there is no queue of that name. Throws Error when the server does not answer.
std::optional<RabbitmqQueue> rabbitmq_queue(const drivers::Address& address,
                                            const std::string& queue);
// Throws Error.
void rabbitmq_delete(const drivers::Address& address, const std::string& queue);

}  // namespace spate::testing_support
