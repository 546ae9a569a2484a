// NATS: what is lost on the way to the server, or at it, during a run.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <future>
#include <string>
#include <vector>

#include "nats_access.h"
#include "nats_fixture.h"
#include "support/expect_error.h"
#include "support/messages.h"
#include "support/tcp_proxy.h"
#include "support/until.h"

namespace spate::drivers {
namespace {

using namespace testing_support;
using testing::AllOf;
using testing::ContainsRegex;
using testing::HasSubstr;
using testing::Not;
using From = TcpProxy::From;

class NatsLoss : public Nats {
 protected:
  void SetUp() override {
    Nats::SetUp();
    if (!IsSkipped() && !HasFatalFailure()) {
      start(kJetStream);
      opened_when_there(url(""));
    }
  }
  static std::unique_ptr<Broker> opened_through(const TcpProxy& proxy, std::int64_t timeout_ns) {
    return opened(fmt::format("nats://127.0.0.1:{}", proxy.port()), timeout_ns);
  }
};

// What becomes of that many messages.
std::vector<Settlement> settled(AnyProducer& producer, std::size_t messages) {
  std::vector<Settlement> all;
  std::array<Settlement, 64> some;
  EXPECT_TRUE(comes_true([&] {
    const std::size_t count = producer.poll(some);
    all.insert(all.end(), some.begin(), some.begin() + static_cast<std::ptrdiff_t>(count));
    return all.size() >= messages;
  }));
  return all;
}

const auto kUnknown = testing::Field(&Settlement::outcome, Outcome::unknown);

// A server that answers, though no stream does, is not lost.
TEST_F(NatsLoss, WhatHasNoStreamAnyMoreIsUnknown) {
  const auto broker = opened(url(""), 2 * kSecond);
  OneRun run(*broker, 10);
  AnyProducer producer = run.delivery.make_producer(0);
  nats_remove(address(), run.name());
  ASSERT_EQ(producer.try_send(numbered_messages(10)), 10U);
  EXPECT_THAT(settled(producer, 10), testing::Each(kUnknown));
  EXPECT_EQ(Said(*broker).so_far(),
            "10 × nats: sending, worker 0: there is no stream any more for a message: it will be "
            "unknown\n");
}

TEST_F(NatsLoss, WhatIsTooLongForAServerThatCameBackIsRejected) {
  std::atomic<bool> takes_less{false};
  TcpProxy proxy(port(), [&](From from, std::string& bytes) {
    const std::string_view usual = R"("max_payload":1048576)";
    const std::size_t at = bytes.find(usual);
    if (takes_less && from == From::server && at != std::string::npos) {
      bytes.replace(at, usual.size(), R"("max_payload":10)");
    }
    return true;
  });
  const auto broker = opened_through(proxy, 5 * kSecond);
  OneRun run(*broker, 10);
  AnyProducer producer = run.delivery.make_producer(0);
  takes_less = true;
  proxy.cut();
  Said said(*broker);
  std::array<Settlement, 1> settlement;
  EXPECT_TRUE(comes_true([&] {
    producer.poll(settlement);
    return said.has("lost");
  }));
  EXPECT_TRUE(comes_true([&] {
    producer.poll(settlement);
    return producer.try_send(numbered_messages(1)) == 1;
  }));
  EXPECT_EQ(settled(producer, 1).front().outcome, Outcome::rejected);
  EXPECT_THAT(said.so_far(), HasSubstr("longer than the server takes"));
}

// Nothing but the greeting comes through any more; the library would wait for the rest without end.
TEST_F(NatsLoss, EndsWhereNothingFollowsTheGreeting) {
  std::atomic<bool> hole{false};
  TcpProxy proxy(port(), [&](From from, std::string& bytes) {
    if (hole && from == From::client) {
      bytes.clear();
    }
    return true;
  });
  const auto broker = opened_through(proxy, 2 * kSecond);
  Said said(*broker);
  std::future<void> ended = std::async(std::launch::async, [&] {
    OneRun run(*broker, 10);
    AnyConsumer consumer = run.delivery.make_consumer(0);
    std::array<Received, 16> batch;
    hole = true;
    proxy.cut();
    EXPECT_TRUE(comes_true([&] {
      consumer.try_receive(batch);
      return said.has("did not come back");
    }));
  });
  if (ended.wait_for(std::chrono::seconds(20)) != std::future_status::ready) {
    ADD_FAILURE() << "it waits";
  }
  hole = false;
  proxy.cut();
  ended.get();
  EXPECT_THAT(said.so_far(), HasSubstr("2 streams"));
}

TEST_F(NatsLoss, SaysWhyTheConnectionDoesNotComeBack) {
  TcpProxy proxy(port());
  const auto broker = opened_through(proxy, 2 * kSecond);
  Said said(*broker);
  OneRun run(*broker, 10);
  AnyProducer producer = run.delivery.make_producer(0);
  AnyConsumer consumer = run.delivery.make_consumer(0);
  proxy.refuse(true);
  proxy.cut();
  std::array<Received, 16> batch;
  std::array<Settlement, 16> settlements;
  EXPECT_TRUE(comes_true([&] {
    consumer.try_receive(batch);
    producer.poll(settlements);
    return said.has("receiving, worker 0: given up") && said.has("sending, worker 0: given up");
  }));
  proxy.refuse(false);
  EXPECT_THAT(said.so_far(),
              AllOf(ContainsRegex("receiving.*: given up: .* within 2 s [(]nats: .*[)]"),
                    ContainsRegex("sending.*: given up: .* within 2 s [(]nats: .*[)]")));
}

// The library does not see that a greeting has ended whose last two characters come apart, and
// waits for the rest until its timeout. The next attempt must not be as late as that.
TEST_F(NatsLoss, TriesAgainSoonWhenTheLibraryMissesTheEndOfAGreeting) {
  constexpr int kMissed = 2;
  std::atomic<int> greetings{2 * kMissed};
  TcpProxy proxy(port(), [&](From from, std::string& bytes) {
    if (from == From::server && bytes.starts_with("INFO") && greetings < 2 * kMissed) {
      // The first of each attempt is for us, the second for the library.
      if (++greetings % 2 == 0) {
        std::erase(bytes, '\n');
      }
    }
    return true;
  });
  const auto broker = opened_through(proxy, 20 * kSecond);
  OneRun run(*broker, 10);
  AnyConsumer consumer = run.delivery.make_consumer(0);
  greetings = 0;
  proxy.cut();
  const std::string foreign(10, 'x');
  nats_access().send(address(), run.name(), std::as_bytes(std::span(foreign)));
  std::array<Received, 16> batch;
  EXPECT_TRUE(comes_true([&] { return consumer.try_receive(batch) > 0; }));
  EXPECT_EQ(greetings, 2 * kMissed);
  EXPECT_FALSE(broker->troubles().take_given_up());
}

// A reader that was left would keep for itself all that comes.
TEST_F(NatsLoss, LeavesNoReaderBehindWhenItIsCutAgainWhileItRenewsThem) {
  std::atomic<bool> cuts{false};
  TcpProxy proxy(port(), [&](From from, std::string& bytes) {
    return from != From::client || bytes.find("CONSUMER.DELETE") == std::string::npos ||
           !cuts.exchange(false);
  });
  const auto broker = opened_through(proxy, 5 * kSecond);
  OneRun run(*broker, 10);
  AnyConsumer consumer = run.delivery.make_consumer(0);
  cuts = true;
  proxy.cut();
  const std::string foreign(10, 'x');
  nats_access().send(address(), run.name(), std::as_bytes(std::span(foreign)));
  std::array<Received, 16> batch;
  std::size_t received = 0;
  EXPECT_TRUE(comes_true([&] {
    received += consumer.try_receive(batch);
    return !cuts && received > 0;
  }));
  EXPECT_EQ(nats_readers(address(), run.name()).size(), 2U)
      << testing::PrintToString(nats_readers(address(), run.name()));
}

// --- what is removed at the end ---

TEST_F(NatsLoss, RemovesTheOtherStreamsWhenOneIsGone) {
  const auto broker = opened(url(""));
  std::string name;
  {
    OneRun run(*broker, 10);
    name = run.name();
    nats_remove(address(), name + "-0-normal");
    EXPECT_THAT(nats_access().names(address(), name), testing::SizeIs(1));
  }
  EXPECT_THAT(nats_access().names(address(), name), testing::IsEmpty());
  EXPECT_EQ(Said(*broker).so_far(), "");
}

TEST_F(NatsLoss, RemovesAStreamWhoseMakingHadNoAnswer) {
  std::atomic<bool> silent{false};
  std::atomic<int> made{0};
  TcpProxy proxy(port(), [&](From from, std::string& bytes) {
    if (from == From::client && bytes.find("STREAM.CREATE") != std::string::npos) {
      silent = ++made == 2;
    } else if (from == From::server && bytes.starts_with("INFO")) {
      silent = false;
    } else if (from == From::server && silent) {
      bytes.clear();
    }
    return true;
  });
  const auto broker = opened_through(proxy, 2 * kSecond);
  expect_error([&] { OneRun(*broker, 10); },
               {"does not make a stream: Timeout;", "did not answer in time"});
  EXPECT_EQ(made, 2);
  EXPECT_THAT(nats_access().names(address(), "spate-"), testing::IsEmpty());
}

}  // namespace
}  // namespace spate::drivers
