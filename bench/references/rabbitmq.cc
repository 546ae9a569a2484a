// rabbitmq-c alone.
#include <amqp.h>
#include <amqp_tcp_socket.h>
#include <fmt/format.h>
#include <sys/time.h>

#include <algorithm>
#include <array>
#include <memory>
#include <utility>
#include <vector>

#include "interrupt.h"
#include "references.h"
#include "spate/error.h"

namespace spate::bench {
namespace {

using drivers::Address;

constexpr amqp_channel_t kChannel = 1;
constexpr std::uint16_t kAhead = 256;  // so many messages are pushed before one is acknowledged

amqp_bytes_t bytes_of(const std::string& text) {
  return {text.size(), const_cast<char*>(text.data())};
}

std::string setting(const Address& address, const char* name, const char* otherwise) {
  const auto found = address.settings.find(name);
  return found == address.settings.end() ? otherwise : found->second;
}

class Client {
 public:
  explicit Client(const Address& address) : state_(amqp_new_connection()) {
    if (address.scheme == "amqps") {
      throw Error("rabbitmq, reference: it has no TLS");
    }
    amqp_socket_t* const socket = amqp_tcp_socket_new(state_.get());
    check(amqp_socket_open(socket, address.first().host.c_str(), address.first().port));
    const bool nobody = address.user.empty() && address.password.empty();
    check_answer(amqp_login(get(), address.path.empty() ? "/" : address.path.c_str(), 0,
                            AMQP_DEFAULT_FRAME_SIZE, 0, AMQP_SASL_METHOD_PLAIN,
                            nobody ? "guest" : address.user.c_str(),
                            nobody ? "guest" : address.password.c_str()));
    amqp_channel_open(get(), kChannel);
    check_answer();
  }

  amqp_connection_state_t get() const { return state_.get(); }

  // The next frame that has come, or null.
  const amqp_frame_t* next() {
    timeval now{};
    amqp_maybe_release_buffers(get());
    const int status = amqp_simple_wait_frame_noblock(get(), &frame_, &now);
    if (status == AMQP_STATUS_TIMEOUT) {
      return nullptr;
    }
    check(status);
    return &frame_;
  }

  static void check(int status) {
    if (status != AMQP_STATUS_OK) {
      throw Error(fmt::format("rabbitmq, reference: {}", amqp_error_string2(status)));
    }
  }
  void check_answer() const { check_answer(amqp_get_rpc_reply(get())); }
  static void check_answer(const amqp_rpc_reply_t& reply) {
    if (reply.reply_type != AMQP_RESPONSE_NORMAL) {
      throw Error(
          fmt::format("rabbitmq, reference: {}", reply.reply_type == AMQP_RESPONSE_LIBRARY_EXCEPTION
                                                     ? amqp_error_string2(reply.library_error)
                                                     : "the server refuses"));
    }
  }

 private:
  struct Free {
    void operator()(amqp_connection_state_t_* state) const { amqp_destroy_connection(state); }
  };
  std::unique_ptr<amqp_connection_state_t_, Free> state_;
  amqp_frame_t frame_{};
};

// A queue as long as this object lives.
class Queue {
 public:
  Queue(const Address& address, std::string name) : client_(address), name_(std::move(name)) {
    const std::string type = setting(address, "queue", "classic");
    constexpr std::int32_t kUnusedMs = 3'600'000;
    std::array<amqp_table_entry_t, 2> arguments{};
    arguments[0].key = amqp_cstring_bytes("x-expires");
    arguments[0].value.kind = AMQP_FIELD_KIND_I32;
    arguments[0].value.value.i32 = kUnusedMs;
    arguments[1].key = amqp_cstring_bytes("x-queue-type");
    arguments[1].value.kind = AMQP_FIELD_KIND_UTF8;
    arguments[1].value.value.bytes = bytes_of(type);
    amqp_queue_declare(client_.get(), kChannel, bytes_of(name_), 0, /*durable=*/1, 0, 0,
                       {static_cast<int>(arguments.size()), arguments.data()});
    client_.check_answer();
  }
  ~Queue() { amqp_queue_delete(client_.get(), kChannel, bytes_of(name_), 0, 0); }
  Queue(const Queue&) = delete;
  Queue& operator=(const Queue&) = delete;

  const std::string& name() const { return name_; }

