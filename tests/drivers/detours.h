// A detour through proxies, one for each server that is asked for.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <utility>

#include "spate/drivers/address.h"
#include "support/tcp_proxy.h"

namespace spate::testing_support {

// Any thread.
class Detours {
 public:
  explicit Detours(TcpProxy::Meddle meddle = {}) : meddle_(std::move(meddle)) {}

  drivers::Endpoint by(const drivers::Endpoint& server) {
    const std::lock_guard lock(mutex_);
    std::unique_ptr<TcpProxy>& proxy = proxies_[server.port];
    if (proxy == nullptr) {
      proxy = std::make_unique<TcpProxy>(server.port, meddle_);
    }
    return {"127.0.0.1", proxy->port()};
  }
  template <class Use>
  void each(Use use) {
    const std::lock_guard lock(mutex_);
    for (const auto& [port, proxy] : proxies_) {
      use(*proxy);
    }
  }

 private:
  TcpProxy::Meddle meddle_;
  std::mutex mutex_;
  std::map<std::uint16_t, std::unique_ptr<TcpProxy>> proxies_;  // by the server's port
};

}  // namespace spate::testing_support
