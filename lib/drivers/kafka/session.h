// For what happens before and after a run.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "client.h"

namespace spate::drivers::kafka {

// A client that asks and waits, at most the connection's timeout for each answer. One thread.
class Session {
 public:
  // Waits until a broker has answered. Throws Error with what is wrong and what to do about it.
  explicit Session(const Connection& connection);

  int brokers() const { return brokers_; }
  // With `only_try` the cluster says whether it would, and does nothing. Throws Error.
  void make_topic(const std::string& name, std::int32_t partitions, std::int16_t replicas,
                  bool only_try = false);
  // Throws Error.
  void remove_topic(const std::string& name);
  // One that is not there, since nobody ever acknowledged anything, is fine. Throws Error.
  void remove_group(const std::string& name);

 private:
  // The last error of a connection that tells something.
  struct Heard final : Listener {
    void failed(rd_kafka_resp_err_t code, const std::string& text) noexcept override;
    rd_kafka_resp_err_t code = RD_KAFKA_RESP_ERR_NO_ERROR;
    std::string text;
    bool nobody = false;  // every broker of the address was tried
  };

  using Event = std::unique_ptr<rd_kafka_event_t, Destroy<rd_kafka_event_destroy>>;

  void await_broker();
  [[noreturn]] void fail() const;
  // Begins an operation, and waits for what comes of it. Throws Error when that is nothing.
  Event outcome(std::string_view what, const std::function<void(rd_kafka_queue_t*)>& begin);

  Connection connection_;
  Heard heard_;
  Client client_;
  int brokers_ = 0;
};

}  // namespace spate::drivers::kafka
