// A RabbitMQ server of our own, on loopback, with all its files in a temporary folder.
#include <fmt/format.h>

#include "driver_list.h"
#include "spate/drivers/server_process.h"

namespace spate::drivers {
namespace {

// Not what PATH has: that one wants to be called by root or by the user rabbitmq, and keeps its
// files where the machine's own server has them.
constexpr const char* kProgram = "/usr/lib/rabbitmq/bin/rabbitmq-server";

class RabbitmqServer final : public LocalBroker {
 public:
  explicit RabbitmqServer(std::int64_t timeout_ns)
      : port_(free_port()), server_("rabbitmq-server", [this](const auto& folder) {
          return command(folder.string());
        }) {
    const BrokerOptions options{parse_address(driver_named("rabbitmq").address, address()),
                                5'000'000'000};
    server_.await(timeout_ns, [&] { open_rabbitmq(options); });
  }

  std::string address() const override { return fmt::format("amqp://127.0.0.1:{}", port_); }
  int process() const override { return server_.process(); }

 private:
  ServerProcess::Command command(const std::string& folder) const {
    const std::string loopback = "127.0.0.1";
    return {{kProgram},
            {
                // Whoever starts the program so expects the server itself in its process, and not
                // a shell that waits for it.
                {"RUNNING_UNDER_SYSTEMD", "true"},
                {"HOME", folder},  // where Erlang keeps a secret
                {"RABBITMQ_NODENAME", fmt::format("spate-{}@localhost", port_)},
                {"RABBITMQ_NODE_IP_ADDRESS", loopback},
                {"RABBITMQ_NODE_PORT", fmt::to_string(port_)},
                {"RABBITMQ_DIST_PORT", fmt::to_string(free_port())},
                // A daemon that knows all Erlang nodes of a machine: ours is nobody else's.
                {"ERL_EPMD_ADDRESS", loopback},
                {"ERL_EPMD_PORT", fmt::to_string(free_port())},
                {"RABBITMQ_MNESIA_BASE", folder + "/data"},
                {"RABBITMQ_LOG_BASE", folder + "/log"},
                {"RABBITMQ_PID_FILE", folder + "/process"},
                {"RABBITMQ_ENABLED_PLUGINS_FILE", folder + "/none"},
                // Not what the machine's administrator wants of the machine's own server.
                {"RABBITMQ_CONFIG_FILE", folder + "/none"},
                {"RABBITMQ_CONFIG_FILES", folder + "/none"},
                {"RABBITMQ_ADVANCED_CONFIG_FILE", folder + "/none"},
                {"RABBITMQ_CONF_ENV_FILE", folder + "/none"},
                // Schedulers that do not spin while they have nothing to do.
                {"RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS", "+sbwt none +sbwtdcpu none +sbwtdio none"},
            }};
  }

  std::uint16_t port_;
  ServerProcess server_;
};

}  // namespace

std::unique_ptr<LocalBroker> start_rabbitmq(std::int64_t timeout_ns) {
  return std::make_unique<RabbitmqServer>(timeout_ns);
}

}  // namespace spate::drivers