 private:
  Client client_;
  std::string name_;
};

// Each message is confirmed.
class Sender {
 public:
  Sender(const Address& address, std::string queue, std::uint64_t messages)
      : client_(address),
        queue_(std::move(queue)),
        body_(kReferenceBytes, 'x'),
        confirmed_by_tag_(messages + 1) {
    properties_._flags = AMQP_BASIC_DELIVERY_MODE_FLAG;
    properties_.delivery_mode = setting(address, "persistent", "yes") == "yes"
                                    ? AMQP_DELIVERY_PERSISTENT
                                    : AMQP_DELIVERY_NONPERSISTENT;
    amqp_confirm_select(client_.get(), kChannel);
    client_.check_answer();
  }

  void send() {
    Client::check(amqp_basic_publish(client_.get(), kChannel, amqp_empty_bytes, bytes_of(queue_), 0,
                                     0, &properties_, bytes_of(body_)));
    ++sent_;
  }
  void take_answers() {
    while (const amqp_frame_t* const frame = client_.next()) {
      if (frame->frame_type != AMQP_FRAME_METHOD ||
          frame->payload.method.id != AMQP_BASIC_ACK_METHOD) {
        throw Error("rabbitmq, reference: a message was refused");
      }
      const auto& ack = *static_cast<const amqp_basic_ack_t*>(frame->payload.method.decoded);
      for (std::uint64_t tag = ack.multiple != 0 ? first_open_ : ack.delivery_tag;
           tag <= ack.delivery_tag; ++tag) {
        confirmed_ += confirmed_by_tag_[tag] ? 0U : 1U;
        confirmed_by_tag_[tag] = true;
      }
      while (first_open_ <= sent_ && confirmed_by_tag_[first_open_]) {
        ++first_open_;
      }
    }
  }

  std::uint64_t sent() const { return sent_; }
  std::uint64_t confirmed() const { return confirmed_; }

 private:
  Client client_;
  std::string queue_;
  std::string body_;
  amqp_basic_properties_t properties_{};
  std::vector<bool> confirmed_by_tag_;
  std::uint64_t first_open_ = 1;
  std::uint64_t sent_ = 0;
  std::uint64_t confirmed_ = 0;
};

// The server pushes; each batch is acknowledged at once.
class Receiver {
 public:
  Receiver(const Address& address, const std::string& queue) : client_(address) {
    amqp_basic_qos(client_.get(), kChannel, 0, kAhead, 0);
    client_.check_answer();
    amqp_basic_consume(client_.get(), kChannel, bytes_of(queue), amqp_empty_bytes, 0, 0, 0,
                       amqp_empty_table);
    client_.check_answer();
  }

  // How many messages have come.
  std::uint64_t receive() {
    std::uint64_t count = 0;
    while (count < 2 * kReferenceBatch) {
      const amqp_frame_t* const frame = client_.next();
      if (frame == nullptr) {
        break;
      }
      if (frame->frame_type == AMQP_FRAME_METHOD &&
          frame->payload.method.id == AMQP_BASIC_DELIVER_METHOD) {
        arriving_ =
            static_cast<const amqp_basic_deliver_t*>(frame->payload.method.decoded)->delivery_tag;
      } else if (frame->frame_type == AMQP_FRAME_BODY) {
        read_ = arriving_;
        ++count;  // each has one frame of content
      }
    }
    if (count > 0) {
      Client::check(amqp_basic_ack(client_.get(), kChannel, read_, /*multiple=*/1));
    }
    return count;
  }

 private:
  Client client_;
  std::uint64_t arriving_ = 0;  // the tag of what was announced
  std::uint64_t read_ = 0;      // and of what has come
};

}  // namespace

void rabbitmq_publish(const Address& address, const std::string& name, Load& load) {
  const Queue queue(address, name);
  Sender sender(address, name, load.messages());
  load.begin();
  while (sender.confirmed() < load.messages() && !interrupted()) {
    const std::uint64_t before = sender.sent() + sender.confirmed();
    for (const std::uint64_t allowed = load.allowed(sender.confirmed()); sender.sent() < allowed;) {
      sender.send();
    }
    sender.take_answers();
    give_way(sender.sent() + sender.confirmed() == before);
  }
  load.end();
}

void rabbitmq_deliver(const Address& address, const std::string& name, Load& load) {
  const Queue queue(address, name);
  Receiver receiver(address, name);
  Sender sender(address, name, load.messages());
  std::uint64_t received = 0;
  load.begin();
  while (received < load.messages() && !interrupted()) {
    const std::uint64_t before = sender.sent() + received;
    const std::uint64_t end = std::min(load.allowed(received), sender.sent() + kReferenceBatch);
    while (sender.sent() < end) {
      sender.send();
    }
    sender.take_answers();
    received += receiver.receive();
    load.come(received);
    give_way(sender.sent() + received == before);
  }
  load.end();
}

}  // namespace spate::bench
