// What a server that is started may be asked for.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "spate/drivers/broker.h"
#include "support/brokers.h"
#include "support/expect_error.h"
#include "support/runs.h"

namespace spate::drivers {
namespace {

using namespace testing_support;
using testing::HasSubstr;

TEST(ServerSettings, AreThoseOfTheDriver) {
  const auto check = [](const char* driver, const ServerSettings& settings) {
    check_settings(driver_named(driver), settings);
  };
  EXPECT_NO_THROW(check("kafka", {}));
  for (const Driver& driver : all_drivers()) {
    for (const ServerSetting& setting : driver.server_settings) {
      for (const std::string_view value : setting.values) {
        EXPECT_NO_THROW(check_settings(driver, {{std::string(setting.name), std::string(value)}}));
      }
    }
  }
  expect_error(
      [&] {
        check("redis", {{"storage", "file"}});
      },
      {"redis", "no setting 'storage'", "give appendonly"});
  expect_error(
      [&] {
        check("redis", {{"appendonly", "yes"}});
      },
      {"redis: appendonly=yes: give off or everysec or always"});
  expect_error([&] { check("nats", {{"storage", ""}}); }, {"nats: storage=: give file or memory"});
  expect_error([&] { check("kafka", {{"acks", "all"}}); }, {"kafka", "no settings", "'acks'"});
}

std::string description_with(const char* name, const ServerSettings& settings) {
  const Driver& driver = driver_named(name);
  const auto server = driver.start({.timeout_ns = 60 * kSecond, .settings = settings});
  return driver.open({parse_address(driver.address, server->address())})->description();
}

// A server that is refused was not started.
TEST(RedisServerSettings, SayWhatIsKept) {
  SPATE_NEEDS_BROKER("redis");
  EXPECT_THAT(description_with("redis", {}), HasSubstr("appendonly no"));
  for (const char* const fsync : {"everysec", "always"}) {
    EXPECT_THAT(description_with("redis", {{"appendonly", fsync}}),
                HasSubstr(std::string("appendonly yes, appendfsync ") + fsync));
  }
  expect_error([] { description_with("redis", {{"appendonly", "no"}}); }, {"appendonly=no"});
}

TEST(NatsServerSettings, AreAskedForByTheAddress) {
  SPATE_NEEDS_BROKER("nats");
  EXPECT_THAT(description_with("nats", {}), HasSubstr("storage file"));
  EXPECT_THAT(description_with("nats", {{"storage", "memory"}}), HasSubstr("storage memory"));
}

}  // namespace
}  // namespace spate::drivers
