// What is NATS's own: what it says of itself, and why it may refuse.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <future>
#include <memory>
#include <optional>
#include <string>

#include "nats_access.h"
#include "nats_fixture.h"
#include "spate/error.h"
#include "support/expect_error.h"
#include "support/messages.h"
#include "support/strange_server.h"
#include "support/until.h"

namespace spate::drivers {
namespace {

using namespace testing_support;
using testing::HasSubstr;

TEST_F(Nats, TellsHowDurableItIs) {
  start(kJetStream);
  EXPECT_THAT(opened_when_there(url(""))->description(),
              testing::MatchesRegex("nats-server [0-9.]+, storage file, replicas 1, fsync as .*"));
  EXPECT_THAT(opened(url("", "?storage=memory"))->description(),
              testing::MatchesRegex("nats-server [0-9.]+, storage memory, replicas 1"));
  const auto broker = opened(url("", "?storage=memory"));
  EXPECT_TRUE(OneRun(*broker, 100).execute().clean());
}

TEST_F(Nats, HasSettingsWithValuesThatAreAllowed) {
  start(kJetStream);
  opened_when_there(url(""));
  expect_error([&] { opened(url("", "?storage=disk")); }, {"storage=disk", "file or memory"});
  expect_error([&] { opened(url("", "?replicas=9")); }, {"replicas=9", "1 to 5"});
  expect_error([&] { opened(url("", "?fsync=always")); }, {"'fsync'", "storage, replicas, ca"});
  expect_error([&] { opened(url("", "?ca=x")); }, {"ca=", "tls://"});
  const auto broker = opened(url("", "?replicas=3"));
  expect_error([&] { OneRun(*broker, 10); }, {"replicas=1", "cluster"});
}

TEST_F(Nats, WantsTheRightPassword) {
  start("authorization: { user: ann, password: secret }\njetstream: { store_dir: FOLDER }\n");
  EXPECT_NO_THROW(opened_when_there(url("ann:secret@")));
  for (const char* const credentials : {"ann:wrong@", ""}) {
    expect_error([&] { opened(url(credentials)); },
                 {"Authorization Violation", "check user and password"});
  }
}

TEST_F(Nats, TakesAToken) {
  start("authorization: { token: secret }\njetstream: { store_dir: FOLDER }\n");
  EXPECT_NO_THROW(opened_when_there(url("secret@")));
  const std::string line = error_of([&] { opened(url("wrong@")); });
  expect_line_with(line, {"Authorization Violation", "TOKEN@"});
  EXPECT_THAT(line, testing::Not(HasSubstr("wrong")));
}

TEST_F(Nats, WantsPermission) {
  start(R"(
jetstream: { store_dir: FOLDER }
authorization: { users: [
  { user: all, password: x }
  { user: api, password: x, permissions: { publish: { deny: "$JS.API.>" } } }
  { user: own, password: x, permissions: { publish: { deny: "spate.>" } } }
  { user: ack, password: x, permissions: { publish: { deny: "$JS.ACK.>" } } }
  { user: inbox, password: x, permissions: { subscribe: { deny: "_INBOX.>" } } }
  { user: next, password: x, permissions: { publish: { deny: "$JS.API.CONSUMER.MSG.NEXT.>" } } }
  { user: reader, password: x, permissions: { publish: { deny: "$JS.API.CONSUMER.DELETE.>" } } }
  { user: stream, password: x, permissions: { publish: { deny: "$JS.API.STREAM.DELETE.>" } } }
] }
)");
  EXPECT_NO_THROW(opened_when_there(url("all:x@")));
  for (const char* const credentials :
       {"api:x@", "own:x@", "ack:x@", "inbox:x@", "next:x@", "reader:x@", "stream:x@"}) {
    SCOPED_TRACE(credentials);
    expect_error([&] { opened(url(credentials), kSecond / 2); },
                 {"Permissions Violation", "allow this user"});
  }
}

// What it tries to do without doing it must not be done where it could be.
TEST_F(Nats, LeavesAStreamOfTheProbesNameAlone) {
  start(kJetStream);
  opened_when_there(url(""));
  nats_access().make(address(), "spate-probe");
  opened(url(""));
  EXPECT_THAT(nats_access().names(address(), "spate-probe"), testing::ElementsAre("spate-probe"));
}

TEST_F(Nats, NamesThePermissionThatIsTakenAway) {
  constexpr std::string_view kForAnn = R"(
jetstream: {{ store_dir: FOLDER }}
authorization: {{ users: [ {{ user: ann, password: x, permissions: {{ publish: {{ {} }} }} }} ] }}
)";
  start(fmt::format(kForAnn, R"(allow: ">")"));
  opened_when_there(url("ann:x@"));
  const auto broker = opened(url("ann:x@"), 2 * kSecond);
  OneRun run(*broker, 10);
  change(fmt::format(kForAnn, R"(allow: ">", deny: "$JS.API.CONSUMER.MSG.NEXT.>")"));
  await([&] {
    bool let_in = true;
    try {
      opened(url("ann:x@"));
    } catch (const Error&) {
      let_in = false;
    }
    if (let_in) {
      throw Error("it has not read its settings yet");
    }
  });
  AnyConsumer consumer = run.delivery.make_consumer(0);
  std::array<Received, 16> batch;
  Said said(*broker);
  EXPECT_TRUE(comes_true([&] {
    EXPECT_EQ(consumer.try_receive(batch), 0U);
    return said.has("lost");
  }));
  EXPECT_THAT(said.so_far(), HasSubstr("lost: Permissions Violation"));
}

TEST_F(Nats, NeedsJetStream) {
  start("");
  await([&] { nats_reach(address()); });
  expect_error([&] { opened(url("")); }, {"without JetStream;", "nats-server -js"});
  start(R"(
jetstream: { store_dir: FOLDER }
accounts: {
  with: { users: [ { user: ann, password: x } ], jetstream: enabled }
  without: { users: [ { user: bob, password: x } ] }
}
)");
  opened_when_there(url("ann:x@"));
  expect_error([&] { opened(url("bob:x@")); }, {"without JetStream for this account"});
}

constexpr const char* kInfo =
    "INFO {\"server_id\":\"x\",\"version\":\"2.9.0\",\"max_payload\":1048576,\"headers\":true}\r\n";

// The library would wait for it without end.
TEST_F(Nats, DoesNotWaitForAServerThatGreetsAndIsSilent) {
  std::optional<StrangeServer> server;
  server.emplace([](std::string_view /*request*/) { return ""; }, kInfo);
  std::future<std::string> line = std::async(std::launch::async, [&] {
    return error_of([&] { opened(fmt::format("nats://127.0.0.1:{}", server->port()), kSecond); });
  });
  if (line.wait_for(std::chrono::seconds(5)) != std::future_status::ready) {
    ADD_FAILURE() << "it waits";
    server.reset();
  }
  EXPECT_THAT(line.get(), HasSubstr("does not answer"));
}

TEST_F(Nats, GoesToTheNextServerWhenOneIsSilent) {
  start(kJetStream);
  opened_when_there(url(""));
  const StrangeServer silent([](std::string_view /*request*/) { return ""; }, kInfo);
  const auto broker =
      opened(fmt::format("nats://127.0.0.1:{},127.0.0.1:{}", silent.port(), port()), 2 * kSecond);
  EXPECT_TRUE(OneRun(*broker, 10).execute().clean());
}

TEST_F(Nats, RefusalsAreCounted) {
  start(kJetStream);
  const auto broker = opened_when_there(url(""));
  OneRun run(*broker, 100);
  nats_take_nothing(address(), run.name());
  const RunReport report = run.execute();
  EXPECT_TRUE(report.clean());
  EXPECT_EQ(report.rejected, report.total.expected);
  const auto lines = broker->troubles().take();
  ASSERT_EQ(lines.size(), 1U);
  EXPECT_THAT(lines[0].text, HasSubstr("message size exceeds maximum allowed"));
  EXPECT_EQ(lines[0].times, report.rejected);
}

TEST_F(Nats, TakesNoLongerMessagesThanTheServer) {
  start("max_payload: 100\njetstream: { store_dir: FOLDER }\n");
  const auto broker = opened_when_there(url(""));
  expect_error([&] { OneRun(*broker, 10); }, {"takes 100", "shorter payloads"});
}

TEST_F(Nats, KeepsItsStreamsInBounds) {
  start(kJetStream);
  const auto broker = opened_when_there(url(""));
  OneRun run(*broker, 20'000);
  EXPECT_TRUE(run.execute().clean());
  // All but the last batch, which nobody asked for more after, is acknowledged.
  EXPECT_LT(nats_messages(address(), run.name()), 1000U);
}

// The server says that it has nothing; so it is not given up, for longer than it might be silent.
// (Of half a second a server that shares its cores with other tests may miss all.)
TEST_F(Nats, IsPatientWhileThereIsNothing) {
  start(kJetStream);
  opened_when_there(url(""));
  constexpr std::int64_t kSilenceNs = 2 * kSecond;
  const auto broker = opened(url(""), kSilenceNs);
  OneRun run(*broker, 10);
  AnyConsumer consumer = run.delivery.make_consumer(0);
  std::array<Received, 16> batch;
  const std::int64_t end_ns = SteadyClock{}.now_ns() + 2 * kSilenceNs;
  while (SteadyClock{}.now_ns() < end_ns) {
    EXPECT_EQ(consumer.try_receive(batch), 0U);
  }
  EXPECT_TRUE(broker->troubles().take().empty());
}

}  // namespace
}  // namespace spate::drivers
