// What is Redis's own: what it says of itself, and why it may refuse.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <optional>
#include <set>
#include <thread>

#include "redis_access.h"
#include "spate/drivers/naming.h"
#include "spate/drivers/server_process.h"
#include "spate/proxy/proxy.h"
#include "support/brokers.h"
#include "support/expect_error.h"
#include "support/messages.h"
#include "support/runs.h"
#include "support/tcp_proxy.h"
#include "support/until.h"

namespace spate::drivers {
namespace {

using namespace testing_support;
using testing::HasSubstr;

const Driver& driver() { return driver_named("redis"); }

class Redis : public testing::Test {
 protected:
  void SetUp() override { SPATE_NEEDS_BROKER("redis"); }

  // A server with settings of its own, as on its command line.
  void start(std::vector<std::string> settings) {
    port_ = free_port();
    server_.emplace("redis-test", [&](const auto& folder) {
      ServerProcess::Command command{
          {"redis-server", "--bind", "127.0.0.1", "--port", fmt::to_string(port_), "--dir",
           folder.string(), "--save", ""},
          {}};
      command.words.insert(command.words.end(), settings.begin(), settings.end());
      return command;
    });
    server_->await(60 * kSecond, [&] { redis_command(url(""), {"ECHO", "there"}); });
  }
  Address url(std::string_view credentials, std::string_view path = "") const {
    return parse_address(driver().address,
                         fmt::format("redis://{}127.0.0.1:{}{}", credentials, port_, path));
  }
  static std::unique_ptr<Broker> opened(const Address& address) { return driver().open({address}); }
  std::uint16_t port() const { return port_; }
  // One user besides the default one.
  void add_user(const std::vector<std::string>& rules) const {
    std::vector<std::string> words{"ACL", "SETUSER", "ann", "on", ">secret"};
    words.insert(words.end(), rules.begin(), rules.end());
    redis_command(url(""), words);
  }
  static RunReport run_on(Broker& broker, std::uint64_t messages) {
    const RunPlan plan = patient_plan(messages, 0);
    const std::shared_ptr<const Payloads> payloads = payloads_for(plan);
    AnyDelivery delivery = broker.make_delivery({.workers = 1, .payloads = payloads});
    return run_over(delivery, plan, payloads);
  }
  // Up to the moment when it has taken a message again.
  static void expect_to_be_lost_and_come_back(Broker& broker, AnyProducer& producer) {
    std::array<Settlement, 1> none;
    EXPECT_TRUE(comes_true([&] {
      producer.poll(none);
      return !broker.troubles().take().empty();
    }));
    EXPECT_TRUE(comes_true([&] {
      producer.poll(none);
      return producer.try_send(numbered_messages(1)) == 1;
    }));
  }

