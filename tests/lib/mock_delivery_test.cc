#include "spate/mock_delivery.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
#include <vector>

#include "support/binomial.h"
#include "support/messages.h"

namespace spate {
namespace {

using namespace testing_support;

constexpr std::uint64_t kSeed = 21;
constexpr std::uint32_t kRoomy = 1 << 20;

struct Arrival {
  Message message;
  std::int64_t at_ns;
};

// A mock on a clock that moves from one due time to the next, so that nothing is ever late.
class MockRun {
 public:
  explicit MockRun(MockSettings settings, std::uint32_t capacity = kRoomy,
                   std::uint64_t seed = kSeed)
      : mock_(clock_, seed, settings, 1, capacity),
        producer_(mock_.make_producer(0)),
        consumer_(mock_.make_consumer(0)) {}

  VirtualClock& clock() { return clock_; }
  auto& producer() { return producer_; }
  auto& consumer() { return consumer_; }
  const std::vector<Arrival>& arrivals() const { return arrivals_; }
  const std::vector<Settlement>& settlements() const { return settlements_; }

  std::size_t send(std::span<const Message> messages) { return producer_.try_send(messages); }

  // What is due by now, in batches of 64 as a worker takes them.
  void receive() {
    std::array<Received, 64> batch;
    std::array<Settlement, 64> settled;
    for (bool more = true; more;) {
      const std::size_t received = consumer_.try_receive(batch);
      for (const Received& one : std::span(batch).first(received)) {
        arrivals_.push_back({one.message, clock_.now_ns()});
      }
      const std::size_t count = producer_.poll(settled);
      settlements_.insert(settlements_.end(), settled.begin(), settled.begin() + count);
      more = received > 0 || count > 0;
    }
  }
  void drain() {
    while (consumer_.next_due_ns() != kNever) {
      clock_.advance_to(consumer_.next_due_ns());
      receive();
    }
  }

