// A TCP proxy that does to connections what a bad network does.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "spate/fault_plan.h"

namespace spate::proxy {

struct Endpoint {
  std::string host;  // a name or an address
  std::uint16_t port = 0;
};

struct ProxyCounts {
  std::uint64_t accepted = 0;  // connections
  std::uint64_t open = 0;
  // With a reset: because the server could not be reached, or something was lacking here. Where
  // that was the client's descriptor, it does not count as accepted.
  std::uint64_t refused = 0;
  std::uint64_t to_server = 0;  // bytes handed on
  std::uint64_t to_client = 0;
};

// One thread of its own serves all connections (epoll; thousands of them). Every function may be
// called by any thread, and returns when what it asks for is in force.
//
// What a fault decides by chance it draws from the seed, for each connection in the order of their
// coming, and by where in the stream it is: the same seed and the same bytes, read in the same
// pieces, give the same delays.
//
// Memory is bounded: what the one side does not take is not read from the other, and no direction
// holds much more than 4 MiB, which it does only to be that late.
//
// Where it lacks descriptors, it raises the process's soft limit (RLIMIT_NOFILE) to the hard one.
class Proxy {
 public:
  // Throws Error where there are no descriptors, std::system_error where there is no thread.
  explicit Proxy(std::uint64_t seed);
  ~Proxy();  // resets every connection
  Proxy(const Proxy&) = delete;
  Proxy& operator=(const Proxy&) = delete;

  // Listens on loopback, at `port` or where there is room (0), and leads every connection to that
  // server. Returns the port. Throws Error: also where the server's port at 127.0.0.1 is one of
  // this proxy's own, so that connections would come back.
  std::uint16_t lead_to(const Endpoint& server, std::uint16_t port = 0);

  // Precondition of both: a fault of the way, not of a process; a bandwidth is more than 0. Several
  // may be in force at once, also of one kind: delays add up, the narrowest bandwidth counts. end()
  // of what is over at once, or was not begun, does nothing.
  void begin(const Fault& fault);
  void end(const Fault& fault);

  // All that a client or a server has seen until now is counted.
  ProxyCounts counts() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace spate::proxy
