#include "sockets.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string>

#include "spate/error.h"

namespace spate::proxy {
namespace {

constexpr int kNeverWaits = SOCK_NONBLOCK | SOCK_CLOEXEC;

// A proxy must not wait for more bytes: the one who wrote them did not want to either.
void send_at_once(const Descriptor& socket) {
  const int yes = 1;
  setsockopt(socket.number(), IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
}

// Whoever connects to no address in particular gets to loopback. ::1 is another one: nobody who
// listens at 127.0.0.1 is found there.
bool is_loopback(in_addr address) {
  return address.s_addr == htonl(INADDR_LOOPBACK) || address.s_addr == htonl(INADDR_ANY);
}

}  // namespace

void Descriptor::close() {
  if (number_ >= 0) {
    ::close(std::exchange(number_, -1));
  }
}

void Descriptor::reset() {
  if (number_ >= 0) {
    const linger at_once{1, 0};
    setsockopt(number_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    close();
  }
}

Route resolve(const Endpoint& server) {
  addrinfo wanted{};
  wanted.ai_family = AF_UNSPEC;
  wanted.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int trouble =
      getaddrinfo(server.host.c_str(), std::to_string(server.port).c_str(), &wanted, &found);
  if (trouble != 0) {
    throw Error(fmt::format("proxy to {}:{}: {}; give a name or an address that is known here",
                            server.host, server.port,
                            trouble == EAI_SYSTEM ? std::strerror(errno) : gai_strerror(trouble)));
  }
  Route all;
  for (const addrinfo* one = found; one != nullptr; one = one->ai_next) {
    Address& address = all.emplace_back();
    std::memcpy(&address.bytes, one->ai_addr, one->ai_addrlen);
    address.size = one->ai_addrlen;
  }
  freeaddrinfo(found);
  return all;
}

Descriptor listen_on_loopback(std::uint16_t& port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  auto* const any = reinterpret_cast<sockaddr*>(&address);
  socklen_t size = sizeof address;
  Descriptor listener(socket(AF_INET, SOCK_STREAM | kNeverWaits, 0));
  const int yes = 1;  // else a port that was in use a minute ago cannot be had
  if (!listener || setsockopt(listener.number(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) != 0 ||
      bind(listener.number(), any, size) != 0 || listen(listener.number(), kMayWait) != 0 ||
      getsockname(listener.number(), any, &size) != 0) {
    throw Error(fmt::format("proxy at 127.0.0.1:{}: {}; give a port that is free, or 0", port,
                            std::strerror(errno)));
  }
  port = ntohs(address.sin_port);
  return listener;
}

bool leads_to_loopback(const Route& route, std::uint16_t port) {
  return std::any_of(route.begin(), route.end(), [&](const Address& address) {
    if (address.bytes.ss_family == AF_INET) {
      sockaddr_in four{};
      std::memcpy(&four, &address.bytes, sizeof four);
      return is_loopback(four.sin_addr) && four.sin_port == htons(port);
    }
    sockaddr_in6 six{};
    std::memcpy(&six, &address.bytes, sizeof six);
    in_addr mapped{};
    std::memcpy(&mapped, six.sin6_addr.s6_addr + 12, sizeof mapped);
    return IN6_IS_ADDR_V4MAPPED(&six.sin6_addr) && is_loopback(mapped) &&
           six.sin6_port == htons(port);
  });
}

Descriptor accept_from(const Descriptor& listener) {
  Descriptor client(accept4(listener.number(), nullptr, nullptr, kNeverWaits));
  if (client) {
    send_at_once(client);
  }
  return client;
}

std::size_t waiting_in(const Descriptor& connection) {
  int count = 0;
  ioctl(connection.number(), FIONREAD, &count);
  return static_cast<std::size_t>(count);
}

Descriptor start_connecting(const Address& server) {
  Descriptor one(socket(server.bytes.ss_family, SOCK_STREAM | kNeverWaits, 0));
  if (!one && errno == EMFILE && raise_descriptor_limit()) {
    one = Descriptor(socket(server.bytes.ss_family, SOCK_STREAM | kNeverWaits, 0));
  }
  if (one) {
    send_at_once(one);
    const auto* const any = reinterpret_cast<const sockaddr*>(&server.bytes);
    if (connect(one.number(), any, server.size) != 0 && errno != EINPROGRESS) {
      one.close();
    }
  }
  return one;
}

int error_of(const Descriptor& socket) {
  int error = 0;
  socklen_t size = sizeof error;
  getsockopt(socket.number(), SOL_SOCKET, SO_ERROR, &error, &size);
  return error;
}

bool raise_descriptor_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= limit.rlim_max) {
    return false;
  }
  limit.rlim_cur = limit.rlim_max;
  return setrlimit(RLIMIT_NOFILE, &limit) == 0;
}

}  // namespace spate::proxy
