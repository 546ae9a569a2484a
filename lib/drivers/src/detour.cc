#include "spate/drivers/broker.h"

namespace spate::drivers {

Address by_detour(const BrokerOptions& options) {
  Address address = options.address;
  if (options.detour) {
    for (Endpoint& server : address.endpoints) {
      server = options.detour(server);
    }
  }
  return address;
}

}  // namespace spate::drivers
