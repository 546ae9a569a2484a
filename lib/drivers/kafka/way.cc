#include "way.h"

#include <fmt/format.h>
#include <netdb.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <exception>
#include <memory>

#include "spate/drivers/destroy.h"
#include "spate/error.h"

namespace spate::drivers::kafka {
namespace {

// Host and port as numbers. Throws Error.
Endpoint endpoint_of(const sockaddr& address, socklen_t size) {
  std::array<char, NI_MAXHOST> host{};
  std::array<char, NI_MAXSERV> port{};
  if (const int failure = getnameinfo(&address, size, host.data(), host.size(), port.data(),
                                      port.size(), NI_NUMERICHOST | NI_NUMERICSERV);
      failure != 0) {
    throw Error(gai_strerror(failure));
  }
  Endpoint endpoint{host.data(), 0};
  std::from_chars(port.data(), port.data() + port.size(), endpoint.port);
  return endpoint;
}

using Addresses = std::unique_ptr<addrinfo, Destroy<freeaddrinfo>>;

// For a socket of that family; null where there is none.
Addresses resolved(const Endpoint& endpoint, int family) {
  addrinfo hints{};
  hints.ai_family = family;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = family == AF_INET6 ? AI_V4MAPPED : 0;
  addrinfo* found = nullptr;
  const int failure =
      getaddrinfo(endpoint.host.c_str(), fmt::to_string(endpoint.port).c_str(), &hints, &found);
  return Addresses(failure == 0 ? found : nullptr);
}

}  // namespace

int connect_by(const Detour& detour, int socket, const sockaddr& server, socklen_t size) noexcept {
  try {
    const Addresses to = resolved(detour(endpoint_of(server, size)), server.sa_family);
    if (to == nullptr) {
      return EHOSTUNREACH;
    }
    const bool fine = connect(socket, to->ai_addr, to->ai_addrlen) == 0 || errno == EINPROGRESS;
    return fine ? 0 : errno;
  } catch (const std::exception&) {  // of the detour: there is no way now
    return EHOSTUNREACH;
  }
}

}  // namespace spate::drivers::kafka
