// What befalls the way to a broker in the middle of a run, beyond its end: every driver gets over
// it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "broker_access.h"
#include "detours.h"
#include "stepped_run.h"
#include "support/brokers.h"

namespace spate::drivers {
namespace {

using namespace testing_support;
using From = TcpProxy::From;

constexpr std::uint32_t kCapacity = 256;

class WayFaults : public testing::TestWithParam<BrokerAccess> {
 protected:
  void SetUp() override { SPATE_NEEDS_BROKER(GetParam().driver); }

  static std::unique_ptr<Broker> opened_by(Detours& detours) {
    const Driver& driver = driver_named(GetParam().driver);
    const std::string address = broker_for_test(driver.name).server->address();
    return driver.open({parse_address(driver.address, address), 20 * kSecond,
                        [&detours](const Endpoint& server) { return detours.by(server); }});
  }
};

constexpr auto kName = [](const auto& test) { return std::string(test.param.driver); };

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(WayFaults);  // a build may be without any driver
INSTANTIATE_TEST_SUITE_P(redis, WayFaults, testing::ValuesIn(accesses_of("redis")), kName);
INSTANTIATE_TEST_SUITE_P(nats, WayFaults, testing::ValuesIn(accesses_of("nats")), kName);
INSTANTIATE_TEST_SUITE_P(rabbitmq, WayFaults, testing::ValuesIn(accesses_of("rabbitmq")), kName);
INSTANTIATE_TEST_SUITE_P(kafka, WayFaults, testing::ValuesIn(accesses_of("kafka")), kName);

// A run that loses its connections once, somehow, when a quarter of it has arrived.
RunReport report_of_a_run(Broker& broker, const std::function<void()>& meanwhile) {
  SteppedRun run(patient_plan(4000, 4000));
  run.plan.workers = 2;
  run.plan.drain_limit_ns = kSecond;  // what is unknown may never come
  run.delivery_on(broker, kCapacity);
  run.start();
  run.await_delivered(1000);
  meanwhile();
  return run.report();
}

void expect_that_it_went_on(const RunReport& report, Broker& broker) {
  expect_nothing_lost(report);
  EXPECT_EQ(report.account.aliens + report.account.corrupted, 0U);
  EXPECT_EQ(report.rejected + report.shed, 0U);
  EXPECT_LE(report.account.unknown, 2 * kCapacity) << "more than was under way";
  EXPECT_EQ(report.total.expected, report.total.delivered + report.account.unknown);
  EXPECT_FALSE(broker.troubles().take_given_up());
  EXPECT_THAT(said(broker), testing::HasSubstr("lost"));
}

TEST_P(WayFaults, HalfClosedConnectionsAreMadeAnew) {
  Detours detours;
  const auto broker = opened_by(detours);
  const RunReport report =
      report_of_a_run(*broker, [&] { detours.each([](TcpProxy& proxy) { proxy.half_close(); }); });
  expect_that_it_went_on(report, *broker);
}

// And then a reset tells.
TEST_P(WayFaults, AnswersMayBeLost) {
  std::atomic<bool> lost{false};
  std::atomic<std::size_t> lost_bytes{0};
  Detours detours([&](From from, std::string& bytes) {
    if (lost && from == From::server) {
      lost_bytes += bytes.size();
      bytes.clear();
    }
    return true;
  });
  const auto broker = opened_by(detours);
  const RunReport report = report_of_a_run(*broker, [&] {
    lost = true;
    while (lost_bytes < 1000) {
      std::this_thread::yield();
    }
    detours.each([](TcpProxy& proxy) { proxy.cut(); });
    lost = false;
  });
  expect_that_it_went_on(report, *broker);
}

// What is read may end at any byte.
TEST_P(WayFaults, BytesMayComeOneByOne) {
  Detours detours;
  const auto broker = opened_by(detours);
  SteppedRun run(patient_plan(100, 500));
  run.delivery_on(*broker);
  const auto slice = [&](std::size_t most_at_once) {
    detours.each([&](TcpProxy& proxy) { proxy.slice(most_at_once); });
  };
  if (GetParam().driver == "nats") {  // whose library cannot connect so: see nats_loss_test.cc
    run.start();
    run.await_delivered(1);
    slice(1);
  } else {
    slice(1);
    run.start();
  }
  const RunReport report = run.report();
  slice(1 << 20);
  EXPECT_TRUE(report.clean());
  EXPECT_EQ(report.total.delivered, report.total.expected);
  EXPECT_EQ(said(*broker), "");
}

}  // namespace
}  // namespace spate::drivers
