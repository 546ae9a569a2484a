// What the handles of one run share.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "backlog.h"
#include "client.h"
#include "spate/drivers/envelope.h"
#include "spate/drivers/troubles.h"

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
  std::string name;                  // of the topic, and of the consumers' group
  std::unique_ptr<Backlog> backlog;  // over a stand-in only

  // A message that is not on its way after all, or no longer.
  void forget(const rd_kafka_message_t& message) const noexcept {
    if (backlog != nullptr) {
      backlog->remove(static_cast<std::size_t>(message.partition), message.len);
    }
  }
};

}  // namespace spate::drivers::kafka
