// What becomes of messages whose queue is gone, stands still, or is read.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <chrono>
#include <future>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "rabbitmq_access.h"
#include "rabbitmq_fixture.h"
#include "stepped_run.h"
#include "support/messages.h"
#include "support/tcp_proxy.h"

namespace spate::drivers {
namespace {

using namespace testing_support;
using testing::HasSubstr;

// A run's handles, moved by the test.
class RabbitmqQueues : public RabbitmqTest {
 protected:
  // All that these messages end in, in any order.
  static std::vector<Outcome> outcomes_of(AnyProducer& producer, std::span<const Message> batch) {
    std::vector<Outcome> outcomes;
    const std::size_t count = batch.size();
    const bool all = comes_true([&] {
      batch = batch.subspan(producer.try_send(batch));
      std::array<Settlement, 64> settled;
      for (const Settlement& one : std::span(settled).first(producer.poll(settled))) {
        outcomes.push_back(one.outcome);
      }
      return outcomes.size() == count;
    });
    EXPECT_TRUE(all) << outcomes.size() << " of " << count << " were settled";
    return outcomes;
  }
  static void receive(AnyConsumer& consumer, std::size_t count) {
    std::size_t received = 0;
    EXPECT_TRUE(comes_true([&] {
      std::array<Received, 64> batch;
      received += consumer.try_receive(batch);
      return received == count;
    })) << received
        << " of " << count << " came";
  }
  // As a server comes back that was killed, and has lost a queue by that.
  static void lose_meanwhile(const std::string& queue, TcpProxy& way) {
    way.refuse(true);
    way.cut();
    rabbitmq_delete(url(""), queue);
    way.refuse(false);
  }
  static std::unique_ptr<Broker> opened_by(const TcpProxy& way) {
    Address address = url("");
    address.endpoints = {{"127.0.0.1", way.port()}};
    return opened(address, 20 * kSecond);
  }
  // Lets a handle work until the broker has said this; returns all that it has said.
  template <class Work>
  static std::string said_once(std::string_view wanted, Broker& broker, Work work) {
    std::string lines;
    EXPECT_TRUE(comes_true([&] {
      work();
      lines += said(broker);
      return lines.find(wanted) != std::string::npos;
    })) << lines;
    return lines;
  }
};

TEST_F(RabbitmqQueues, AreLeftEmpty) {
  const auto broker = opened(url(""));
  OneRun run(*broker, 1);
  AnyProducer producer = run.delivery.make_producer(0);
  {
    AnyConsumer consumer = run.delivery.make_consumer(0);
    EXPECT_THAT(outcomes_of(producer, numbered_messages(100)), testing::Each(Outcome::acked));
    receive(consumer, 100);
    std::array<Received, 1> none;
    EXPECT_EQ(consumer.try_receive(none), 0U);  // acknowledges what the call before has handed over
  }
  // What is not acknowledged comes back to the queue at the moment when its consumer goes.
  const std::string queue = run.queue(Lane::normal);
  EXPECT_TRUE(comes_true([&] { return rabbitmq_queue(url(""), queue).value().consumers == 0; }));
  EXPECT_EQ(rabbitmq_queue(url(""), queue).value().waiting, 0U);
}

// The server confirms what has no queue to go to.
TEST_F(RabbitmqQueues, AcknowledgeNothingWhenTheyAreGone) {
  const auto broker = opened(url(""), 2 * kSecond);
  OneRun run(*broker, 1);
  AnyProducer producer = run.delivery.make_producer(0);
  EXPECT_THAT(outcomes_of(producer, numbered_messages(10)), testing::Each(Outcome::acked));
  rabbitmq_delete(url(""), run.queue(Lane::normal));
  EXPECT_THAT(outcomes_of(producer, numbered_messages(10)), testing::Each(Outcome::unknown));
  // Nor does it get in again, while the queue is away; not with what has a queue either, whose
  // consumer is lost with the other one.
  EXPECT_THAT(outcomes_of(producer, numbered_messages(10, MessageType::urgent)),
              testing::Each(Outcome::rejected));
  const auto lines = broker->troubles().take();
  ASSERT_EQ(lines.size(), 2U);
  EXPECT_THAT(lines[0].text, HasSubstr("a queue is gone"));
  EXPECT_THAT(lines[1].text, HasSubstr("NOT_FOUND"));
  rabbitmq_access().make(url(""), run.queue(Lane::normal));  // for the delivery to remove
}

TEST_F(RabbitmqQueues, AreMadeAnewByASenderThatComesBackAndDoesNotFindThem) {
  TcpProxy way(port());
  const auto broker = opened_by(way);
  OneRun run(*broker, 1);
  AnyProducer producer = run.delivery.make_producer(0);
  AnyConsumer consumer = run.delivery.make_consumer(0);
  EXPECT_THAT(outcomes_of(producer, numbered_messages(10)), testing::Each(Outcome::acked));
  receive(consumer, 10);
  lose_meanwhile(run.queue(Lane::normal), way);
  // Else what it sends now would go nowhere.
  std::string lines = said_once("lost", *broker, [&] { producer.poll({}); });
  EXPECT_THAT(outcomes_of(producer, numbered_messages(10)), testing::Each(Outcome::acked));
  receive(consumer, 10);
  lines += said(*broker);
  EXPECT_THAT(lines, HasSubstr("sending, worker 0: a queue was gone when the connection came "
                               "back, and is made anew"));
  EXPECT_FALSE(broker->troubles().take_given_up());
}

TEST_F(RabbitmqQueues, AreMadeAnewByAReceiverThatComesBackAndDoesNotFindThem) {
  TcpProxy way(port());
  const auto broker = opened_by(way);
  OneRun run(*broker, 1);
  AnyProducer producer = run.delivery.make_producer(0);
  AnyConsumer consumer = run.delivery.make_consumer(0);
  lose_meanwhile(run.queue(Lane::normal), way);
  // Alone: nothing lets the sender come back meanwhile.
  std::string lines = said_once("made anew", *broker, [&] { consumer.try_receive({}); });
  EXPECT_TRUE(comes_true([&] {
    consumer.try_receive({});
    return rabbitmq_queue(url(""), run.queue(Lane::normal)).has_value();
  }));
  lines +=
      said_once("sending, worker 0: the connection was lost", *broker, [&] { producer.poll({}); });
  EXPECT_THAT(outcomes_of(producer, numbered_messages(10)), testing::Each(Outcome::acked));
  receive(consumer, 10);
  lines += said(*broker);
  EXPECT_THAT(lines, testing::AllOf(HasSubstr("receiving, worker 0: a queue was gone"),
                                    testing::Not(HasSubstr("sending, worker 0: a queue"))));
  EXPECT_FALSE(broker->troubles().take_given_up());
}

// By the same code, of which a server alone has no other reason: so its words are changed.
TEST_F(RabbitmqQueues, AreNotMadeAnewWhereOnlyTheirNodeIsAway) {
  std::atomic<int> refusals{0};
  TcpProxy way(port(), [&](TcpProxy::From from, std::string& bytes) {
    constexpr std::string_view kGone = "no queue";
    const std::size_t at = bytes.find(kGone);
    if (from == TcpProxy::From::server && at != std::string::npos) {
      bytes.replace(at, kGone.size(), "its node");
      ++refusals;
    }
    return true;
  });
  const auto broker = opened_by(way);
  OneRun run(*broker, 1);
  AnyProducer producer = run.delivery.make_producer(0);
  lose_meanwhile(run.queue(Lane::normal), way);
  ASSERT_TRUE(comes_true([&] {
    producer.poll({});
    return refusals > 1;
  }));
  ASSERT_FALSE(rabbitmq_queue(url(""), run.queue(Lane::normal)));
  rabbitmq_access().make(url(""), run.queue(Lane::normal));
  EXPECT_THAT(outcomes_of(producer, numbered_messages(10)), testing::Each(Outcome::acked));
  EXPECT_THAT(said(*broker), testing::Not(HasSubstr("made anew")));
}

TEST_F(RabbitmqQueues, AreMadeAnewAlsoAfterTheyWereRemovedAndPutBack) {
  TcpProxy way(port());
  const auto broker = opened_by(way);
  OneRun run(*broker, 1);
  const std::string queue = run.queue(Lane::normal);
  AnyConsumer consumer = run.delivery.make_consumer(0);
  rabbitmq_delete(url(""), queue);
  said_once("a queue is gone", *broker, [&] { consumer.try_receive({}); });
  rabbitmq_access().make(url(""), queue);
  EXPECT_TRUE(comes_true([&] {
    consumer.try_receive({});
    return rabbitmq_queue(url(""), queue).value().consumers == 1;
  }));
  lose_meanwhile(queue, way);
  EXPECT_TRUE(comes_true([&] {
    consumer.try_receive({});
    return rabbitmq_queue(url(""), queue).has_value();
  }));
  EXPECT_THAT(said(*broker), HasSubstr("made anew"));
}

TEST_F(RabbitmqQueues, AreToldFromAServerThatPushesTooMuch) {
  constexpr std::uint64_t kMostAhead = 256;
  const auto broker = opened(url(""));
  OneRun run(*broker, 1);
  const std::string queue = run.queue(Lane::normal);
  AnyProducer producer = run.delivery.make_producer(0);
  EXPECT_THAT(outcomes_of(producer, numbered_messages(kMostAhead)), testing::Each(Outcome::acked));
  AnyConsumer consumer = run.delivery.make_consumer(0);
  EXPECT_TRUE(comes_true([&] {
    consumer.try_receive({});
    return rabbitmq_queue(url(""), queue).value().waiting == 0;
  }));
  rabbitmq_delete(url(""), queue);
  std::vector<Troubles::Line> lines;
  ASSERT_TRUE(comes_true([&] {
    consumer.try_receive({});
    lines = broker->troubles().take();
    return !lines.empty();
  }));
  EXPECT_THAT(lines[0].text, HasSubstr("a queue is gone"));
  rabbitmq_access().make(url(""), queue);
}

// One queue stands still, the other one of the same connection goes on.
TEST_F(RabbitmqQueues, HaveEachTheirTimeToAnswer) {
  constexpr std::int64_t kTimeoutNs = 2 * kSecond;
  const auto broker = opened(url(""), kTimeoutNs);
  OneRun run(*broker, 1, /*rate=*/0, /*capacity=*/1 << 20);  // the other one never fills it
  AnyProducer producer = run.delivery.make_producer(0);
  const std::string process = fmt::format(
      "{{ok, Queue}} = rabbit_amqqueue:lookup(rabbit_misc:r(<<\"/\">>, queue, <<\"{}\">>)), ",
      run.queue(Lane::normal));
  // That takes seconds, after which the server would have ended a connection that was silent.
  auto suspended = std::async(std::launch::async, [&] {
    return control("eval_file", process + "sys:suspend(amqqueue:get_pid(Queue)).");
  });
  while (suspended.wait_for(std::chrono::milliseconds(1)) != std::future_status::ready) {
    std::array<Settlement, 1> none;
    EXPECT_EQ(producer.poll(none), 0U);
  }
  ASSERT_TRUE(suspended.get());
  EXPECT_EQ(producer.try_send(numbered_messages(1)), 1U);
  const std::vector<Message> other = numbered_messages(1, MessageType::urgent);
  bool given_up = false;
  std::size_t under_way = 0;
  std::uint64_t answered = 0;
  const SteadyClock clock;
  const std::int64_t deadline_ns = clock.now_ns() + 60 * kSecond;
  while (!given_up && clock.now_ns() < deadline_ns) {
    under_way += under_way == 0 ? producer.try_send(other) : 0;
    std::array<Settlement, 64> settled;
    for (const Settlement& one : std::span(settled).first(producer.poll(settled))) {
      given_up = given_up || (one.type == MessageType::text && one.outcome == Outcome::unknown);
      under_way -= one.type == MessageType::urgent ? 1 : 0;
      answered += one.outcome == Outcome::acked ? 1 : 0;
    }
  }
  EXPECT_TRUE(given_up);
  EXPECT_GT(answered, 10U);
  ASSERT_TRUE(control("eval_file", process + "sys:resume(amqqueue:get_pid(Queue))."));
}

}  // namespace
}  // namespace spate::drivers
