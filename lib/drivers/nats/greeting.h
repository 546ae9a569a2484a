// What a server says of itself to whoever connects: the client library keeps most of it to itself.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "spate/drivers/address.h"

namespace spate::drivers::nats {

// A NATS server speaks first: one line, "INFO {…}".
class Greeting {
 public:
  // Of the first of the servers that greets. Throws Error when none does, with what is wrong.
  Greeting(const Address& address, std::int64_t timeout_ns);

  // Of a member that is a text or a number or a truth; empty where there is none.
  std::string_view value(std::string_view name) const;

 private:
  std::string line_;
};

}  // namespace spate::drivers::nats
