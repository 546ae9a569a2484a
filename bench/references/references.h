// What Spate's way through a broker is measured against: bare loops over the client libraries, each
// written as the bound. The same server, size of message, number in flight and batches; and
// nothing else: no schedule, no draws, no content, no checksum, no clock, no ledger.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <thread>

#include "spate/drivers/address.h"

namespace spate::bench {

// Of one message, as the broker sees it.
inline constexpr std::size_t kReferenceBytes = 128;
// Publishing alone: as many in flight as nine connections have that pipeline sixteen each.
inline constexpr std::size_t kPublishInFlight = std::size_t{9} * 16;
// The whole path: nine agents with the default window.
inline constexpr std::size_t kDeliverInFlight = std::size_t{9} * 64;
inline constexpr std::size_t kReferenceBatch = 64;

// As a worker does: the server, or the library's threads, may need this core.
inline void give_way(bool idle) {
  if (idle) {
    std::this_thread::yield();
  }
}

// Is told when a loop begins and when it has ended: neither setting up nor clearing away is
// measured.
class Stopwatch {
 public:
  Stopwatch() = default;
  Stopwatch(const Stopwatch&) = delete;
  Stopwatch& operator=(const Stopwatch&) = delete;
  virtual ~Stopwatch() = default;
  virtual void begin() = 0;
  virtual void end() = 0;
};

// A loop for each: sends `messages` and returns when all of them were acknowledged; or received and
// acknowledged to the broker. `name`: for what the broker is to make; it is removed afterwards.
// Throws Error. Ends early when interrupted() is true.
using Reference = void (*)(const drivers::Address& address, const std::string& name,
                           std::uint64_t messages, Stopwatch& stopwatch);
struct BrokerReference {
  std::string_view mode;
  Reference publish;
  Reference deliver;
};

void redis_publish(const drivers::Address& address, const std::string& name, std::uint64_t messages,
                   Stopwatch& stopwatch);
void redis_deliver(const drivers::Address& address, const std::string& name, std::uint64_t messages,
                   Stopwatch& stopwatch);
void nats_publish(const drivers::Address& address, const std::string& name, std::uint64_t messages,
                  Stopwatch& stopwatch);
void nats_deliver(const drivers::Address& address, const std::string& name, std::uint64_t messages,
                  Stopwatch& stopwatch);
void rabbitmq_publish(const drivers::Address& address, const std::string& name,
                      std::uint64_t messages, Stopwatch& stopwatch);
void rabbitmq_deliver(const drivers::Address& address, const std::string& name,
                      std::uint64_t messages, Stopwatch& stopwatch);
void kafka_publish(const drivers::Address& address, const std::string& name, std::uint64_t messages,
                   Stopwatch& stopwatch);
void kafka_deliver(const drivers::Address& address, const std::string& name, std::uint64_t messages,
                   Stopwatch& stopwatch);

}  // namespace spate::bench