 private:
  std::uint16_t port_ = 0;
  std::optional<ServerProcess> server_;
};

// It has no time at all.
TEST_F(Redis, SaysThatItDidNotEndInTime) {
  const auto server = driver().start({.timeout_ns = 60 * kSecond});
  expect_error([&] { server->end(0); }, {"redis-server did not end within 0 s, and was killed"});
  server->start_again(60 * kSecond);
  EXPECT_NO_THROW(server->end(60 * kSecond));
}

TEST_F(Redis, TellsHowDurableItIs) {
  start({"--appendonly", "no"});
  EXPECT_THAT(opened(url(""))->description(),
              testing::MatchesRegex("redis [0-9.]+, appendonly no"));
  redis_command(url(""), {"CONFIG", "SET", "appendonly", "yes"});
  redis_command(url(""), {"CONFIG", "SET", "appendfsync", "always"});
  EXPECT_THAT(opened(url(""))->description(), HasSubstr("appendonly yes, appendfsync always"));
  add_user({"~spate-*", "+@all", "-config"});
  EXPECT_THAT(opened(url("ann:secret@"))->description(),
              HasSubstr("appendonly yes, appendfsync unknown"));
}

TEST_F(Redis, WantsTheRightPassword) {
  start({});
  add_user({"~*", "+@all"});
  EXPECT_NO_THROW(opened(url("ann:secret@")));
  expect_error([&] { opened(url("ann:wrong@")); }, {"WRONGPASS", "check user and password"});
  redis_command(url(""), {"CONFIG", "SET", "requirepass", "secret"});
  expect_error([&] { opened(url("")); }, {"NOAUTH", "password"});
  EXPECT_NO_THROW(opened(url(":secret@")));
}

TEST_F(Redis, WantsPermission) {
  start({});
  add_user({"~elsewhere", "+@all"});
  const auto broker = opened(url("ann:secret@"));
  expect_error([&] { run_on(*broker, 10); }, {"NOPERM", "allow this user"});
}

// Each of what a run needs, before there is a run.
TEST_F(Redis, IsTriedOut) {
  start({});
  const auto try_as = [&](const char* credentials) {
    const auto broker = opened(url(credentials));
    try_out(*broker, {.workers = 2, .payloads = payloads_for(patient_plan(1, 0))}, 20 * kSecond);
  };
  add_user({"~spate-*", "+@all"});
  EXPECT_NO_THROW(try_as("ann:secret@"));
  for (const char* const command : {"xgroup", "xadd", "xreadgroup", "unlink"}) {
    add_user({"+@all", std::string("-") + command});
    expect_error([&] { try_as("ann:secret@"); }, {"NOPERM", command, "allow this user"});
  }
  redis_command(url(""), {"CONFIG", "SET", "maxclients", "3"});
  expect_error([&] { try_as(""); }, {"max number of clients", "--workers"});
}

// Somebody has removed them, or the server was started anew and keeps nothing.
TEST_F(Redis, GivesUpWhenItsStreamsAreGone) {
  start({});
  const auto broker = opened(url(""));
  const std::shared_ptr<const Payloads> payloads = payloads_for(patient_plan(1, 0));
  AnyDelivery delivery = broker->make_delivery({.workers = 1, .payloads = payloads});
  AnyProducer producer = delivery.make_producer(0);
  AnyConsumer consumer = delivery.make_consumer(0);
  redis_command(url(""), {"FLUSHALL"});
  const std::int64_t deadline_ns = SteadyClock{}.now_ns() + 20 * kSecond;
  std::array<Received, 1> received;
  bool given_up = false;
  while (!given_up && SteadyClock{}.now_ns() < deadline_ns) {
    consumer.try_receive(received);
    given_up = broker->troubles().take_given_up();
  }
  EXPECT_TRUE(given_up);
  ASSERT_EQ(producer.try_send(numbered_messages(1)), 1U);
  std::array<Settlement, 1> settlement;
  while (producer.poll(settlement) == 0 && SteadyClock{}.now_ns() < deadline_ns) {
  }
  EXPECT_EQ(settlement[0].outcome, Outcome::rejected);
  EXPECT_EQ(redis_command(url(""), {"KEYS", "*"}), "") << "nothing is made anew";
  std::string said;
  for (const Troubles::Line& line : broker->troubles().take()) {
    said += line.text + "\n";
  }
  EXPECT_THAT(said, testing::AllOf(HasSubstr("receiving, worker 0: given up: the stream"),
                                   HasSubstr("XADD was refused: the stream is gone")));
}

TEST_F(Redis, HasOnlyTheDatabasesThatItHas) {
  start({"--databases", "2"});
  EXPECT_NO_THROW(opened(url("", "/1")));
  expect_error([&] { opened(url("", "/2")); }, {"DB index", "database"});
}

TEST_F(Redis, RefusalsAreCounted) {
  start({});
  const auto broker = opened(url(""));
  redis_command(url(""), {"CONFIG", "SET", "maxmemory-policy", "noeviction"});
  const RunPlan plan = patient_plan(100, 0);
  const std::shared_ptr<const Payloads> payloads = payloads_for(plan);
  AnyDelivery delivery = broker->make_delivery({.workers = 1, .payloads = payloads});
  redis_command(url(""), {"CONFIG", "SET", "maxmemory", "1"});
  const RunReport report = run_over(delivery, plan, payloads);
  EXPECT_TRUE(report.clean());
  EXPECT_EQ(report.rejected, report.total.expected);
  const auto lines = broker->troubles().take();
  ASSERT_FALSE(lines.empty());
  EXPECT_THAT(lines[0].text, HasSubstr("OOM"));
  EXPECT_EQ(lines[0].times, report.rejected);
}

TEST_F(Redis, KeepsItsMemoryInBounds) {
  start({});
  const auto broker = opened(url(""));
  const RunPlan plan = patient_plan(50'000, 0);
  const std::shared_ptr<const Payloads> payloads = payloads_for(plan);
  AnyDelivery delivery = broker->make_delivery({.workers = 1, .payloads = payloads});
  EXPECT_TRUE(run_over(delivery, plan, payloads).clean());
  const std::string run = redis_command(url(""), {"KEYS", "spate-*:0:normal"});
  EXPECT_LT(std::stoi(redis_command(url(""), {"XLEN", run})), 1000);
  // All but the last batch, which nobody asked for more after, is acknowledged.
  const std::string group = run.substr(0, run.find(':'));
  EXPECT_LT(std::stoi(redis_command(url(""), {"XPENDING", run, group})), 200);
}

// Half of the messages the server has sent to this consumer, and they never came: somebody else, by
// the same name, took them off the way.
TEST_F(Redis, GetsAgainWhatWasLostOnItsWay) {
  constexpr std::size_t kMessages = 10;
  start({});
  TcpProxy proxy(port());
  Address through = url("");
  through.endpoints = {{"127.0.0.1", proxy.port()}};
  const auto broker = opened(through);
  const std::shared_ptr<const Payloads> payloads = payloads_for(patient_plan(kMessages, 0));
  AnyDelivery delivery = broker->make_delivery({.workers = 1, .payloads = payloads});
  AnyProducer producer = delivery.make_producer(0);
  AnyConsumer consumer = delivery.make_consumer(0);
  ASSERT_EQ(producer.try_send(numbered_messages(kMessages)), kMessages);
  std::array<Settlement, 64> settlements;
  for (std::size_t settled = 0; settled < kMessages; settled += producer.poll(settlements)) {
  }
  const std::string run = run_name(*payloads);
  redis_command(url(""), {"XREADGROUP", "GROUP", run, "worker-0", "COUNT", "5", "STREAMS",
                          run + ":0:normal", ">"});
  std::set<std::uint64_t> seen;
  const auto receive_until = [&](std::size_t wanted) {
    const SteadyClock clock;
    std::array<Received, 64> batch;
    for (const std::int64_t deadline_ns = clock.now_ns() + 20 * kSecond;
         seen.size() < wanted && clock.now_ns() < deadline_ns;) {
      const std::size_t count = consumer.try_receive(batch);
      for (const Received& received : std::span(batch).first(count)) {
        seen.insert(received.message.ordinal);
      }
    }
    return seen.size();
  };
  EXPECT_EQ(receive_until(5), 5U);
  EXPECT_EQ(seen.count(0), 0U) << "the first five were lost";
  proxy.cut();
  EXPECT_EQ(receive_until(kMessages), kMessages);
}

// Before it has lost anything by it.
TEST_F(Redis, NoticesThatTheServerHasGoneWhileThereIsNothingToSend) {
  start({});
  TcpProxy proxy(port());
  const auto broker = driver().open({url(""), 20 * kSecond, [&](const Endpoint&) {
                                       return Endpoint{"127.0.0.1", proxy.port()};
                                     }});
  const std::shared_ptr<const Payloads> payloads = payloads_for(patient_plan(1, 0));
  AnyDelivery delivery = broker->make_delivery({.workers = 1, .payloads = payloads});
  AnyProducer producer = delivery.make_producer(0);
  std::array<Settlement, 1> settlement;
  proxy.half_close();
  expect_to_be_lost_and_come_back(*broker, producer);
  EXPECT_TRUE(comes_true([&] { return producer.poll(settlement) == 1; }));
  EXPECT_EQ(settlement[0].outcome, Outcome::acked);
}

// Each answer is late by a third of the timeout.
TEST_F(Redis, ComesBackOverASlowWay) {
  constexpr std::int64_t kTimeoutNs = 6 * kSecond;
  constexpr Fault kLate{.kind = Fault::Kind::latency, .add_ns = kSecond};  // each way
  start({});
  proxy::Proxy way(/*seed=*/1);
  const Endpoint detour{"127.0.0.1", way.lead_to({"127.0.0.1", port()})};
  const auto broker = driver().open({url(""), kTimeoutNs, [&](const Endpoint&) { return detour; }});
  const std::shared_ptr<const Payloads> payloads = payloads_for(patient_plan(1, 0));
  AnyDelivery delivery = broker->make_delivery({.workers = 1, .payloads = payloads});
  AnyProducer producer = delivery.make_producer(0);
  std::array<Settlement, 1> settlement;
  way.begin(kLate);
  way.begin({.kind = Fault::Kind::reset_connections});
  expect_to_be_lost_and_come_back(*broker, producer);
  way.end(kLate);
  EXPECT_TRUE(comes_true([&] { return producer.poll(settlement) == 1; }));
  EXPECT_EQ(settlement[0].outcome, Outcome::acked);
  EXPECT_FALSE(broker->troubles().take_given_up());
}

// A worker that had no core for longer than the server may be silent finds its answer there.
TEST_F(Redis, AnAnswerThatWasNotReadForLongIsNoSilence) {
  constexpr std::int64_t kTimeoutNs = kSecond;
  start({});
  const auto broker = driver().open({url(""), kTimeoutNs});
  const std::shared_ptr<const Payloads> payloads = payloads_for(patient_plan(1, 0));
  AnyDelivery delivery = broker->make_delivery({.workers = 1, .payloads = payloads});
  AnyProducer producer = delivery.make_producer(0);
  ASSERT_EQ(producer.try_send(numbered_messages(1)), 1U);
  std::this_thread::sleep_for(std::chrono::nanoseconds(kTimeoutNs + kSecond / 5));
  std::array<Settlement, 1> settlement;
  EXPECT_TRUE(comes_true([&] { return producer.poll(settlement) == 1; }));
  EXPECT_EQ(settlement[0].outcome, Outcome::acked);
  EXPECT_TRUE(broker->troubles().take().empty());
}

TEST(RedisAddress, HasNoTls) {
  expect_error([&] { driver().open({parse_address(driver().address, "rediss://:secret@here")}); },
               {"rediss", "TLS"});
}

}  // namespace
}  // namespace spate::drivers
