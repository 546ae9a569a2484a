// A Redis server of our own, on loopback, which keeps on disk what it is asked to.
#include <fmt/format.h>

#include "driver_list.h"
#include "own_server.h"

namespace spate::drivers {
namespace {

constexpr std::int64_t kAttemptNs = 1'000'000'000;

// `appendonly`: off, or when what was written goes to the disk: everysec or always.
ServerProcess::Command command(std::uint16_t port, const std::filesystem::path& folder,
                               const std::string& appendonly) {
  ServerProcess::Command command{
      {"redis-server", "--bind", "127.0.0.1", "--port", fmt::to_string(port), "--dir",
       folder.string(), "--save", "", "--appendonly", appendonly == "off" ? "no" : "yes"},
      {}};
  if (appendonly != "off") {
    command.words.insert(command.words.end(), {"--appendfsync", appendonly});
  }
  return command;
}

}  // namespace

std::unique_ptr<LocalBroker> start_redis(const StartOptions& options) {
  const auto given = options.settings.find("appendonly");
  const std::string appendonly = given == options.settings.end() ? "off" : given->second;
  return std::make_unique<OwnServer>(
      driver_named("redis"),
      [&](std::uint16_t port, const std::filesystem::path& folder) {
        return command(port, folder, appendonly);
      },
      options, kAttemptNs);
}

}  // namespace spate::drivers
