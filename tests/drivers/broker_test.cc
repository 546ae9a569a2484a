// What every driver owes beyond what every delivery does: it is not alone on its broker, and the
// way there may be lost.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "broker_access.h"
#include "spate/drivers/envelope.h"
#include "spate/drivers/naming.h"
#include "spate/drivers/server_process.h"
#include "stepped_run.h"
#include "support/brokers.h"
#include "support/messages.h"
#include "support/runs.h"
#include "support/strange_server.h"

namespace spate::drivers {
namespace {

using namespace testing_support;

class EveryBroker : public testing::TestWithParam<BrokerAccess> {
 protected:
  void SetUp() override { SPATE_NEEDS_BROKER(GetParam().driver); }

  static Address address() {
    const BrokerForTest& known = broker_for_test(GetParam().driver);
    return parse_address(driver_named(GetParam().driver).address, known.server->address());
  }
  static Broker& broker() { return *broker_for_test(GetParam().driver).broker; }
  // As the test's own: over another way, or with other limits.
  static std::unique_ptr<Broker> opened(const Address& address, std::int64_t timeout_ns) {
    return driver_named(GetParam().driver).open({address, timeout_ns});
  }
  static std::vector<std::string> names(const std::string& beginning) {
    return GetParam().names(address(), beginning);
  }
};

constexpr auto kName = [](const auto& test) { return std::string(test.param.driver); };

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(EveryBroker);  // a build may be without any driver
INSTANTIATE_TEST_SUITE_P(redis, EveryBroker, testing::ValuesIn(accesses_of("redis")), kName);
INSTANTIATE_TEST_SUITE_P(nats, EveryBroker, testing::ValuesIn(accesses_of("nats")), kName);
INSTANTIATE_TEST_SUITE_P(rabbitmq, EveryBroker, testing::ValuesIn(accesses_of("rabbitmq")), kName);
INSTANTIATE_TEST_SUITE_P(kafka, EveryBroker, testing::ValuesIn(accesses_of("kafka")), kName);

TEST_P(EveryBroker, LeavesNothingBehindAndTouchesNothingElse) {
  const std::string other = "spate-of-somebody-else";
  GetParam().make(address(), other);
  std::string name;
  {
    SteppedRun run(patient_plan(1000, 0));
    run.plan.workers = 2;
    name = run.name;
    run.delivery_on(broker());
    EXPECT_FALSE(names(name).empty()) << "the run is called otherwise";
    expect_nothing_lost(run.execute());
  }
  EXPECT_THAT(names(name), testing::IsEmpty());
  EXPECT_THAT(names(other), testing::Not(testing::IsEmpty()));
  EXPECT_EQ(said(broker()), "");
}

TEST_P(EveryBroker, IsTriedOutBeforeARun) {
  const RunPlan plan = patient_plan(1, 0);
  EXPECT_NO_THROW(try_out(broker(), {.workers = 2, .payloads = payloads_for(plan)}, 20 * kSecond));
  EXPECT_EQ(said(broker()), "");
}

TEST_P(EveryBroker, CountsWhatIsNotOursAsAliens) {
  SteppedRun run(patient_plan(1000, 0));
  run.delivery_on(broker());
  const std::string garbage(100, 'x');
  for (const std::string& foreign : {std::string("x"), garbage, std::string()}) {
    GetParam().send(address(), run.name, std::as_bytes(std::span(foreign)));
  }
  const RunReport report = run.execute();
  expect_nothing_lost(report);
  EXPECT_EQ(report.account.aliens, 3U);
  EXPECT_EQ(report.account.corrupted, 0U);
  EXPECT_EQ(report.total.delivered, report.total.expected);
}

// As a message of this run that was damaged on its way.
TEST_P(EveryBroker, FindsWhatWasDamaged) {
  SteppedRun run(patient_plan(1000, 0));
  run.delivery_on(broker());
  const Envelope envelope(run.payloads);
  std::vector<std::byte> bytes(envelope.buffer_bytes());
  bytes.resize(envelope.write(message_of(0, 1, 0, MessageType::text), bytes.data()));
  bytes.back() ^= std::byte{1};
  GetParam().send(address(), run.name, bytes);
  const RunReport report = run.execute();
  expect_nothing_lost(report);
  EXPECT_EQ(report.account.corrupted, 1U);
  EXPECT_EQ(report.account.aliens, 0U);
  EXPECT_EQ(report.total.delivered, report.total.expected);
}

TEST_P(EveryBroker, ComesBackAfterALostConnection) {
  const std::unique_ptr<Way> way = GetParam().way(address());
  const auto broker = opened(way->address(), 20 * kSecond);
  SteppedRun run(patient_plan(4000, 4000));
  run.plan.workers = 2;
  run.plan.drain_limit_ns = kSecond;  // what is unknown may never come
  // So few are in flight that two cuts cannot make a tenth of all unknown, however slow the server.
  run.delivery_on(*broker, 256);
  run.start();
  for (const std::uint64_t deliveries : {1000U, 2000U}) {
    run.await_delivered(deliveries);
    way->cut();
  }
  const RunReport report = run.report();
  expect_nothing_lost(report);
  EXPECT_EQ(report.rejected, 0U);
  EXPECT_EQ(report.account.aliens + report.account.corrupted, 0U);
  EXPECT_EQ(report.total.expected, report.total.delivered + report.account.unknown);
  EXPECT_GT(report.total.delivered, report.total.expected * 9 / 10);
  EXPECT_EQ(report.shed, 0U);
  EXPECT_THAT(said(*broker), testing::HasSubstr("lost"));
}

TEST_P(EveryBroker, GivesUpWhenTheServerDoesNotComeBack) {
  const std::unique_ptr<Way> way = GetParam().way(address());
  const auto broker = opened(way->address(), kSecond / 2);
  SteppedRun run(patient_plan(8000, 4000));
  run.plan.drain_limit_ns = kSecond;
  run.delivery_on(*broker);
  run.start();
  run.await_delivered(500);
  way->refuse(true);
  way->cut();
  ASSERT_TRUE(run.ends_within(30 * kSecond));
  const RunReport report = run.report();
  EXPECT_TRUE(report.balanced());
  EXPECT_EQ(report.total.sent, 8000U);
  EXPECT_GT(report.total.delivered, 0U);
  EXPECT_GT(report.rejected, report.total.expected / 10);
  EXPECT_EQ(report.account.anomalies + report.account.misreported, 0U);
  EXPECT_THAT(said(*broker), testing::HasSubstr("did not come back"));
  EXPECT_TRUE(broker->troubles().take_given_up());
}

// A server that stands still for two seconds is late for two seconds, and says so: response times
// count from when a message should have been sent.
TEST_P(EveryBroker, IsLateWhenTheServerStandsStill) {
  LocalBroker& server = *broker_for_test(GetParam().driver).server;
  if (server.process() == 0) {
    GTEST_SKIP() << "the stand-in is in this process, which cannot stand still for itself";
  }
  // More than the producer may have in flight come while it stands; and not so many that a server
  // which writes each to disk could not make up for them afterwards.
  SteppedRun run(patient_plan(5000, 1000));
  run.delivery_on(broker(), 1024);
  run.start();
  run.await_delivered(500);
  server.pause();
  EXPECT_FALSE(run.ends_within(2 * kSecond));
  server.resume();
  const RunReport report = run.report();
  expect_nothing_lost(report);
  EXPECT_TRUE(report.clean());
  EXPECT_EQ(report.shed, 0U);
  EXPECT_EQ(report.total.delivered, report.total.expected);
  EXPECT_GT(report.response.quantile(0.99), 3 * kSecond / 2);
  // How fast it catches up is the machine's; that it does so is not. One that keeps its backlog
  // ends about as late as it was.
  const auto by_p50 = [](const WindowReport& a, const WindowReport& b) {
    return a.response_p50_ns < b.response_p50_ns;
  };
  const auto worst = std::max_element(report.windows.begin(), report.windows.end(), by_p50);
  EXPECT_LT(report.windows.back().response_p50_ns, worst->response_p50_ns / 2)
      << "it did not catch up";
}

// --- where there is no such server ---

// What opening says; it must not take longer than it may.
std::string refusal(const BrokerAccess& access, std::uint16_t port, std::int64_t timeout_ns) {
  const Driver& driver = driver_named(access.driver);
  const std::string url =
      fmt::format("{}://ann:secret@127.0.0.1:{}", driver.address.schemes.front(), port);
  const SteadyClock clock;
  const std::int64_t began_ns = clock.now_ns();
  std::string line = error_of([&] {
    driver.open({parse_address(driver.address, url), timeout_ns});
  });
  EXPECT_LT(clock.now_ns() - began_ns, timeout_ns + 2 * kSecond);
  EXPECT_EQ(line.find("secret"), std::string::npos) << line;
  EXPECT_EQ(line.find('\n'), std::string::npos) << line;
  EXPECT_THAT(line, testing::StartsWith(fmt::format("{}: ", access.driver)));
  EXPECT_THAT(line, testing::HasSubstr(fmt::format("127.0.0.1:{}", port)));
  return line;
}

TEST_P(EveryBroker, SaysThatNobodyIsThere) {
  EXPECT_THAT(refusal(GetParam(), free_port(), 3 * kSecond), testing::HasSubstr("no server"));
}

TEST_P(EveryBroker, SaysThatTheServerIsOfAnotherKind) {
  for (const char* const answer : {"HTTP/1.1 400 Bad Request\r\n\r\n", "-ERR unknown command\r\n",
                                   "SSH-2.0-OpenSSH_9.2\r\n"}) {
    const StrangeServer server(answer);
    EXPECT_THAT(refusal(GetParam(), server.port(), 3 * kSecond),
                testing::AnyOf(testing::HasSubstr("protocol"), testing::HasSubstr("must be")))
        << answer;
  }
}

TEST_P(EveryBroker, DoesNotWaitForAServerThatSaysNothing) {
  const StrangeServer server("");
  EXPECT_THAT(refusal(GetParam(), server.port(), kSecond), testing::HasSubstr("does not answer"));
}

}  // namespace
}  // namespace spate::drivers
