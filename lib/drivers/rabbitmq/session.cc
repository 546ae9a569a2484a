#include "session.h"

#include <fmt/format.h>
#include <poll.h>

#include <algorithm>
#include <cerrno>

#include "spate/error.h"

namespace spate::drivers::rabbitmq {
namespace {

// Reply codes of the protocol, as RabbitMQ uses them.
constexpr int kAccessRefused = 403;
constexpr int kPreconditionFailed = 406;
constexpr int kNotAllowed = 530;

// Whether the server has seen us go is nothing to wait long for.
constexpr std::int64_t kMostLeaveNs = 1'000'000'000;

double seconds(std::int64_t ns) { return static_cast<double>(ns) / 1e9; }

}  // namespace

Session::Session(const Login& login, std::int64_t timeout_ns)
    : login_(login), timeout_ns_(timeout_ns) {
  std::vector<SocketAddress> addresses;
  try {
    addresses = resolve(login.address.first());
  } catch (const Error& error) {
    throw Error(fmt::format("rabbitmq: no server at {}: {}; check the host's name",
                            login.address.shown(), error.what()));
  }
  for (const SocketAddress& address : addresses) {
    where_ = address;
    connect();
    if (connection_->open()) {
      return;
    }
    if (connection_->stream().connected()) {
      break;  // there is somebody, whom the other addresses would only hide
    }
  }
  fail();
}

Session::~Session() {
  if (connection_ == nullptr || !connection_->open() || connection_->lost()) {
    return;
  }
  connection_->begin_to_close();
  const std::int64_t deadline_ns = clock_.now_ns() + std::min(timeout_ns_, kMostLeaveNs);
  do {
    while (connection_->receive() != nullptr) {
    }
    connection_->write();
  } while (!connection_->lost() && wait_until(deadline_ns));
}

// It reads first: that may be what ends a handshake of TLS, after which there is something to
// write; and what finds that there is no socket to wait for.
void Session::connect() {
  connection_ = std::make_unique<Connection>(login_, where_);
  const std::int64_t deadline_ns = clock_.now_ns() + timeout_ns_;
  do {
    connection_->receive();
    connection_->write();
  } while (!connection_->open() && !connection_->lost() && wait_until(deadline_ns));
}

void Session::open_channel() {
  ask(AMQP_CHANNEL_OPEN_METHOD, amqp_channel_open_t{}, AMQP_CHANNEL_OPEN_OK_METHOD);
}

void Session::perform(const Prologue& prologue) {
  connection_->outbox() += prologue.frames;
  for (std::size_t answer = 0; answer < prologue.answers; ++answer) {
    next();
  }
  connection_->outbox() += prologue.afterwards;
  connection_->write();
}

const amqp_frame_t& Session::await(amqp_method_number_t answer) {
  for (;;) {
    const amqp_frame_t& frame = next();
    if (frame.frame_type == AMQP_FRAME_METHOD && frame.payload.method.id == answer) {
      return frame;
    }
  }
}

void Session::await_confirmation() {
  for (;;) {
    const amqp_frame_t& frame = next();
    if (method_in<amqp_basic_ack_t>(frame, AMQP_BASIC_ACK_METHOD) != nullptr) {
      return;
    }
    if (method_in<amqp_basic_nack_t>(frame, AMQP_BASIC_NACK_METHOD) != nullptr) {
      throw Error(
          fmt::format("rabbitmq: the server at {} takes no message: a policy leaves no room in "
                      "queues named spate-*, or it could not keep one; look at its policies",
                      login_.address.shown()));
    }
  }
}

const amqp_frame_t& Session::next() {
  const std::int64_t deadline_ns = clock_.now_ns() + timeout_ns_;
  connection_->write();
  for (;;) {
    if (const amqp_frame_t* const frame = connection_->receive()) {
      return *frame;
    }
    if (connection_->lost() || !wait_until(deadline_ns)) {
      fail();
    }
    connection_->write();
  }
}

void Session::await_message() {
  for (;;) {
    const amqp_frame_t& frame = next();
    if (method_in<amqp_basic_get_ok_t>(frame, AMQP_BASIC_GET_OK_METHOD) != nullptr) {
      return;
    }
    if (method_in<amqp_basic_get_empty_t>(frame, AMQP_BASIC_GET_EMPTY_METHOD) != nullptr) {
      throw Error(
          fmt::format("rabbitmq: the server at {} does not keep what it has confirmed: a policy "
                      "drops messages in queues named spate-*; look at its policies",
                      login_.address.shown()));
    }
  }
}

// Until something can be read, or written where there is something to write; or until a signal,
// which is no reason to give up. False when the time is up.
bool Session::wait_until(std::int64_t deadline_ns) {
  const std::int64_t left_ns = deadline_ns - clock_.now_ns();
  const Stream& stream = connection_->stream();
  const bool to_write = stream.full() && !connection_->all_written();
  pollfd watched{stream.descriptor(), static_cast<short>(to_write ? POLLIN | POLLOUT : POLLIN), 0};
  if (left_ns <= 0) {
    return false;
  }
  const int ready = poll(&watched, 1, static_cast<int>(left_ns / 1'000'000 + 1));
  return ready > 0 || (ready < 0 && errno == EINTR);
}

void Session::fail() const {
  const std::string shown = login_.address.shown();
  const Connection& connection = *connection_;
  const std::string why = connection.lost()
                              ? connection.why()
                              : fmt::format("no answer within {} s", seconds(timeout_ns_));
  if (connection.stream().descriptor() < 0) {
    throw Error(
        fmt::format("rabbitmq: no way to {}: this system gives no socket: {}; look at its "
                    "limits (ulimit -n)",
                    shown, why));
  }
  if (!connection.stream().connected()) {
    throw Error(fmt::format("rabbitmq: no server at {}: {}; start one, or give --start-brokers",
                            shown, why));
  }
  if (connection.refusal() != 0) {
    throw Error(fmt::format("rabbitmq: the server at {} refuses: {}; {}", shown, why, advice()));
  }
  if (!connection.blocked().empty()) {
    throw Error(fmt::format("rabbitmq: the server at {} is of no use now: {}; make room on it",
                            shown, connection.blocked()));
  }
  if (connection.greeted()) {
    throw Error(fmt::format("rabbitmq: no answer from the server at {}: {}", shown, why));
  }
  throw Error(
      fmt::format("rabbitmq: what listens at {} does not answer as a RabbitMQ server does: {}; {}",
                  shown, why, advice()));
}

std::string Session::advice() const {
  const bool inside = connection_->open();
  switch (connection_->refusal()) {
    case 0:
      return login_.tls != nullptr ? "check the port, which must be one for TLS, and the server's "
                                     "certificate (SSL_CERT_FILE names whom to trust)"
                                   : "it must be the port of a RabbitMQ server; for TLS give "
                                     "amqps://";
    case kAccessRefused:
      return inside ? "allow this user to configure, read and write spate-*, and to write "
                      "amq.default"
                    : "check user and password of the address (guest is for the server's own "
                      "machine only)";
    case kPreconditionFailed:
      return "look at the limits and policies of the virtual host; quorum queues need version 3.8 "
             "or later";
    case kNotAllowed:
      return inside ? "allow each connection two channels (channel_max)"
                    : "check the virtual host behind the slash, whether this user may enter it, "
                      "and how many connections are allowed";
    default:
      return "it must be a RabbitMQ server, of version 3.8 or later, with such queues";
  }
}

}  // namespace spate::drivers::rabbitmq
