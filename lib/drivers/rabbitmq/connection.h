// One connection to a RabbitMQ server, from its first byte to its last.
//
// rabbitmq-c reads and writes sockets by calls that wait, so it is only the dictionary here: it
// knows what methods look like. The bytes go by Stream, which never waits.
#pragma once

#include <amqp.h>

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "frames.h"
#include "spate/clock.h"
#include "spate/drivers/address.h"
#include "spate/drivers/destroy.h"
#include "stream.h"

namespace spate::drivers::rabbitmq {

// Who is to be connected to, and as whom.
struct Login {
  // Throws Error.
  Login(const Address& given, std::int64_t timeout_ns);

  Address address;
  std::string virtual_host;
  std::string response;          // user and password, as the protocol's PLAIN has them
  std::uint16_t heartbeat_s;     // as we want it
  std::shared_ptr<SSL_CTX> tls;  // null: without
};

// One thread. Not movable: the library's state and the bytes that it refers to stay where they are.
class Connection {
 public:
  // Begins to connect.
  Connection(const Login& login, const SocketAddress& where);
  // Takes its leave of the server, without waiting for an answer.
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // Whether the server has let us in; before that, nothing may be appended to the outbox.
  bool open() const { return open_; }
  bool lost() const { return !why_.empty(); }
  const std::string& why() const { return why_; }
  // The code with which the server closed the connection or a channel; 0 where it did not.
  int refusal() const { return refusal_; }
  // Whether the server ever said something in AMQP.
  bool greeted() const { return greeted_; }
  // Not empty: the server takes no messages now, and says why.
  const std::string& blocked() const { return blocked_; }

  // For appending to what is to be written.
  std::string& outbox() { return outbox_; }
  bool all_written() const { return outbox_.empty(); }
  // As much as the socket takes.
  void write() noexcept;
  // The next frame that is not about the connection itself, or null. It is valid until the next
  // call.
  const amqp_frame_t* receive() noexcept;
  void lose(std::string why) noexcept;
  // Tells the server that we go; its answer makes the connection a lost one. Precondition: open().
  void begin_to_close() noexcept;

  // After twice this time without a byte from the other end, nobody is there.
  std::uint16_t heartbeat_s() const { return heartbeat_s_; }
  std::int64_t heard_ns() const { return heard_ns_; }
  std::int64_t wrote_ns() const { return wrote_ns_; }
  std::size_t most_frame_bytes() const { return most_frame_bytes_; }
  // "rabbitmq 3.10.8"; other servers have other names.
  const std::string& product() const { return product_; }
  const Stream& stream() const { return stream_; }

 private:
  bool fill() noexcept;
  const amqp_frame_t* decode() noexcept;
  bool is_own(const amqp_frame_t& frame) noexcept;
  void answer(const amqp_frame_t& frame);
  void take_start(const amqp_connection_start_t& start);
  void take_tune(const amqp_connection_tune_t& tune);
  template <class Close>
  void take_close(const Close& close);

  const Login& login_;
  Stream stream_;
  SteadyClock clock_;
  std::unique_ptr<amqp_connection_state_t_, Destroy<amqp_destroy_connection>> state_;
  amqp_frame_t frame_{};
  std::string outbox_;
  std::size_t written_ = 0;  // of the outbox
  std::vector<char> inbox_;
  std::span<char> unread_;
  std::size_t most_frame_bytes_ = AMQP_FRAME_MIN_SIZE;
  std::uint16_t heartbeat_s_;
  std::int64_t heard_ns_;
  std::int64_t wrote_ns_;
  std::string why_;
  int refusal_ = 0;
  std::string blocked_;
  std::string product_;
  bool greeted_ = false;
  bool open_ = false;
  bool closing_ = false;
};

}  // namespace spate::drivers::rabbitmq
