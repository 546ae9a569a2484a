// A Redis server of our own, on loopback, which keeps nothing on disk.
#include <fmt/format.h>

#include "driver_list.h"
#include "own_server.h"

namespace spate::drivers {
namespace {

constexpr std::int64_t kAttemptNs = 1'000'000'000;

ServerProcess::Command command(std::uint16_t port, const std::filesystem::path& folder) {
  return {{"redis-server", "--bind", "127.0.0.1", "--port", fmt::to_string(port), "--dir",
           folder.string(), "--save", "", "--appendonly", "no"},
          {}};
}

}  // namespace

std::unique_ptr<LocalBroker> start_redis(std::int64_t timeout_ns) {
  return std::make_unique<OwnServer>(driver_named("redis"), command, timeout_ns, kAttemptNs);
}

}  // namespace spate::drivers
