// Servers of our own that listen at one port on loopback.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

#include "spate/drivers/broker.h"
#include "spate/drivers/server_process.h"

namespace spate::drivers {

class OwnServer final : public LocalBroker {
 public:
  // What to run, given where it is to listen and a folder of its own.
  using Command = std::function<ServerProcess::Command(std::uint16_t port,
                                                       const std::filesystem::path& folder)>;

  // Waits until the driver gets in, each attempt of which may take `attempt_ns`. Throws Error.
  OwnServer(const Driver& driver, const Command& command, std::int64_t timeout_ns,
            std::int64_t attempt_ns);

  std::string address() const override;
  int process() const override { return server_.process(); }

 private:
  const Driver& driver_;
  std::uint16_t port_;
  ServerProcess server_;
};

}  // namespace spate::drivers
