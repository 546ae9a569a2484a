// What is RabbitMQ's own: what it says of itself, and why it may refuse.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <thread>

#include "rabbitmq_access.h"
#include "spate/drivers/naming.h"
#include "support/brokers.h"
#include "support/expect_error.h"
#include "support/runs.h"

namespace spate::drivers {
namespace {

using namespace testing_support;
using testing::HasSubstr;

const Driver& driver() { return driver_named("rabbitmq"); }

// Users and virtual hosts of these tests, which are nobody else's concern. In `full` no queue of a
// run has room, in `shut` no queue at all.
constexpr const char* kDefinitions = R"({
  "vhosts": [{"name": "full"}, {"name": "shut"}, {"name": "of ann"}],
  "users": [{"name": "ann", "password": "secret", "tags": ""}],
  "permissions": [
    {"user": "ann", "vhost": "of ann", "configure": ".*", "write": ".*", "read": ".*"},
    {"user": "ann", "vhost": "/", "configure": "elsewhere", "write": ".*", "read": ".*"},
    {"user": "guest", "vhost": "shut", "configure": ".*", "write": ".*", "read": ".*"},
    {"user": "guest", "vhost": "full", "configure": ".*", "write": ".*", "read": ".*"}],
  "policies": [{"vhost": "full", "name": "no room", "pattern": "^spate-[0-9a-f]{16}[.]",
                "apply-to": "queues", "priority": 0,
                "definition": {"max-length": 0, "overflow": "reject-publish"}},
               {"vhost": "shut", "name": "no room", "pattern": ".*",
                "apply-to": "queues", "priority": 0,
                "definition": {"max-length": 0, "overflow": "reject-publish"}}]
})";

class Rabbitmq : public testing::Test {
 protected:
  // With the server that the other tests use: to start one takes longer than all of these.
  void SetUp() override {
    SPATE_NEEDS_BROKER("rabbitmq");
    static const bool defined = [] {
      const std::filesystem::path file = std::filesystem::path(testing::TempDir()) /
                                         fmt::format("definitions-{}.json", server().process());
      std::ofstream(file) << kDefinitions;
      control(fmt::format("import_definitions \"{}\"", file.string()));
      return std::filesystem::remove(file);
    }();
    ASSERT_TRUE(defined);
  }

  static LocalBroker& server() { return *broker_for_test("rabbitmq").server; }
  // By the program that comes with the server, which finds it by the server's own environment.
  static void control(const std::string& command) {
    const std::string line = fmt::format(
        "xargs -0 -a /proc/{}/environ sh -c "
        "'exec env \"$@\" /usr/lib/rabbitmq/bin/rabbitmqctl --silent {}' sh > /dev/null",
        server().process(), command);
    ASSERT_EQ(std::system(line.c_str()), 0) << command;
  }
  static Address url(const std::string& credentials, const std::string& rest = "") {
    const std::uint16_t port = parse_address(driver().address, server().address()).first().port;
    return parse_address(driver().address,
                         fmt::format("amqp://{}127.0.0.1:{}{}", credentials, port, rest));
  }
  static std::unique_ptr<Broker> opened(const Address& address,
                                        std::int64_t timeout_ns = 5 * kSecond) {
    return driver().open({address, timeout_ns});
  }
  struct OneRun {
    explicit OneRun(Broker& broker, std::uint64_t messages, std::uint64_t rate = 0)
        : plan(patient_plan(messages, rate)),
          payloads(payloads_for(plan)),
          delivery(broker.make_delivery({.workers = 1, .payloads = payloads})) {}
    RunReport execute() { return run_over(delivery, plan, payloads); }

    RunPlan plan;
    std::shared_ptr<const Payloads> payloads;
    AnyDelivery delivery;
  };
};

