#include "rabbitmq_access.h"

#include <amqp.h>
#include <amqp_tcp_socket.h>
#include <fmt/format.h>

#include <memory>

#include "spate/error.h"

namespace spate::testing_support {
namespace {

using drivers::Address;

constexpr amqp_channel_t kChannel = 1;

amqp_bytes_t bytes_of(const std::string& text) {
  return {text.size(), const_cast<char*>(text.data())};
}

// As guest, with a channel, for as long as nothing is refused: then the server closes the channel.
class Client {
 public:
  explicit Client(const Address& address) : state_(amqp_new_connection()) {
    amqp_socket_t* const socket = amqp_tcp_socket_new(state_.get());
    check(amqp_socket_open(socket, address.first().host.c_str(), address.first().port) ==
          AMQP_STATUS_OK);
    const std::string host = address.path.empty() ? "/" : address.path;
    check(amqp_login(state_.get(), host.c_str(), 0, AMQP_DEFAULT_FRAME_SIZE, 0,
                     AMQP_SASL_METHOD_PLAIN, "guest", "guest")
              .reply_type == AMQP_RESPONSE_NORMAL);
    check(amqp_channel_open(state_.get(), kChannel) != nullptr);
  }

  amqp_connection_state_t state() const { return state_.get(); }
  static void check(bool fine) {
    if (!fine) {
      throw Error("rabbitmq, by rabbitmq-c alone: it did not work");
    }
  }

 private:
  struct Free {
    void operator()(amqp_connection_state_t_* state) const { amqp_destroy_connection(state); }
  };
  std::unique_ptr<amqp_connection_state_t_, Free> state_;
};

// In a transaction, since its end has an answer.
void send(const Address& address, const std::string& run, std::span<const std::byte> bytes) {
  const Client client(address);
  const std::string queue = run + ".0.normal";
  Client::check(amqp_tx_select(client.state(), kChannel) != nullptr);
  Client::check(
      amqp_basic_publish(client.state(), kChannel, amqp_empty_bytes, bytes_of(queue), 0, 0, nullptr,
                         {bytes.size(), const_cast<std::byte*>(bytes.data())}) == AMQP_STATUS_OK);
  Client::check(amqp_tx_commit(client.state(), kChannel) != nullptr);
}

// AMQP cannot list queues, it can only be asked for one: these are all that a run of up to two
// workers has.
std::vector<std::string> names(const Address& address, const std::string& beginning) {
  std::vector<std::string> found;
  for (const char* const ending : {"", ".0.urgent", ".0.normal", ".1.urgent", ".1.normal"}) {
    const std::string queue = beginning + ending;
    if (rabbitmq_queue(address, queue)) {
      found.push_back(queue);
    }
  }
  return found;
}

void make(const Address& address, const std::string& name) {
  const Client client(address);
  Client::check(amqp_queue_declare(client.state(), kChannel, bytes_of(name), 0, /*durable=*/1, 0, 0,
                                   amqp_empty_table) != nullptr);
}

}  // namespace

BrokerAccess rabbitmq_access() { return {"rabbitmq", send, names, make}; }

std::optional<RabbitmqQueue> rabbitmq_queue(const Address& address, const std::string& queue) {
  const Client client(address);
  const amqp_queue_declare_ok_t* const there = amqp_queue_declare(
      client.state(), kChannel, bytes_of(queue), /*passive=*/1, 0, 0, 0, amqp_empty_table);
  if (there != nullptr) {
    return RabbitmqQueue{there->message_count, there->consumer_count};
  }
  const amqp_rpc_reply_t refusal = amqp_get_rpc_reply(client.state());
  Client::check(refusal.reply_type == AMQP_RESPONSE_SERVER_EXCEPTION &&
                refusal.reply.id == AMQP_CHANNEL_CLOSE_METHOD &&
                static_cast<const amqp_channel_close_t*>(refusal.reply.decoded)->reply_code ==
                    AMQP_NOT_FOUND);
  return std::nullopt;
}

void rabbitmq_delete(const Address& address, const std::string& queue) {
  const Client client(address);
  Client::check(amqp_queue_delete(client.state(), kChannel, bytes_of(queue), 0, 0) != nullptr);
}

}  // namespace spate::testing_support
