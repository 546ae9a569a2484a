#include "connection.h"

#include <algorithm>
#include <cerrno>
#include <utility>

namespace spate::proxy {
namespace {

// Each direction of a connection draws as a sender of its own would.
MessageDraws::Sender draws_of(std::uint64_t seed, std::uint64_t number, std::uint64_t direction) {
  return MessageDraws::of_sender(seed, static_cast<AgentId>(2 * number + direction));
}

}  // namespace

Connection::Connection(Descriptor client, std::shared_ptr<const Route> route, std::uint64_t seed,
                       std::uint64_t number)
    : route_(std::move(route)),
      to_server_(draws_of(seed, number, 0)),
      to_client_(draws_of(seed, number, 1)) {
  client_.socket = std::move(client);
}

bool Connection::connect_next() {
  server_ = Side{};
  while (tried_ < route_->size() && !server_.socket) {
    server_.socket = start_connecting((*route_)[tried_++]);
  }
  return static_cast<bool>(server_.socket);
}

Connection::Result Connection::turn(const Turn& turn) {
  Result result;
  if (connecting_ && !connected()) {
    if (client_.broken) {
      result.state = State::broken;
    } else if (server_.broken || !server_.socket) {
      result.state = State::unreached;
    }
    return result;
  }
  const Direction::Result there = to_server_.turn(client_, server_, turn, false);
  const Direction::Result back = to_client_.turn(server_, client_, turn, turn.conditions.drop_acks);
  result.to_server = there.handed_on;
  result.to_client = back.handed_on;
  result.wake_ns = std::min(there.wake_ns, back.wake_ns);
  result.again = there.again || back.again;
  if (there.reset || back.reset) {
    result.state = State::broken;
  } else if (to_server_.finished() && to_client_.finished()) {
    result.state = State::ended;
  }
  return result;
}

// Whether it is, or what became of the attempt, in `broken`. A server may have let us in, answered
// and reset before we look: then it was reached, and what it said is there to be read.
bool Connection::connected() {
  if (server_.writable || server_.broken) {
    const int error = error_of(server_.socket);
    connecting_ = error != 0 && error != ECONNRESET && error != EPIPE;
    server_.broken = server_.broken || error != 0;
  }
  return !connecting_;
}

void Connection::half_close(const Conditions& conditions) {
  to_client_.close_behind(waiting_in(server_.socket), conditions);
}

void Connection::close() {
  client_.socket.close();
  server_.socket.close();
}

void Connection::reset() {
  client_.socket.reset();
  server_.socket.reset();
}

}  // namespace spate::proxy
