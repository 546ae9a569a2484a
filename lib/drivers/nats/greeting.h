// What a server says of itself to whoever connects: the client library keeps most of it to itself.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "spate/drivers/address.h"

namespace spate::drivers::nats {

inline bool has_tls(const Address& address) { return address.scheme == "tls"; }

// A NATS server speaks first: one line, "INFO {…}". Then it is told who we are and asked whether it
// is there, as the library does; whether it lets us in is the library's to find out. A server that
// is spoken to over TLS only greets.
class Greeting {
 public:
  // Of the first of the servers that answers. Throws Error when none does, with what is wrong.
  Greeting(const Address& address, std::int64_t timeout_ns);

  // Which of the servers it is.
  const Endpoint& server() const { return server_; }
  // Of a member that is a text or a number or a truth; empty where there is none.
  std::string_view value(std::string_view name) const;

 private:
  void meet(const Address& address, std::int64_t timeout_ns);

  Endpoint server_;
  std::string line_;
};

}  // namespace spate::drivers::nats
