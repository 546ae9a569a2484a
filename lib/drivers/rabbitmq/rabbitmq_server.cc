// A RabbitMQ server of our own, on loopback, with all its files in a temporary folder.
#include <fmt/format.h>

#include <cstdlib>

#include "driver_list.h"
#include "own_server.h"

namespace spate::drivers {
namespace {

// Not what PATH has: that one wants to be called by root or by the user rabbitmq, and keeps its
// files where the machine's own server has them.
constexpr const char* kProgram = "/usr/lib/rabbitmq/bin/rabbitmq-server";

constexpr std::int64_t kAttemptNs = 5'000'000'000;

ServerProcess::Command command(std::uint16_t port, const std::filesystem::path& path) {
  const std::string folder = path.string();
  const std::string loopback = "127.0.0.1";
  const char* const programs = std::getenv("PATH");
  return {{kProgram},
          {
              {"PATH", programs != nullptr ? programs : "/usr/bin:/bin"},
              {"LANG", "C.UTF-8"},
              // Whoever starts the program so expects the server itself in its process, and not
              // a shell that waits for it.
              {"RUNNING_UNDER_SYSTEMD", "true"},
              {"HOME", folder},  // where Erlang keeps a secret
              {"RABBITMQ_NODENAME", fmt::format("spate-{}@localhost", port)},
              {"RABBITMQ_NODE_IP_ADDRESS", loopback},
              {"RABBITMQ_NODE_PORT", fmt::to_string(port)},
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
              // Schedulers that do not spin while they have nothing to do; and what other Erlang
              // nodes are to connect to, on loopback too.
              {"RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS",
               "+sbwt none +sbwtdcpu none +sbwtdio none "
               "-kernel inet_dist_use_interface {127,0,0,1}"},
          },
          // What of such names the caller has is for another server. (RabbitMQ obeys them without
          // their RABBITMQ_ too: LOGS.)
          /*environment_alone=*/true};
}

}  // namespace

std::unique_ptr<LocalBroker> start_rabbitmq(const StartOptions& options) {
  return std::make_unique<OwnServer>(driver_named("rabbitmq"), command, options, kAttemptNs);
}

}  // namespace spate::drivers
