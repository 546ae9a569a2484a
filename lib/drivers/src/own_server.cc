#include "own_server.h"

#include <fmt/format.h>

#include <algorithm>

#include "spate/error.h"

namespace spate::drivers {

namespace {

// For the client to ask for. Throws Error where the settings are wrong.
std::string query_of(const Driver& driver, const ServerSettings& settings) {
  check_settings(driver, settings);
  const auto known = driver.address.settings;
  std::string query;
  for (const auto& [name, value] : settings) {
    if (std::find(known.begin(), known.end(), name) != known.end()) {
      query += fmt::format("{}{}={}", query.empty() ? "?" : "&", name, value);
    }
  }
  return query;
}

}  // namespace

OwnServer::OwnServer(const Driver& driver, const Command& command, const StartOptions& options,
                     std::int64_t attempt_ns)
    : driver_(driver),
      query_(query_of(driver, options.settings)),
      port_(free_port()),
      attempt_ns_(attempt_ns),
      server_(std::string(driver.server),
              [&](const std::filesystem::path& folder) { return command(port_, folder); }) {
  await(options.timeout_ns);
}

void OwnServer::await(std::int64_t timeout_ns) {
  const BrokerOptions options{parse_address(driver_.address, address()), attempt_ns_};
  server_.await(timeout_ns, [&] { driver_.open(options); });
}

void OwnServer::end(std::int64_t timeout_ns) {
  if (!server_.end(timeout_ns)) {
    throw Error(fmt::format("{} did not end within {} s, and was killed", driver_.server,
                            static_cast<double>(timeout_ns) / 1e9));
  }
}

void OwnServer::start_again(std::int64_t timeout_ns) {
  server_.start_again();
  await(timeout_ns);
}

std::string OwnServer::address() const {
  return fmt::format("{}://127.0.0.1:{}{}", driver_.address.schemes.front(), port_, query_);
}

}  // namespace spate::drivers
