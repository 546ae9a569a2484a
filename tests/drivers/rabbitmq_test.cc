// What is RabbitMQ's own: what it says of itself, and why it may refuse.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "rabbitmq_fixture.h"
#include "support/expect_error.h"

namespace spate::drivers {
namespace {

using namespace testing_support;
using testing::HasSubstr;

// Users and virtual hosts of these tests, which are nobody else's concern. In `full` no queue of a
// run has room, in `shut` no queue at all; in `forgetful` and `hasty` nothing stays.
constexpr const char* kDefinitions = R"({
  "vhosts": [{"name": "full"}, {"name": "shut"}, {"name": "forgetful"}, {"name": "hasty"},
             {"name": "of ann"}, {"name": "unread"}, {"name": "unwritten"},
             {"name": "no queues"}, {"name": "no connections"}],
  "users": [{"name": "ann", "password": "secret", "tags": ""}],
  "permissions": [
    {"user": "ann", "vhost": "of ann", "configure": ".*", "write": ".*", "read": ".*"},
    {"user": "ann", "vhost": "/", "configure": "elsewhere", "write": ".*", "read": ".*"},
    {"user": "ann", "vhost": "unread", "configure": ".*", "write": ".*", "read": "elsewhere"},
    {"user": "ann", "vhost": "unwritten", "configure": ".*", "write": "elsewhere", "read": ".*"},
    {"user": "guest", "vhost": "shut", "configure": ".*", "write": ".*", "read": ".*"},
    {"user": "guest", "vhost": "full", "configure": ".*", "write": ".*", "read": ".*"},
    {"user": "guest", "vhost": "forgetful", "configure": ".*", "write": ".*", "read": ".*"},
    {"user": "guest", "vhost": "hasty", "configure": ".*", "write": ".*", "read": ".*"},
    {"user": "guest", "vhost": "no queues", "configure": ".*", "write": ".*", "read": ".*"},
    {"user": "guest", "vhost": "no connections", "configure": ".*", "write": ".*", "read": ".*"}],
  "policies": [{"vhost": "full", "name": "no room", "pattern": "^spate-[0-9a-f]{16}[.]",
                "apply-to": "queues", "priority": 0,
                "definition": {"max-length": 0, "overflow": "reject-publish"}},
               {"vhost": "shut", "name": "no room", "pattern": ".*",
                "apply-to": "queues", "priority": 0,
                "definition": {"max-length": 0, "overflow": "reject-publish"}},
               {"vhost": "forgetful", "name": "none stays", "pattern": ".*",
                "apply-to": "queues", "priority": 0, "definition": {"max-length": 0}},
               {"vhost": "hasty", "name": "none stays", "pattern": ".*",
                "apply-to": "queues", "priority": 0, "definition": {"message-ttl": 0}}],
  "parameters": [{"component": "vhost-limits", "vhost": "no queues", "name": "limits",
                  "value": {"max-queues": 0}},
                 {"component": "vhost-limits", "vhost": "no connections", "name": "limits",
                  "value": {"max-connections": 0}}]
})";

class Rabbitmq : public RabbitmqTest {
 protected:
  void SetUp() override {
    RabbitmqTest::SetUp();
    if (!IsSkipped() && !HasFatalFailure()) {
      static const bool defined = control("import_definitions", kDefinitions);
      ASSERT_TRUE(defined);
    }
  }
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
  for (const char* const host : {"", "/unread", "/unwritten"}) {
    expect_error([&] { opened(url("ann:secret@", host)); }, {"ACCESS_REFUSED", "allow this user"});
  }
}

TEST_F(Rabbitmq, HasOnlyTheVirtualHostsThatItHas) {
  expect_error([] { opened(url("", "/nowhere")); }, {"nowhere", "check the virtual host"});
  expect_error([] { opened(url("ann:secret@", "/full")); }, {"full", "may enter it"});
}

TEST_F(Rabbitmq, SaysWhichLimitIsReached) {
  expect_error([] { opened(url("", "/no%20queues")); }, {"queue limit", "look at the limits"});
  expect_error([] { opened(url("", "/no%20connections")); },
               {"connection limit", "how many connections are allowed"});
  const auto broker = opened(url(""));
  OneRun run(*broker, 1);
  ASSERT_TRUE(control("eval \"application:set_env(rabbit, channel_max, 1).\""));
  expect_error([&] { run.delivery.make_consumer(0); }, {"channel", "two channels"});
  ASSERT_TRUE(control("eval \"application:set_env(rabbit, channel_max, 2047).\""));
}

TEST_F(Rabbitmq, SaysThatAPolicyDropsWhatIsConfirmed) {
  for (const char* const host : {"/forgetful", "/hasty"}) {
    expect_error([&] { opened(url("", host)); }, {"does not keep", "a policy drops"});
  }
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

// As it does when its memory or its disk is nearly full.
TEST_F(Rabbitmq, WaitsWhileTheServerTakesNothing) {
  const auto broker = opened(url(""), 60 * kSecond);
  const auto impatient = opened(url(""), kSecond / 2);
  OneRun run(*broker, 1000);
  constexpr std::uint32_t kMostUnderWay = 64;
  OneRun hopeless(*impatient, 1000, /*rate=*/0, kMostUnderWay);
  hopeless.plan.drain_limit_ns = kSecond / 2;  // what is unknown never comes
  ASSERT_TRUE(control(
      "eval \"Memory = {resource_limit, memory, node()}, rabbit_alarm:set_alarm({Memory, []}), "
      "timer:apply_after(8000, rabbit_alarm, clear_alarm, [Memory]).\""));
  expect_error([] { opened(url(""), kSecond / 2); }, {"of no use now", "memory"});
  const RunReport given_up = hopeless.execute();
  EXPECT_TRUE(given_up.balanced());
  EXPECT_EQ(given_up.rejected + given_up.account.unknown, given_up.total.expected);
  EXPECT_LE(given_up.account.unknown, kMostUnderWay);
  const RunReport late = run.execute();
  EXPECT_TRUE(late.clean());
  EXPECT_EQ(late.total.delivered, late.total.expected);
  const auto lines = broker->troubles().take();
  ASSERT_FALSE(lines.empty());
  EXPECT_THAT(lines[0].text, HasSubstr("it takes no messages: low on memory"));
}

}  // namespace
}  // namespace spate::drivers
