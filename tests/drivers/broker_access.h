// A way to each broker that does not lead through Spate: by the client library alone.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "spate/drivers/address.h"

namespace spate::testing_support {

// A way to a server that a test can make impassable. It is passable again when this object goes.
class Way {
 public:
  Way() = default;
  Way(const Way&) = delete;
  Way& operator=(const Way&) = delete;
  virtual ~Way() = default;

  // Of the server, by this way.
  virtual drivers::Address address() const = 0;
  // Breaks every connection that there is.
  virtual void cut() = 0;
  // From now on whoever connects is refused; or is let in again.
  virtual void refuse(bool refuses) = 0;
};

// Through a TcpProxy.
std::unique_ptr<Way> way_through_proxy(const drivers::Address& address);

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
  std::unique_ptr<Way> (*way)(const drivers::Address& address) = way_through_proxy;
};

// The drivers that this build has.
std::span<const BrokerAccess> all_accesses();
// That driver alone, so that the tests over each can be run by themselves; none where this build
// has it not.
std::vector<BrokerAccess> accesses_of(std::string_view driver);

}  // namespace spate::testing_support
