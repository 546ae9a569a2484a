// What every delivery owes: run over each of the list in deliveries.cc.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <future>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "deliveries.h"
#include "spate/stress_run.h"
#include "support/brokers.h"
#include "support/messages.h"
#include "support/runs.h"

namespace spate::conformance {
namespace {

using namespace testing_support;

constexpr std::uint32_t kRoomy = 1 << 14;

class EveryDelivery : public testing::TestWithParam<Candidate> {
 protected:
  void SetUp() override {
    if (over_a_broker()) {
      SPATE_NEEDS_BROKER(GetParam().broker);
    }
  }
  static bool over_a_broker() { return *GetParam().broker != '\0'; }
  // As many as a test has time for.
  static std::uint64_t some(std::uint64_t messages) {
    return over_a_broker() ? messages / 5 : messages;
  }
  static RunPlan plan_for(std::uint64_t messages, std::uint64_t rate) {
    RunPlan plan = patient_plan(messages, rate);
    plan.mock.success = Probability(GetParam().refuses ? 0.9 : 1.0);
    plan.chaos = GetParam().chaos;
    return plan;
  }
  static RunReport run(const RunPlan& plan, std::uint32_t capacity = kRoomy) {
    const std::shared_ptr<const Payloads> payloads = payloads_for(plan);
    AnyDelivery delivery = GetParam().make(plan, payloads, capacity);
    return run_over(delivery, plan, payloads);
  }
};

// By the driver's name, so that each of them can be run by itself; in this process: Deliveries.
std::vector<Candidate> candidates_of(std::string_view broker) {
  std::vector<Candidate> chosen;
  for (const Candidate& candidate : candidates()) {
    if (std::string_view(candidate.broker) == broker) {
      chosen.push_back(candidate);
    }
  }
  return chosen;
}

constexpr auto kName = [](const auto& test) { return std::string(test.param.name); };

INSTANTIATE_TEST_SUITE_P(Deliveries, EveryDelivery, testing::ValuesIn(candidates_of("")), kName);
INSTANTIATE_TEST_SUITE_P(redis, EveryDelivery, testing::ValuesIn(candidates_of("redis")), kName);
INSTANTIATE_TEST_SUITE_P(nats, EveryDelivery, testing::ValuesIn(candidates_of("nats")), kName);
INSTANTIATE_TEST_SUITE_P(rabbitmq, EveryDelivery, testing::ValuesIn(candidates_of("rabbitmq")),
                         kName);
INSTANTIATE_TEST_SUITE_P(kafka, EveryDelivery, testing::ValuesIn(candidates_of("kafka")), kName);

void await_settlements(AnyProducer& producer, std::size_t wanted) {
  std::array<Settlement, 64> settlements;
  const std::int64_t deadline_ns = SteadyClock{}.now_ns() + 60 * kSecond;
  for (std::size_t count = 0; count < wanted; count += producer.poll(settlements)) {
    ASSERT_LT(SteadyClock{}.now_ns(), deadline_ns);
  }
}

// Nothing lost, doubled, invented or damaged, and each delivery in exactly one place.
void expect_exact(const RunReport& report) {
  EXPECT_TRUE(report.balanced());
  EXPECT_EQ(report.account.lost, 0U);
  EXPECT_EQ(report.account.unknown, 0U);
  EXPECT_EQ(report.account.recovered, report.acks_dropped);
  EXPECT_EQ(report.account.anomalies, 0U);
  EXPECT_EQ(report.account.duplicated, 0U);
  EXPECT_EQ(report.account.aliens, 0U);
  EXPECT_EQ(report.account.corrupted, 0U);
  EXPECT_EQ(report.rejected, 0U);
  EXPECT_EQ(report.total.expected, report.total.delivered + report.failed + report.crashed);
  EXPECT_GT(report.total.delivered, 0U);
}

TEST_P(EveryDelivery, HasAnExactLedger) {
  for (const std::uint64_t rate : {std::uint64_t{0}, std::uint64_t{100'000}}) {
    for (const std::uint32_t workers : {1U, 2U}) {
      RunPlan plan = plan_for(some(5000), rate);
      plan.workers = workers;
      const RunReport report = run(plan);
      expect_exact(report);
      EXPECT_EQ(report.total.sent, plan.messages);
      EXPECT_EQ(report.shed, 0U);
      EXPECT_EQ(report.failed + report.crashed > 0, GetParam().refuses);
      EXPECT_EQ(report.mock_digest != 0, GetParam().has_mock_digest);
      if (GetParam().keeps_order) {
        EXPECT_EQ(report.account.reordered, 0U);
      }
    }
  }
}

TEST_P(EveryDelivery, DeliversEveryBroadcastToAllOthers) {
  RunPlan plan = plan_for(some(500), 50'000);
  plan.types = only(MessageType::broadcast);
  plan.workers = 2;
  const RunReport report = run(plan);
  expect_exact(report);
  EXPECT_EQ(report.total.sent, plan.messages);
  EXPECT_EQ(report.total.expected, plan.messages * (plan.agents - 1));
}

TEST_P(EveryDelivery, LosesNothingWhenItHasHardlyAnyRoom) {
  for (const std::uint64_t rate : {std::uint64_t{0}, std::uint64_t{500'000}}) {
    for (const std::uint32_t capacity : {1U, 7U}) {
      RunPlan plan = plan_for(some(400), rate);
      plan.workers = 2;
      plan.mock.latency = LatencyModel::uniform(10'000, 20'000);
      const RunReport report = run(plan, capacity);
      expect_exact(report);
      EXPECT_EQ(report.total.sent, plan.messages);
    }
  }
}

TEST_P(EveryDelivery, HasADigestThatItsCapacityAndWorkersDoNotChange) {
  RunPlan plan = plan_for(some(500), 500'000);
  plan.mock.latency = LatencyModel::uniform(10'000, 20'000);
  std::set<std::uint64_t> digests;
  for (const std::uint32_t workers : {1U, 3U}) {
    for (const std::uint32_t capacity : {5U, kRoomy}) {
      plan.workers = workers;
      digests.insert(run(plan, capacity).digest);
    }
  }
  EXPECT_EQ(digests.size(), 1U);
}

// By hand, because in a run it depends on time which messages wait at once.
TEST_P(EveryDelivery, DrainsTheUrgentLaneFirst) {
  RunPlan plan = plan_for(1, 0);
  plan.mock = {LatencyModel::uniform(0, 0), Probability(1.0)};
  AnyDelivery delivery = GetParam().make(plan, payloads_for(plan), kRoomy);
  AnyProducer producer = delivery.make_producer(0);
  AnyConsumer consumer = delivery.make_consumer(0);
  const std::int64_t now_ns = SteadyClock{}.now_ns();
  const bool bounded = GetParam().prefetch != kUnbounded;
  const std::size_t ahead = bounded ? GetParam().prefetch : 0;
  const std::size_t texts = ahead + 30;
  const std::size_t all = texts + 10;
  for (std::uint64_t number = 0; number < all; ++number) {
    Message message = message_of(0, 1 + static_cast<AgentId>(number % 8), number,
                                 number < texts ? MessageType::text : MessageType::urgent);
    message.sent_ns = now_ns;
    ASSERT_EQ(producer.try_send({&message, 1}), 1U);
  }
  if (over_a_broker()) {
    await_settlements(producer, all);  // else it is not known which came to the server first
  }
  std::array<Received, 64> batch;
  std::vector<MessageType> types;
  while (types.size() < all && SteadyClock{}.now_ns() < now_ns + 60 * kSecond) {
    const std::size_t count = consumer.try_receive(batch);
    for (const Received& received : std::span(batch).first(count)) {
      types.push_back(received.message.type);
    }
    EXPECT_TRUE(std::is_partitioned(types.end() - static_cast<std::ptrdiff_t>(count), types.end(),
                                    [](MessageType type) { return type == MessageType::urgent; }))
        << "within one call";
  }
  ASSERT_EQ(types.size(), all);
  const std::span<const MessageType> first = std::span(types).first(bounded ? 10 + ahead : all);
  EXPECT_EQ(std::count(first.begin(), first.end(), MessageType::urgent), 10)
      << "more than " << ahead << " texts came before the urgent messages";
}

TEST_P(EveryDelivery, SettlesEachMessageExactlyOnce) {
  RunPlan plan = plan_for(1, 0);
  AnyDelivery delivery = GetParam().make(plan, payloads_for(plan), 100);
  AnyProducer producer = delivery.make_producer(0);
  AnyConsumer consumer = delivery.make_consumer(0);
  constexpr std::uint64_t kMessages = 3000;
  const std::vector<Message> messages = testing_support::numbered_messages(kMessages);
  std::map<std::uint64_t, int> settled_by_ordinal;
  std::array<Received, 64> batch;
  std::array<Settlement, 64> settlements;
  std::size_t sent = 0;
  const std::int64_t deadline_ns = SteadyClock{}.now_ns() + 60 * kSecond;
  while (settled_by_ordinal.size() < kMessages && SteadyClock{}.now_ns() < deadline_ns) {
    std::vector<Message> due(messages.begin() + static_cast<std::ptrdiff_t>(sent), messages.end());
    due.resize(std::min<std::size_t>(due.size(), 64));
    for (Message& message : due) {
      message.sent_ns = SteadyClock{}.now_ns();
    }
    sent += producer.try_send(due);
    consumer.try_receive(batch);
    const std::size_t count = producer.poll(settlements);
    for (const Settlement& settlement : std::span(settlements).first(count)) {
      ASSERT_EQ(++settled_by_ordinal[settlement.ordinal], 1);
      ASSERT_LT(settlement.ordinal, kMessages);
    }
  }
  EXPECT_EQ(settled_by_ordinal.size(), kMessages);
}

TEST_P(EveryDelivery, CanBeStoppedInTheMiddle) {
  for (const std::uint64_t rate : {std::uint64_t{0}, std::uint64_t{20'000}}) {
    RunPlan plan = plan_for(1'000'000'000, rate);
    plan.workers = 2;
    const std::shared_ptr<const Payloads> payloads = payloads_for(plan);
    AnyDelivery delivery = GetParam().make(plan, payloads, kRoomy);
    std::atomic<bool> stop{false};
    StressRun run(plan, delivery, payloads, {.stop = &stop});
    std::future<void> done = std::async(std::launch::async, [&run] { run.execute(); });
    EXPECT_EQ(done.wait_for(std::chrono::milliseconds(50)), std::future_status::timeout);
    stop = true;
    if (done.wait_for(std::chrono::seconds(30)) != std::future_status::ready) {
      ADD_FAILURE() << "the run did not stop";
      std::abort();  // nothing can be destroyed under a running worker
    }
    const RunReport report = run.report();
    EXPECT_TRUE(report.interrupted);
    EXPECT_TRUE(report.balanced());
    // What was under way is not accounted for as delivered; but nothing wrong has happened.
    EXPECT_EQ(report.account.duplicated, 0U);
    EXPECT_EQ(report.account.aliens, 0U);
    EXPECT_EQ(report.account.corrupted, 0U);
    EXPECT_EQ(report.account.anomalies, 0U);
  }
}

}  // namespace
}  // namespace spate::conformance
