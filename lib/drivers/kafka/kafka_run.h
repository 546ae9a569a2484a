// What the handles of one run share.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>

#include "backlog.h"
#include "client.h"
#include "spate/drivers/envelope.h"
#include "spate/drivers/troubles.h"
#include "spate/message.h"

namespace spate::drivers::kafka {

// What the address asks for.
struct Durability {
  std::string acks;         // all, 1 or 0
  std::string idempotence;  // yes or no
  std::int16_t replicas;    // -1: as many as the cluster gives a topic by itself
};

// Immutable during the run but for the troubles and the backlog.
struct KafkaRun {
  Connection connection;
  Durability durability;
  Troubles& troubles;
  std::uint32_t workers;
  std::uint32_t capacity;
  Envelope envelope;
  std::string name;                        // and the consumers' group
  std::array<std::string, kLanes> topics;  // by lane; a partition for each receiving worker
  std::unique_ptr<Backlog> backlog;        // over a stand-in only; by place_of()
};

}  // namespace spate::drivers::kafka
