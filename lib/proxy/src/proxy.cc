#include "spate/proxy/proxy.h"

#include <fmt/format.h>

#include <string>
#include <thread>
#include <utility>

#include "loop.h"
#include "sockets.h"
#include "spate/error.h"

namespace spate::proxy {

struct Proxy::State {
  explicit State(std::uint64_t seed) : loop(seed), thread([this] { loop.run(); }) {}

  Loop loop;
  std::thread thread;
};

Proxy::Proxy(std::uint64_t seed) : state_(std::make_unique<State>(seed)) {}

Proxy::~Proxy() {
  state_->loop.order([&] { state_->loop.end(); });
  state_->thread.join();
}

std::uint16_t Proxy::lead_to(const Endpoint& server, std::uint16_t port) {
  Route route = resolve(server);
  Descriptor listener = listen_on_loopback(port);
  std::string trouble;
  state_->loop.order(
      [&] { trouble = state_->loop.listen(std::move(listener), port, std::move(route)); });
  if (!trouble.empty()) {
    throw Error(
        fmt::format("proxy at 127.0.0.1:{} to {}:{}: {}", port, server.host, server.port, trouble));
  }
  return port;
}

void Proxy::begin(const Fault& fault) {
  state_->loop.order([&] { state_->loop.begin(fault); });
}

void Proxy::end(const Fault& fault) {
  state_->loop.order([&] { state_->loop.end(fault); });
}

ProxyCounts Proxy::counts() const {
  ProxyCounts counts;
  state_->loop.order([&] { counts = state_->loop.counts(); });
  return counts;
}

}  // namespace spate::proxy
