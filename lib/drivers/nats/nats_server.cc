// A NATS server of our own, on loopback, with JetStream.
#include <fmt/format.h>

#include "driver_list.h"
#include "own_server.h"

namespace spate::drivers {
namespace {

constexpr std::int64_t kAttemptNs = 1'000'000'000;

ServerProcess::Command command(std::uint16_t port, const std::filesystem::path& folder) {
  return {{"nats-server", "--addr", "127.0.0.1", "--port", fmt::to_string(port), "--jetstream",
           "--store_dir", folder.string()},
          {}};
}

}  // namespace

std::unique_ptr<LocalBroker> start_nats(const StartOptions& options) {
  return std::make_unique<OwnServer>(driver_named("nats"), command, options, kAttemptNs);
}

}  // namespace spate::drivers
