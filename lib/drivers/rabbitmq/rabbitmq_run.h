// What the handles of one run share.
#pragma once

#include <amqp.h>

#include <cstdint>
#include <string>
#include <vector>

#include "connection.h"
#include "spate/drivers/envelope.h"
#include "spate/drivers/troubles.h"

namespace spate::drivers::rabbitmq {

// How durable the run is to be.
struct Keeping {
  bool persistent = true;         // messages are written to disk
  std::string queue = "classic";  // the type of the queues
};

// Immutable during the run but for the troubles.
struct RabbitmqRun {
  const Login& login;
  std::int64_t timeout_ns;
  Troubles& troubles;
  Keeping keeping;
  std::uint32_t workers;
  std::uint32_t capacity;
  Envelope envelope;
  std::string name;
  std::vector<std::string> queues;  // by place_of()
};

}  // namespace spate::drivers::rabbitmq