 private:
  VirtualClock clock_;
  BasicMockDelivery<VirtualClock> mock_;
  BasicMockDelivery<VirtualClock>::Producer producer_;
  BasicMockDelivery<VirtualClock>::Consumer consumer_;
  std::vector<Arrival> arrivals_;
  std::vector<Settlement> settlements_;
};

MockSettings settings_of(std::int64_t min_ns, std::int64_t max_ns, double success) {
  return {LatencyModel::uniform(min_ns, max_ns), Probability(success)};
}

TEST(MockDelivery, DelaysUniformlyFromMinToMax) {
  MockRun run(settings_of(100, 109, 1.0));
  run.send(numbered_messages(20'000));
  run.drain();
  ASSERT_EQ(run.arrivals().size(), 20'000U);
  std::vector<std::uint64_t> by_latency(10);
  for (const Arrival& arrival : run.arrivals()) {
    ASSERT_GE(arrival.at_ns, 100);
    ASSERT_LE(arrival.at_ns, 109);
    ++by_latency[static_cast<std::size_t>(arrival.at_ns - 100)];
  }
  EXPECT_TRUE(looks_uniform(by_latency));
}

// Also latencies far beyond the usual ones, by which the wheel is sized.
TEST(MockDelivery, DelaysAsItsModelDraws) {
  const MockSettings settings{LatencyModel::pareto(1000, 1'000'000'000, 0.5), Probability(1.0)};
  MockRun run(settings);
  run.send(numbered_messages(20'000));
  run.drain();
  ASSERT_EQ(run.arrivals().size(), 20'000U);
  std::int64_t longest_ns = 0;
  for (const Arrival& arrival : run.arrivals()) {
    const Message& message = arrival.message;
    const MessageDraws draws(kSeed, message.sender, message.sequence);
    ASSERT_EQ(arrival.at_ns,
              settings.latency.draw_ns(draws.draw(Purpose::mock_latency, message.recipient)));
    longest_ns = std::max(longest_ns, arrival.at_ns);
  }
  EXPECT_GT(longest_ns, settings.usual_latency_max_ns());
}

MockVerdict verdict_of(const MockSettings& settings, AgentId recipient) {
  return mock_verdict(settings, MessageDraws(kSeed, 5, 1), recipient);
}

TEST(MockDelivery, TakesLongerToSlowAgentsAndToNoOthers) {
  const MockSettings even;
  MockSettings settings;
  settings.slow_agents = 2;
  settings.slow_thousandths = 2500;
  for (AgentId recipient = 0; recipient < 5; ++recipient) {
    const std::int64_t even_ns = verdict_of(even, recipient).latency_ns;
    EXPECT_EQ(verdict_of(settings, recipient).latency_ns,
              recipient < 2 ? even_ns * 5 / 2 : even_ns);
    EXPECT_EQ(verdict_of(settings, recipient).success, verdict_of(even, recipient).success);
  }
  EXPECT_EQ(even.latency_max_ns(), 10'000'000);
  EXPECT_EQ(settings.latency_max_ns(), 25'000'000);
  EXPECT_EQ(settings.usual_latency_max_ns(), 25'000'000);
}

TEST(MockDelivery, TakesAnHourToSlowAgentsAtTheMost) {
  MockSettings settings{LatencyModel::constant(kMaxDelayNs), Probability(1.0), 1, 1'000'000};
  EXPECT_EQ(verdict_of(settings, 0).latency_ns, kMaxDelayNs);
  EXPECT_EQ(settings.latency_max_ns(), kMaxDelayNs);
}

// Each takes a millisecond of a server, and they come together.
TEST(MockDelivery, ServesNoMoreAtATimeThanItHasServers) {
  for (const std::uint32_t servers : {1U, 2U, 3U}) {
    MockSettings settings = settings_of(1'000'000, 1'000'000, 1.0);
    settings.station.servers = servers;
    MockRun run(settings);
    run.send(numbered_messages(6));
    run.drain();
    ASSERT_EQ(run.arrivals().size(), 6U);
    for (std::uint32_t i = 0; i < 6; ++i) {
      EXPECT_EQ(run.arrivals()[i].at_ns, 1'000'000 * (1 + i / servers)) << servers << " servers";
    }
  }
}

TEST(MockDelivery, HasOneStationForAllWorkers) {
  MockSettings settings = settings_of(1'000'000, 1'000'000, 1.0);
  settings.station.servers = 1;
  VirtualClock clock;
  BasicMockDelivery<VirtualClock> mock(clock, kSeed, settings, 2, kRoomy);
  const std::vector<Message> one = numbered_messages(1);
  ASSERT_EQ(mock.make_producer(0).try_send(one), 1U);
  ASSERT_EQ(mock.make_producer(1).try_send(one), 1U);
  EXPECT_EQ(mock.make_consumer(0).next_due_ns(), 1'000'000);
  EXPECT_EQ(mock.make_consumer(1).next_due_ns(), 2'000'000);
}

TEST(MockDelivery, CountsTheLatencyFromTheMomentOfTheSend) {
  MockRun run(settings_of(1000, 1000, 1.0));
  run.clock().advance_to(5'000'000);
  run.send(numbered_messages(10));  // intended, and stamped, at 0: chaos may have held them back
  EXPECT_EQ(run.consumer().next_due_ns(), 5'001'000);
  run.clock().advance_to(5'000'999);
  run.receive();
  EXPECT_TRUE(run.arrivals().empty());
  run.drain();
  EXPECT_EQ(run.arrivals().size(), 10U);
}

TEST(MockDelivery, SucceedsAsOftenAsAsked) {
  constexpr std::uint64_t kMessages = 50'000;
  for (const double success : {0.01, 0.5, 0.95, 0.999}) {
    for (const std::uint64_t seed : {1U, 2U, 3U}) {
      MockRun run(settings_of(0, 1'000'000, success), kRoomy, seed);
      run.send(numbered_messages(kMessages));
      run.drain();
      const auto bounds = binomial_bounds(kMessages, success);
      EXPECT_GE(run.arrivals().size(), bounds.least) << success << ", seed " << seed;
      EXPECT_LE(run.arrivals().size(), bounds.most) << success << ", seed " << seed;
    }
  }
}

TEST(MockDelivery, SucceedsAlwaysAtOneAndNeverAtZero) {
  for (const double success : {0.0, 1.0}) {
    MockRun run(settings_of(1, 100, success));
    run.send(numbered_messages(5000));
    run.drain();
    EXPECT_EQ(run.arrivals().size(), success > 0 ? 5000U : 0U);
    EXPECT_EQ(run.settlements().size(), 5000U);
  }
}

TEST(MockDelivery, SettlesEachOnceAndDeliversJustWhatItAcks) {
  MockRun run(settings_of(1000, 2'000'000, 0.7));
  run.send(numbered_messages(10'000));
  run.drain();
  std::map<std::uint64_t, Outcome> outcomes;
  for (const Settlement& settlement : run.settlements()) {
    EXPECT_TRUE(outcomes.emplace(settlement.ordinal, settlement.outcome).second);
    EXPECT_TRUE(settlement.outcome == Outcome::acked || settlement.outcome == Outcome::failed);
  }
  EXPECT_EQ(outcomes.size(), 10'000U);
  std::map<std::uint64_t, int> seen;
  for (const Arrival& arrival : run.arrivals()) {
    EXPECT_EQ(++seen[arrival.message.ordinal], 1);
    EXPECT_EQ(outcomes[arrival.message.ordinal], Outcome::acked);
  }
  const auto acked = std::count_if(outcomes.begin(), outcomes.end(), [](const auto& entry) {
    return entry.second == Outcome::acked;
  });
  EXPECT_EQ(seen.size(), static_cast<std::size_t>(acked));
}

TEST(MockDelivery, HandsOutUrgentMessagesFirstAmongThoseThatAreDue) {
  MockRun run(settings_of(1000, 1000, 1.0));
  run.send(numbered_messages(100));
  run.clock().advance_to(500);
  run.send(numbered_messages(10, MessageType::urgent));  // due later than all the others
  run.clock().advance_to(10'000);
  run.receive();
  ASSERT_EQ(run.arrivals().size(), 110U);
  for (std::size_t at = 0; at < run.arrivals().size(); ++at) {
    EXPECT_EQ(run.arrivals()[at].message.type, at < 10 ? MessageType::urgent : MessageType::text);
  }
}

TEST(MockDelivery, DoesNotHandOutUrgentMessagesBeforeTheyAreDue) {
  MockRun run(settings_of(1000, 1000, 1.0));
  run.send(numbered_messages(1));
  run.clock().advance_to(500);
  run.send(numbered_messages(1, MessageType::urgent));
  run.clock().advance_to(1200);
  run.receive();
  ASSERT_EQ(run.arrivals().size(), 1U);
  EXPECT_EQ(run.arrivals()[0].message.type, MessageType::text);
}

TEST(MockDelivery, TakesNoMoreThanItsCapacityAndLosesNothing) {
  MockRun run(settings_of(10, 1000, 1.0), 8);
  const std::vector<Message> messages = numbered_messages(100);
  std::size_t sent = 0;
  while (sent < messages.size()) {
    const std::size_t taken = run.send(std::span(messages).subspan(sent));
    EXPECT_LE(taken, 8U);
    sent += taken;
    ASSERT_EQ(run.send(std::span(messages).subspan(sent)), 0U) << "it was full";
    run.clock().advance_to(run.consumer().next_due_ns());
    run.receive();
  }
  run.drain();
  EXPECT_EQ(run.arrivals().size(), 100U);
}

TEST(MockDelivery, WaitsForItsSettlementsToBeFetched) {
  MockRun run(settings_of(10, 10, 0.0));
  run.send(numbered_messages(5000));
  run.clock().advance_to(10);
  std::array<Received, 64> batch;
  for (int round = 0; round < 100; ++round) {
    EXPECT_EQ(run.consumer().try_receive(batch), 0U);
  }
  EXPECT_EQ(run.consumer().next_due_ns(), 10) << "some must still wait";
  run.drain();
  EXPECT_EQ(run.settlements().size(), 5000U);
}

std::uint64_t digest_in_batches(std::size_t batch, const std::vector<Message>& messages,
                                std::uint64_t seed = kSeed) {
  MockRun run(settings_of(10, 1000, 0.5), kRoomy, seed);
  for (std::size_t at = 0; at < messages.size(); at += batch) {
    run.send(std::span(messages).subspan(at, std::min(batch, messages.size() - at)));
  }
  return run.producer().draws_digest();
}

TEST(MockDelivery, HasADigestThatBatchesAndOrderDoNotChange) {
  std::vector<Message> messages = numbered_messages(1000);
  const std::uint64_t digest = digest_in_batches(1000, messages);
  EXPECT_EQ(digest_in_batches(1, messages), digest);
  EXPECT_EQ(digest_in_batches(7, messages), digest);
  std::reverse(messages.begin(), messages.end());
  EXPECT_EQ(digest_in_batches(64, messages), digest);
}

TEST(MockDelivery, HasADigestOfItsDraws) {
  std::vector<Message> messages = numbered_messages(1000);
  const std::uint64_t digest = digest_in_batches(64, messages);
  EXPECT_NE(digest_in_batches(64, messages, kSeed + 1), digest);
  messages.pop_back();
  EXPECT_NE(digest_in_batches(64, messages), digest);
  messages.push_back(message_of(0, 2, 999));
  EXPECT_NE(digest_in_batches(64, messages), digest);
}

}  // namespace
}  // namespace spate