TEST_F(Rabbitmq, TellsHowDurableItIs) {
  EXPECT_THAT(
      opened(url(""))->description(),
      testing::MatchesRegex("rabbitmq [0-9.]+, durable classic queues, persistent messages"));
  EXPECT_THAT(opened(url("", "?persistent=no"))->description(),
              HasSubstr("durable classic queues, transient messages"));
  const auto quorum = opened(url("", "?queue=quorum"), 30 * kSecond);
  EXPECT_THAT(quorum->description(), HasSubstr("quorum queues, where every message is persistent"));
  EXPECT_TRUE(OneRun(*quorum, 1000).execute().clean());
  EXPECT_THAT(quorum->troubles().take(), testing::IsEmpty());
}

TEST_F(Rabbitmq, HasOnlyTheSettingsThatItHas) {
  expect_error([] { opened(url("", "?persistent=perhaps")); },
               {"persistent", "perhaps", "yes or no"});
  expect_error([] { opened(url("", "?queue=stream")); }, {"queue", "stream", "classic or quorum"});
  expect_error([] { url("", "?durable=yes"); }, {"durable", "--rabbitmq"});
}

TEST_F(Rabbitmq, WantsTheRightPassword) {
  EXPECT_NO_THROW(opened(url("ann:secret@", "/of%20ann")));
  expect_error([] { opened(url("ann:wrong@", "/of%20ann")); },
               {"ACCESS_REFUSED", "check user and password"});
  expect_error([] { opened(url(std::string(300, 'a') + ":secret@")); }, {"255 bytes"});
}

TEST_F(Rabbitmq, WantsPermission) {
  expect_error([] { opened(url("ann:secret@")); }, {"ACCESS_REFUSED", "allow this user"});
}

TEST_F(Rabbitmq, HasOnlyTheVirtualHostsThatItHas) {
  expect_error([] { opened(url("", "/nowhere")); }, {"nowhere", "check the virtual host"});
  expect_error([] { opened(url("ann:secret@", "/full")); }, {"full", "may enter it"});
}

TEST_F(Rabbitmq, RefusalsAreCounted) {
  const auto broker = opened(url("", "/full"));
  const RunReport report = OneRun(*broker, 100).execute();
  EXPECT_TRUE(report.clean());
  EXPECT_EQ(report.rejected, report.total.expected);
  const auto lines = broker->troubles().take();
  ASSERT_EQ(lines.size(), 1U);
  EXPECT_THAT(lines[0].text, HasSubstr("a queue is full"));
  expect_error([] { opened(url("", "/shut")); }, {"takes no message", "policies"});
}

TEST_F(Rabbitmq, LeavesNothingInItsQueues) {
  const auto broker = opened(url(""));
  OneRun run(*broker, 20'000);
  EXPECT_TRUE(run.execute().clean());
  // What is not acknowledged has come back to the queue, as its consumer is gone: at most the last
  // batch of each of them, which nobody asked for more after.
  std::uint32_t left = 0;
  for (const char* const lane : {".0.urgent", ".0.normal"}) {
    left += rabbitmq_waiting(url(""), run_name(*run.payloads) + lane).value();
  }
  EXPECT_LT(left, 300U);
}

// As it does when its memory or its disk is nearly full.
TEST_F(Rabbitmq, WaitsWhileTheServerTakesNothing) {
  const auto broker = opened(url(""));
  const auto impatient = opened(url(""), kSecond / 2);
  OneRun run(*broker, 1000);
  OneRun hopeless(*impatient, 1000);
  hopeless.plan.drain_limit_ns = kSecond / 2;  // what is unknown never comes
  control(
      "eval \"Memory = {resource_limit, memory, node()}, rabbit_alarm:set_alarm({Memory, []}), "
      "timer:apply_after(3000, rabbit_alarm, clear_alarm, [Memory]).\"");
  expect_error([] { opened(url(""), kSecond / 2); }, {"of no use now", "memory"});
  const RunReport given_up = hopeless.execute();
  EXPECT_TRUE(given_up.balanced());
  EXPECT_EQ(given_up.rejected + given_up.account.unknown, given_up.total.expected);
  const RunReport late = run.execute();
  EXPECT_TRUE(late.clean());
  EXPECT_EQ(late.total.delivered, late.total.expected);
  ASSERT_FALSE(broker->troubles().take().empty());
}

}  // namespace
}  // namespace spate::drivers
