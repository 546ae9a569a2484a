#include "proxy/peers.h"

#include <fcntl.h>
#include <linux/sockios.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <stdexcept>

#include "spate/random.h"
#include "support/loopback.h"
#include "support/until.h"

namespace spate::proxy {
namespace {

constexpr int kLimitMs = 60'000;

bool ready(const Descriptor& socket, short what, int limit_ms) {
  pollfd one{socket.number(), what, 0};
  return poll(&one, 1, limit_ms) > 0;
}

void wait_for(const Descriptor& socket, short what) {
  if (!ready(socket, what, kLimitMs)) {
    throw std::runtime_error("nothing happened for a minute");
  }
}

}  // namespace

Peer::Peer(Descriptor socket) : socket_(std::move(socket)) {
  fcntl(socket_.number(), F_SETFL, O_NONBLOCK);
}

Peer Peer::connected_to(std::uint16_t port) {
  Descriptor socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const sockaddr_in address = testing_support::loopback(port);
  if (::connect(socket.number(), testing_support::any(address), sizeof address) != 0) {
    throw std::runtime_error("nobody listens");
  }
  return Peer(std::move(socket));
}

std::size_t Peer::send_some(std::string_view bytes) const {
  const ssize_t count = send(socket_.number(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
  if (count < 0 && errno != EAGAIN) {
    throw std::runtime_error("the connection is no more");
  }
  return count < 0 ? 0 : static_cast<std::size_t>(count);
}

void Peer::send_all(std::string_view bytes) const {
  while (!bytes.empty()) {
    wait_for(socket_, POLLOUT);
    bytes.remove_prefix(send_some(bytes));
  }
}

std::string Peer::receive(std::size_t count) const {
  std::string all(count, '\0');
  std::size_t got = 0;
  while (got < count) {
    wait_for(socket_, POLLIN);
    const ssize_t some = recv(socket_.number(), all.data() + got, count - got, 0);
    if (some <= 0) {
      break;
    }
    got += static_cast<std::size_t>(some);
  }
  all.resize(got);
  return all;
}

bool Peer::has_something_to_read() const { return ready(socket_, POLLIN, 0); }

void Peer::finish() const { shutdown(socket_.number(), SHUT_WR); }

void Peer::deliver() const {
  const auto all_arrived = [&] {
    int not_yet = 0;
    return ioctl(socket_.number(), SIOCOUTQ, &not_yet) == 0 && not_yet == 0;
  };
  if (!testing_support::comes_true(all_arrived)) {
    throw std::runtime_error("the other side took nothing for a minute");
  }
}

Peer::End Peer::end() const {
  std::array<char, 1 << 14> bytes;
  for (;;) {
    wait_for(socket_, POLLIN);
    const ssize_t some = recv(socket_.number(), bytes.data(), bytes.size(), 0);
    if (some == 0) {
      return End::end;
    }
    if (some < 0 && errno != EAGAIN) {
      return errno == ECONNRESET ? End::reset : End::none;
    }
  }
}

ProxyAndServer::ProxyAndServer(std::uint64_t seed)
    : listener_(listen_on_loopback(server_port_)),
      proxy_(std::make_unique<Proxy>(seed)),
      port_(proxy_->lead_to({"127.0.0.1", server_port_})) {}

Peer ProxyAndServer::accept() const {
  wait_for(listener_, POLLIN);
  return Peer(accept_from(listener_));
}

bool ProxyAndServer::somebody_waits() const { return ready(listener_, POLLIN, 0); }

// That a client is connected it knows from the first answer; the kernel lets it in when the next
// packet comes. What is acknowledged came after that.
Peer ProxyAndServer::one_that_waits() const {
  Peer client = Peer::connected_to(port_);
  client.send_all("w");
  client.deliver();
  return client;
}

ProxyAndServer::Both ProxyAndServer::connect() const {
  Peer client = Peer::connected_to(port_);
  return {std::move(client), accept()};
}

// Each order is obeyed in a turn of its own; what had happened before is noted in the first at
// the latest, or in the second where there were many, and done by the third.
void ProxyAndServer::settle(Proxy& proxy) {
  for (int turn = 0; turn < 4; ++turn) {
    proxy.end({.kind = Fault::Kind::reset_connections});
  }
}

std::string stream_bytes(std::uint64_t stream, std::size_t begin, std::size_t count) {
  std::string bytes(count, '\0');
  for (std::size_t at = 0; at < count; ++at) {
    bytes[at] = static_cast<char>(mix64((stream << 40) + begin + at));
  }
  return bytes;
}

}  // namespace spate::proxy
