// A NATS server of our own, on loopback, with JetStream.
#include <fmt/format.h>

#include "driver_list.h"
#include "spate/drivers/server_process.h"

namespace spate::drivers {
namespace {

class NatsServer final : public LocalBroker {
 public:
  explicit NatsServer(std::int64_t timeout_ns)
      : port_(free_port()), server_("nats-server", [this](const auto& folder) {
          return ServerProcess::Command{
              {"nats-server", "--addr", "127.0.0.1", "--port", fmt::to_string(port_), "--jetstream",
               "--store_dir", folder.string()},
              {}};
        }) {
    const BrokerOptions options{parse_address(driver_named("nats").address, address()),
                                1'000'000'000};
    server_.await(timeout_ns, [&] { open_nats(options); });
  }

  std::string address() const override { return fmt::format("nats://127.0.0.1:{}", port_); }
  int process() const override { return server_.process(); }

 private:
  std::uint16_t port_;
  ServerProcess server_;
};

}  // namespace

std::unique_ptr<LocalBroker> start_nats(std::int64_t timeout_ns) {
  return std::make_unique<NatsServer>(timeout_ns);
}

}  // namespace spate::drivers
