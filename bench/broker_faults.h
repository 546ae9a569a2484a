// Real faults in the runs over one broker.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "spate/drivers/broker.h"
#include "spate/fault_director.h"
#include "spate/proxy/proxy.h"

namespace spate::bench {

// A proxy on the way to a broker, however many servers it has. Any thread.
class Detour {
 public:
  explicit Detour(std::uint64_t seed) : proxy_(seed) {}

  // For BrokerOptions. This must outlive the broker.
  drivers::Endpoint around(const drivers::Endpoint& server);
  proxy::Proxy& proxy() { return proxy_; }

 private:
  proxy::Proxy proxy_;
  std::mutex mutex_;
  std::map<std::string, drivers::Endpoint> ways_;  // by the server's text
};

// What the faults of a broker's runs may strike.
struct StruckBroker {
  Detour* detour = nullptr;                // on the way of these runs
  drivers::LocalBroker* server = nullptr;  // null: somebody else's, or no process
  drivers::Troubles* troubles = nullptr;   // of the broker by which these runs go
  std::int64_t start_timeout_ns = 0;       // so long it may take to come back
  FaultDirector::Listener listener = {};
};

// Those of one run. Precondition: `broker` has what the schedule's faults strike.
std::unique_ptr<FaultInjector> make_injector(const std::vector<Fault>& schedule,
                                             const StruckBroker& broker);

}  // namespace spate::bench
