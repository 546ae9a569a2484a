// What becomes of messages whose queue is gone, stands still, or is read.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <span>
#include <string>
#include <vector>

#include "broker_access.h"
#include "rabbitmq_access.h"
#include "rabbitmq_fixture.h"
#include "support/messages.h"

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

// As a server comes back that was killed before it had written down that there is such a queue.
TEST_F(RabbitmqQueues, AreMadeAnewWhereTheServerComesBackWithoutThem) {
  const auto way = way_through_proxy(url(""));
  const auto broker = opened(way->address(), 20 * kSecond);
  OneRun run(*broker, 1);
  AnyProducer producer = run.delivery.make_producer(0);
  AnyConsumer consumer = run.delivery.make_consumer(0);
  EXPECT_THAT(outcomes_of(producer, numbered_messages(10)), testing::Each(Outcome::acked));
  receive(consumer, 10);
  way->refuse(true);
  way->cut();
  rabbitmq_delete(url(""), run.queue(Lane::normal));
  way->refuse(false);
  EXPECT_TRUE(comes_true([&] {  // else what it sends now would go nowhere
    producer.poll({});
    return broker->troubles().first_said_since(0) != kNever;
  }));
  EXPECT_THAT(outcomes_of(producer, numbered_messages(10)), testing::Each(Outcome::acked));
  receive(consumer, 10);
  std::string lines;
  for (const auto& line : broker->troubles().take()) {
    lines += line.text + "\n";
  }
  EXPECT_THAT(lines, HasSubstr("the server came back without a queue, which is made anew"));
  EXPECT_FALSE(broker->troubles().take_given_up());
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
  ASSERT_TRUE(control("eval_file", process + "sys:suspend(amqqueue:get_pid(Queue))."));
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
