// Brokers for tests: servers of our own, started once in a process.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "spate/drivers/broker.h"

namespace spate::testing_support {

// A broker that a test may use, or why there is none.
struct BrokerForTest {
  drivers::LocalBroker* server = nullptr;
  drivers::Broker* broker = nullptr;
  std::string absent;  // empty: it is there
};

// Starts the server at the first call for its driver; it ends with the process.
BrokerForTest& broker_for_test(std::string_view driver);

// Ends the test where the broker is not there: as failed in CI, where it has to be, and as skipped
// elsewhere.
#define SPATE_NEEDS_BROKER(driver)                                          \
  if (const auto& needed = spate::testing_support::broker_for_test(driver); \
      !needed.absent.empty()) {                                             \
    if (spate::testing_support::brokers_are_required()) {                   \
      FAIL() << needed.absent;                                              \
    }                                                                       \
    GTEST_SKIP() << needed.absent;                                          \
  }                                                                         \
  static_assert(true)

// Whether this is CI, by its environment.
bool brokers_are_required();

}  // namespace spate::testing_support
