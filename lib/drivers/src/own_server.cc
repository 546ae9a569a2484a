#include "own_server.h"

#include <fmt/format.h>

namespace spate::drivers {

OwnServer::OwnServer(const Driver& driver, const Command& command, std::int64_t timeout_ns,
                     std::int64_t attempt_ns)
    : driver_(driver),
      port_(free_port()),
      attempt_ns_(attempt_ns),
      server_(std::string(driver.server),
              [&](const std::filesystem::path& folder) { return command(port_, folder); }) {
  await(timeout_ns);
}

void OwnServer::await(std::int64_t timeout_ns) {
  const BrokerOptions options{parse_address(driver_.address, address()), attempt_ns_};
  server_.await(timeout_ns, [&] { driver_.open(options); });
}

void OwnServer::start_again(std::int64_t timeout_ns) {
  server_.start_again();
  await(timeout_ns);
}

std::string OwnServer::address() const {
  return fmt::format("{}://127.0.0.1:{}", driver_.address.schemes.front(), port_);
}

}  // namespace spate::drivers
