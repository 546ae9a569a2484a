// A way to each broker that does not lead through Spate: by the client library alone.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "spate/drivers/address.h"

namespace spate::testing_support {

// Each of them throws Error when it does not succeed.
struct BrokerAccess {
  std::string_view driver;
  // Puts bytes, as one message, into the normal lane of receiving worker 0 of the run of that name
  // (see naming.h).
  void (*send)(const drivers::Address& address, const std::string& run,
               std::span<const std::byte> bytes);
  // What the server has by names that begin so.
  std::vector<std::string> (*names)(const drivers::Address& address, const std::string& beginning);
  // Makes what a run would make, by this name.
  void (*make)(const drivers::Address& address, const std::string& name);
};

// The drivers that this build has.
std::span<const BrokerAccess> all_accesses();

}  // namespace spate::testing_support
