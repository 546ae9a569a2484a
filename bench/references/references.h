// What Spate's way through a broker is measured against: bare loops over the client libraries, each
// written as the bound. The same server, size of message, number in flight and batches; and
// nothing else: no draws, no content, no checksum, no clock but the load's, no ledger.
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

// What a loop is to send, and is told how far it is.
class Load {
 public:
  explicit Load(std::uint64_t messages) : messages_(messages) {}
  Load(const Load&) = delete;
  Load& operator=(const Load&) = delete;
  virtual ~Load() = default;

  std::uint64_t messages() const { return messages_; }
  // Neither setting up, before, nor clearing away, after it, is measured.
  virtual void begin() = 0;
  virtual void end() = 0;
  // So many may have been sent by now, of which so many have come. Any thread.
  virtual std::uint64_t allowed(std::uint64_t come) const = 0;
  // So many have come by now, in the order in which they were sent. One thread.
  virtual void come(std::uint64_t /*messages*/) {}

 private:
  std::uint64_t messages_;
};

// A loop for each: sends the load and returns when all of it was acknowledged; or received and
// acknowledged to the broker. `name`: for what the broker is to make; it is removed afterwards.
// Throws Error. Ends early when interrupted() is true.
using Reference = void (*)(const drivers::Address& address, const std::string& name, Load& load);
struct BrokerReference {
  std::string_view mode;
  Reference publish;
  Reference deliver;
};

void redis_publish(const drivers::Address& address, const std::string& name, Load& load);
void redis_deliver(const drivers::Address& address, const std::string& name, Load& load);
void nats_publish(const drivers::Address& address, const std::string& name, Load& load);
void nats_deliver(const drivers::Address& address, const std::string& name, Load& load);
void rabbitmq_publish(const drivers::Address& address, const std::string& name, Load& load);
void rabbitmq_deliver(const drivers::Address& address, const std::string& name, Load& load);
void kafka_publish(const drivers::Address& address, const std::string& name, Load& load);
void kafka_deliver(const drivers::Address& address, const std::string& name, Load& load);

}  // namespace spate::bench
