// A Redis server of our own, on loopback, which keeps nothing on disk.
#include <fmt/format.h>

#include "driver_list.h"
#include "spate/drivers/server_process.h"

namespace spate::drivers {
namespace {

class RedisServer final : public LocalBroker {
 public:
  explicit RedisServer(std::int64_t timeout_ns)
      : port_(free_port()), server_("redis-server", [this](const auto& folder) {
          return ServerProcess::Command{
              {"redis-server", "--bind", "127.0.0.1", "--port", fmt::to_string(port_), "--dir",
               folder.string(), "--save", "", "--appendonly", "no"},
              {}};
        }) {
    const BrokerOptions options{parse_address(driver_named("redis").address, address()),
                                1'000'000'000};
    server_.await(timeout_ns, [&] { open_redis(options); });
  }

  std::string address() const override { return fmt::format("redis://127.0.0.1:{}", port_); }
  int process() const override { return server_.process(); }

 private:
  std::uint16_t port_;
  ServerProcess server_;
};

}  // namespace

std::unique_ptr<LocalBroker> start_redis(std::int64_t timeout_ns) {
  return std::make_unique<RedisServer>(timeout_ns);
}

}  // namespace spate::drivers
