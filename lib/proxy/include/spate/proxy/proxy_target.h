// A proxy as what the faults of the way strike.
#pragma once

#include "spate/fault_director.h"
#include "spate/proxy/proxy.h"

namespace spate::proxy {

// The proxy must outlive this. Any thread, like the proxy.
class ProxyTarget final : public FaultTarget {
 public:
  explicit ProxyTarget(Proxy& proxy) : proxy_(proxy) {}
  void begin(const Fault& fault) override { proxy_.begin(fault); }
  void end(const Fault& fault) override { proxy_.end(fault); }

 private:
  Proxy& proxy_;
};

}  // namespace spate::proxy
