#include "support/brokers.h"

#include <cstdlib>
#include <map>
#include <memory>

#include "spate/error.h"

namespace spate::testing_support {
namespace {

constexpr std::int64_t kStartLimitNs = 60'000'000'000;

struct Started {
  std::unique_ptr<drivers::LocalBroker> server;
  std::unique_ptr<drivers::Broker> broker;
  BrokerForTest shown;
};

Started start(std::string_view name) {
  const drivers::Driver& driver = drivers::driver_named(name);
  Started started;
  if (driver.open == nullptr) {
    started.shown.absent =
        std::string(name) + ": not in this build, for want of " + std::string(driver.package);
    return started;
  }
  try {
    started.server = driver.start({.timeout_ns = kStartLimitNs});
    started.broker = driver.open({parse_address(driver.address, started.server->address())});
    started.shown = {started.server.get(), started.broker.get(), ""};
  } catch (const Error& error) {
    started.shown.absent = error.what();
  }
  return started;
}

}  // namespace

BrokerForTest& broker_for_test(std::string_view driver) {
  static std::map<std::string, Started, std::less<>> all;
  auto found = all.find(driver);
  if (found == all.end()) {
    found = all.emplace(driver, start(driver)).first;
  }
  return found->second.shown;
}

bool brokers_are_required() {
  const char* const ci = std::getenv("CI");
  return ci != nullptr && std::string_view(ci) == "true";
}

}  // namespace spate::testing_support
