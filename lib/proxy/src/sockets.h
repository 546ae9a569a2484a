// Sockets that never wait, and what else the loop has descriptors for.
#pragma once

#include <sys/socket.h>

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "spate/proxy/proxy.h"

namespace spate::proxy {

// Owns one. -1: none.
class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() { close(); }

  int number() const { return number_; }
  explicit operator bool() const { return number_ >= 0; }
  void close();
  // Closes a connection in a way that the other side takes for an error: what is not read or not
  // sent yet is lost.
  void reset();

 private:
  int number_ = -1;
};

struct Address {
  sockaddr_storage bytes{};
  socklen_t size = 0;
};

using Route = std::vector<Address>;  // to one server, in the order in which they are to be tried

// All that the name stands for, in the order in which they are to be tried; never empty. May take
// as long as the machine's resolver. Throws Error.
Route resolve(const Endpoint& server);

// So many clients may wait to be accepted, and one more.
inline constexpr int kMayWait = SOMAXCONN;
// Listens on 127.0.0.1; port 0 becomes one where there is room. Throws Error.
Descriptor listen_on_loopback(std::uint16_t& port);

// Whether some way of it ends where listen_on_loopback() listens at that port.
bool leads_to_loopback(const Route& route, std::uint16_t port);

// The next that waits there; none with errno EAGAIN where nobody does.
Descriptor accept_from(const Descriptor& listener);

// What has arrived there and is not read yet.
std::size_t waiting_in(const Descriptor& connection);

// Begins to connect; whether it came to be tells error_of() once the socket is writable. None where
// that is known at once to be impossible.
Descriptor start_connecting(const Address& server);
int error_of(const Descriptor& socket);

// Lets this process have as many descriptors as it may have. False: it had already.
bool raise_descriptor_limit();

}  // namespace spate::proxy
