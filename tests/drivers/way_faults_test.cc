// What befalls the way to a broker in the middle of a run, beyond its end: every driver gets over
// it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "broker_access.h"
#include "detours.h"
#include "gated_delivery.h"
#include "spate/clock.h"
#include "stepped_run.h"
#include "support/brokers.h"
#include "support/until.h"

namespace spate::drivers {
namespace {

using namespace testing_support;
using From = TcpProxy::From;

constexpr std::uint32_t kCapacity = 256;
// What is unknown may never come. It begins when every way has been found again and all is sent, so
// it is for what a server needs that is there.
constexpr std::int64_t kDrainLimitNs = 5 * kSecond;

class WayFaults : public testing::TestWithParam<BrokerAccess> {
 protected:
  void SetUp() override { SPATE_NEEDS_BROKER(GetParam().driver); }

  static std::unique_ptr<Broker> opened_by(Detours& detours,
                                           std::int64_t timeout_ns = 20 * kSecond) {
    const Driver& driver = driver_named(GetParam().driver);
    const std::string address = broker_for_test(driver.name).server->address();
    return driver.open({parse_address(driver.address, address), timeout_ns,
                        [&detours](const Endpoint& server) { return detours.by(server); }});
  }
};

constexpr auto kName = [](const auto& test) { return std::string(test.param.driver); };

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(WayFaults);  // a build may be without any driver
INSTANTIATE_TEST_SUITE_P(redis, WayFaults, testing::ValuesIn(accesses_of("redis")), kName);
INSTANTIATE_TEST_SUITE_P(nats, WayFaults, testing::ValuesIn(accesses_of("nats")), kName);
INSTANTIATE_TEST_SUITE_P(rabbitmq, WayFaults, testing::ValuesIn(accesses_of("rabbitmq")), kName);
INSTANTIATE_TEST_SUITE_P(kafka, WayFaults, testing::ValuesIn(accesses_of("kafka")), kName);

// A run that loses its connections once, somehow, in the middle. The gate keeps it there until
// every way has been found again: not the clock.
class DivertedRun {
 public:
  explicit DivertedRun(Broker& broker) {
    gate_.most_sent = kBefore;
    run_.plan.workers = kWorkers;
    run_.plan.drain_limit_ns = kDrainLimitNs;
    run_.delivery_on(broker, kCapacity);
    run_.delivery.emplace(std::make_unique<GatedDelivery>(std::move(*run_.delivery), gate_));
    run_.start();
  }

  // `break_ways`: breaks every connection that there is; what it lets flow meanwhile ends at the
  // gate.
  void goes_another_way(const std::function<void(DivertedRun& run)>& break_ways) {
    ASSERT_TRUE(comes_true([&] { return gate_.received() >= kBefore; }));
    ASSERT_NO_FATAL_FAILURE(break_ways(*this));
    const std::int64_t broken_ns = SteadyClock{}.now_ns();
    std::array<std::uint64_t, kWorkers> acked{};
    for (std::size_t worker = 0; worker < kWorkers; ++worker) {
      acked[worker] = gate_.of_worker[worker].acked;
    }
    gate_.most_sent = kUntilBack;
    EXPECT_TRUE(comes_true([&] { return gate_.all_received_since(broken_ns, kWorkers); }));
    for (std::size_t worker = 0; worker < kWorkers; ++worker) {
      // More than it could have been told before.
      EXPECT_TRUE(
          comes_true([&] { return gate_.of_worker[worker].acked > acked[worker] + kCapacity; }));
    }
    gate_.most_sent = Gate::kAll;
  }
  void let_flow() { gate_.most_sent = kMeanwhile; }
  RunReport report() { return run_.report(); }

 private:
  static constexpr std::uint32_t kWorkers = 2;
  // Of each worker's messages; it has more than all of these.
  static constexpr std::uint64_t kBefore = 1000;
  static constexpr std::uint64_t kMeanwhile = 2000;
  static constexpr std::uint64_t kUntilBack = 4000;

  Gate gate_;
  SteppedRun run_{patient_plan(4000, 4000)};
};

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
  DivertedRun run(*broker);
  run.goes_another_way(
      [&](DivertedRun& /*run*/) { detours.each([](TcpProxy& proxy) { proxy.half_close(); }); });
  expect_that_it_went_on(run.report(), *broker);
}

// And then a reset tells. Nobody is let in before answers come through again: it would lose its
// greeting, and wait for that as long as the broker may take.
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
  DivertedRun run(*broker);
  run.goes_another_way([&](DivertedRun& itself) {
    lost = true;
    itself.let_flow();
    ASSERT_TRUE(comes_true([&] { return lost_bytes >= 1000; }));
    detours.each([](TcpProxy& proxy) { proxy.refuse(true); });
    detours.each([](TcpProxy& proxy) { proxy.cut(); });
    lost = false;
    detours.each([](TcpProxy& proxy) { proxy.refuse(false); });
  });
  expect_that_it_went_on(run.report(), *broker);
}

// Each that comes back first, those that send and those that receive, meets somebody who says
// nothing, and leaves again in time for another attempt.
TEST_P(WayFaults, AnAttemptThatIsNotAnsweredIsOneOfMany) {
  constexpr std::uint64_t kHandles = 4;
  Detours detours;
  const auto broker = opened_by(detours, 8 * kSecond);
  DivertedRun run(*broker);
  run.goes_another_way([&](DivertedRun& /*run*/) {
    detours.each([](TcpProxy& proxy) { proxy.ignore(true); });
    detours.each([](TcpProxy& proxy) { proxy.cut(); });
    const auto ignored = [&] {
      std::uint64_t all = 0;
      detours.each([&](TcpProxy& proxy) { all += proxy.ignored(); });
      return all;
    };
    ASSERT_TRUE(comes_true([&] { return ignored() >= kHandles; }));
    detours.each([](TcpProxy& proxy) { proxy.ignore(false); });
  });
  expect_that_it_went_on(run.report(), *broker);
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
