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
  // What to run, given where it is to listen and a folder of its own. It runs again at the same
  // port, whoever may have taken that meanwhile.
  using Command = std::function<ServerProcess::Command(std::uint16_t port,
                                                       const std::filesystem::path& folder)>;

  // Waits until the driver gets in, each attempt of which may take `attempt_ns`. Throws Error.
  // Settings that the address of this kind of broker knows too go into the address.
  OwnServer(const Driver& driver, const Command& command, const StartOptions& options,
            std::int64_t attempt_ns);

  std::string address() const override;
  int process() const override { return server_.process(); }

  void kill() override { server_.kill(); }
  void end(std::int64_t timeout_ns) override;
  void start_again(std::int64_t timeout_ns) override;
  void pause() override { server_.pause(); }
  void resume() override { server_.resume(); }

 private:
  void await(std::int64_t timeout_ns);

  const Driver& driver_;
  std::string query_;  // of the address: empty, or "?storage=memory"
  std::uint16_t port_;
  std::int64_t attempt_ns_;
  ServerProcess server_;
};

}  // namespace spate::drivers
