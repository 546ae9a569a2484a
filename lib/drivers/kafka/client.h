// Clients of a Kafka cluster: librdkafka's objects, and how we use all of them.
#pragma once

#include <librdkafka/rdkafka.h>

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "spate/drivers/address.h"
#include "spate/drivers/backoff.h"
#include "spate/drivers/destroy.h"
#include "spate/drivers/troubles.h"
#include "way.h"

namespace spate::drivers::kafka {

// One property of librdkafka's configuration.
using Property = std::pair<const char*, std::string>;

// How a cluster is reached.
struct Connection {
  Address address;
  std::int64_t timeout_ns;
  Detour detour;
};

// A time as librdkafka takes it: at least 1 ms, at most what it allows for its network times.
int milliseconds(std::int64_t ns);

// How long the steps of a connection may take that a run's handle makes: the library has one limit
// for the first attempt and for every later one.
constexpr std::int64_t run_setup_ns(const Connection& connection) {
  return attempt_limit_ns(connection.timeout_ns, 0);
}

// What the library has to say of a client, it says in Client::poll, on the thread that calls it.
class Listener {
 public:
  Listener() = default;
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;
  virtual ~Listener() = default;

  // `text` names the broker, where it is the connection to one: that the library makes anew by
  // itself.
  virtual void failed(rd_kafka_resp_err_t code, const std::string& text) noexcept = 0;
  // What was read could not be acknowledged.
  virtual void not_acknowledged(rd_kafka_resp_err_t /*code*/) noexcept {}
  // How a message that was produced has ended.
  virtual void ended(const rd_kafka_message_t& /*message*/) noexcept {}
};

// Writes down what goes wrong in a run.
class WritesDown : public Listener {
 public:
  explicit WritesDown(Troubles& troubles) : troubles_(troubles) {}
  void failed(rd_kafka_resp_err_t code, const std::string& text) noexcept override;
  void not_acknowledged(rd_kafka_resp_err_t code) noexcept override;

 protected:
  Troubles& troubles() { return troubles_; }
  // A connection that the run needs. Those by which the cluster was found are done with.
  static bool is_lost(rd_kafka_resp_err_t code, std::string_view text);

 private:
  Troubles& troubles_;
};

// Whom the library's callbacks are for.
struct CalledBack {
  Listener& listener;
  Detour detour;
};

struct DestroyClient {
  void operator()(rd_kafka_t* client) const noexcept;
};
using Topic = std::unique_ptr<rd_kafka_topic_t, Destroy<rd_kafka_topic_destroy>>;
using Queue = std::unique_ptr<rd_kafka_queue_t, Destroy<rd_kafka_queue_destroy>>;
using Partitions = std::unique_ptr<rd_kafka_topic_partition_list_t,
                                   Destroy<rd_kafka_topic_partition_list_destroy>>;

// The library connects, sends, receives and reconnects on threads of its own. It shows nothing of
// that on stderr. One thread of ours.
class Client {
 public:
  // `setup_ns`: so long a connection may take for each step before it can be used, give or take a
  // second; then the library drops it, and makes another one. The listener must outlive it. Throws
  // Error when the library does not take the settings.
  Client(rd_kafka_type_t kind, const Connection& connection, std::int64_t setup_ns,
         std::initializer_list<Property> properties, Listener& listener);

  rd_kafka_t* get() const { return client_.get(); }
  // Calls the listener. Never waits.
  void poll() noexcept { rd_kafka_poll(client_.get(), 0); }

  Topic topic(const std::string& name);
  // Waits until the partition's leader has answered, so that the connection is there before it is
  // needed. Throws Error.
  void reach(const std::string& topic, std::int32_t partition);

 private:
  Connection connection_;
  std::unique_ptr<CalledBack> called_back_;  // the library has its address
  std::unique_ptr<rd_kafka_t, DestroyClient> client_;
};

}  // namespace spate::drivers::kafka
