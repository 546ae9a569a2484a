// What happens before and after a run, by steps that are waited for.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "connection.h"
#include "declaration.h"

namespace spate::drivers::rabbitmq {

// What a connection begins with, once it is open: what the server answers, so many times, and then
// what it does not answer. (Between two channels there is no order: the one's messages could come
// before the other's answers.)
struct Prologue {
  std::string frames;
  std::size_t answers = 0;
  std::string afterwards;

  template <class Method>
  void add(amqp_channel_t channel, amqp_method_number_t name, Method method) {
    append_method(frames, channel, name, method);
    ++answers;
  }
  // That a queue is there: the server refuses to go on where it is not.
  void look_for(amqp_channel_t channel, std::string_view queue) {
    amqp_queue_declare_t look{};
    look.queue = bytes_of(queue);
    look.passive = 1;
    add(channel, AMQP_QUEUE_DECLARE_METHOD, look);
  }
  // The same, and it is made where it is not there.
  void make(amqp_channel_t channel, std::string_view queue, std::string_view type) {
    add(channel, AMQP_QUEUE_DECLARE_METHOD, Declaration(queue, type, kUnusedSeconds).method());
  }
};

// The usual one, and one for a server that does not have the queues any more.
struct Prologues {
  Prologue usual;
  Prologue anew;
};

// A connection that may take at most `timeout_ns` for each step, and for each address that the
// host's name stands for. All that it is asked for is on one
// channel. One thread.
class Session {
 public:
  static constexpr amqp_channel_t kChannel = 1;

  // Throws Error with what is wrong and what to do about it.
  Session(const Login& login, std::int64_t timeout_ns);
  // Takes its leave of the server and waits for the answer, though not long.
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  // These throw Error when the server refuses, or does not answer.
  void open_channel();
  void perform(const Prologue& prologue);
  // Sends a method and waits for the answer of that name; it is valid until the next call.
  template <class Method>
  const amqp_frame_t& ask(amqp_method_number_t name, Method method, amqp_method_number_t answer) {
    append_method(connection_->outbox(), kChannel, name, method);
    return await(answer);
  }
  const amqp_frame_t& await(amqp_method_number_t answer);
  // That a message has been kept.
  void await_confirmation();
  // That what was asked for by basic.get is there.
  void await_message();

  Connection& connection() { return *connection_; }
  const SocketAddress& where() const { return where_; }
  // The connection, for other uses; nothing more can be done with this object.
  std::unique_ptr<Connection> release() { return std::move(connection_); }

 private:
  void connect();
  const amqp_frame_t& next();
  bool wait_until(std::int64_t deadline_ns);
  [[noreturn]] void fail() const;
  std::string advice() const;

  const Login& login_;
  std::int64_t timeout_ns_;
  SteadyClock clock_;
  SocketAddress where_;
  std::unique_ptr<Connection> connection_;
};

}  // namespace spate::drivers::rabbitmq
