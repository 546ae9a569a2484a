#include "spate/chaos.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
#include <vector>

#include "support/binomial.h"
#include "support/chaos_run.h"
#include "support/messages.h"

namespace spate {
namespace {

using namespace testing_support;

TEST(ChaosProfile, IsFoundByItsName) {
  EXPECT_TRUE(ChaosProfile::named("off").quiet());
  const ChaosProfile on = ChaosProfile::named("on");
  EXPECT_EQ(on.crash.value(), 0.01);
  EXPECT_EQ(on.spike.value(), 0.05);
  EXPECT_EQ(on.spike_max_ns, 500'000'000);
  expect_line_with(error_of([] { return ChaosProfile::named("wild"); }),
                   {"'wild'", "off", "on", "storm"});
}

TEST(Chaos, CrashesAndSpikesAsOftenAsAsked) {
  constexpr std::uint64_t kMessages = 50'000;
  struct Case {
    double crash;
    double spike;
  };
  for (const auto& [crash, spike] : {Case{0.01, 0.05}, Case{0.3, 0.5}, Case{0.001, 0.9}}) {
    ChaosRun run(profile_of(crash, spike));
    run.send_all(numbered_messages(kMessages), 64);
    run.drain();
    const auto crashes = binomial_bounds(kMessages, crash);
    EXPECT_GE(count_crashed(run), crashes.least) << crash;
    EXPECT_LE(count_crashed(run), crashes.most) << crash;
    // A crashed attempt has no spike to wait for, and the two draws are independent.
    const auto spikes = binomial_bounds(kMessages, spike * (1 - crash));
    EXPECT_GE(run.chaos().counts().spiked, spikes.least) << spike;
    EXPECT_LE(run.chaos().counts().spiked, spikes.most) << spike;
    expect_each_exactly_once(run, kMessages);
  }
}

TEST(Chaos, DrawsSpikesUniformlyFromOneToTheMaximum) {
  ChaosProfile profile = profile_of(0, 1);
  profile.spike_max_ns = 10;
  std::vector<std::uint64_t> by_extra(12);
  for (std::uint64_t sequence = 0; sequence < 20'000; ++sequence) {
    const std::int64_t extra_ns = verdict_of(profile, message_of(0, 1, sequence)).spike_ns;
    ASSERT_GE(extra_ns, 1);
    ASSERT_LE(extra_ns, 10);
    ++by_extra[static_cast<std::size_t>(extra_ns)];
  }
  EXPECT_TRUE(looks_uniform({by_extra.begin() + 1, by_extra.begin() + 11}));
}

TEST(Chaos, KeepsCrashedAttemptsFromTheDelivery) {
  const ChaosProfile profile = profile_of(0.3, 0.3);
  ChaosRun run(profile);
  run.send_all(numbered_messages(5000), 64);
  run.drain();
  for (const Message& message : run.inner().taken) {
    ASSERT_FALSE(verdict_of(profile, message).crash) << message.ordinal;
  }
  for (const auto& [ordinal, outcome] : run.outcomes()) {
    const bool crash = verdict_of(profile, message_of(0, 1, ordinal)).crash;
    ASSERT_EQ(outcome, crash ? Outcome::crashed : Outcome::acked);
  }
}

TEST(Chaos, HoldsASpikedAttemptForJustItsSpike) {
  const ChaosProfile profile = profile_of(0, 0.5);
  ChaosRun run(profile);
  std::vector<Message> messages = numbered_messages(5000);
  for (Message& message : messages) {
    message.sent_ns = 1'000'000;
  }
  run.clock().advance_to(1'000'000);
  run.send_all(messages, 64);
  run.drain();
  ASSERT_EQ(run.inner().taken.size(), 5000U);
  for (std::size_t at = 0; at < run.inner().taken.size(); ++at) {
    const std::int64_t spike_ns = verdict_of(profile, run.inner().taken[at]).spike_ns;
    ASSERT_EQ(run.inner().taken_at_ns[at], 1'000'000 + spike_ns);
  }
}

// The design: a spike adds up to 500 ms. What it adds to is the delivery's own latency.
TEST(Chaos, AddsItsSpikeToTheMocksLatency) {
  VirtualClock clock;
  constexpr std::int64_t kLatencyNs = 700'000;
  AnyDelivery mock(std::make_unique<BasicMockDelivery<VirtualClock>>(
      clock, ChaosRun::kSeed, MockSettings{LatencyModel::constant(kLatencyNs), Probability(1.0)},
      1U, 1000U));
  BasicChaosDelivery<VirtualClock> delivery(mock, clock, ChaosRun::kSeed, ChaosRun::kAgents,
                                            profile_of(0, 1), 1000);
  auto producer = delivery.make_producer(0);
  auto consumer = delivery.make_consumer(0);
  const std::vector<Message> messages = numbered_messages(100);
  ASSERT_EQ(producer.try_send(messages), 100U);
  std::array<Settlement, 64> settlements;
  std::array<Received, 64> batch;
  std::size_t received = 0;
  for (int round = 0; round < 1000 && received < 100; ++round) {
    clock.advance_to(
        std::max(clock.now_ns(), std::min(producer.next_due_ns(), consumer.next_due_ns())));
    static_cast<void>(producer.poll(settlements));
    const std::size_t count = consumer.try_receive(batch);
    for (const Received& one : std::span(batch).first(count)) {
      const std::int64_t spike_ns = verdict_of(profile_of(0, 1), one.message).spike_ns;
      EXPECT_EQ(clock.now_ns(), spike_ns + kLatencyNs) << one.message.ordinal;
    }
    received += count;
  }
  EXPECT_EQ(received, 100U);
}

TEST(Chaos, PassesEverythingOnInWholeBatchesWhenQuiet) {
  ChaosRun run(ChaosProfile::off());
  run.send_all(numbered_messages(640), 64);
  EXPECT_EQ(run.inner().offers, std::vector<std::size_t>(10, 64));
  EXPECT_EQ(run.inner().taken.size(), 640U);
  EXPECT_EQ(run.chaos().next_due_ns(), kNever);
  EXPECT_EQ(run.chaos().events().recorded(), 0U);
}

TEST(Chaos, KeepsTheOrderOfWhatItDoesNotTouch) {
  ChaosRun run(profile_of(0.2, 0));
  run.send_all(numbered_messages(2000), 64);
  EXPECT_TRUE(
      std::is_sorted(run.inner().taken.begin(), run.inner().taken.end(),
                     [](const Message& a, const Message& b) { return a.ordinal < b.ordinal; }));
}

// Downtime.

TEST(Chaos, RefusesAnAgentsAttemptsWhileItIsDownByTheSchedule) {
  constexpr std::int64_t kDowntimeNs = 50;
  const ChaosProfile profile = profile_of(0.05, 0, kDowntimeNs);
  ChaosRun run(profile);
  std::vector<Message> messages;
  for (std::uint64_t index = 0; index < 9000; ++index) {
    const auto sender = static_cast<AgentId>(index % ChaosRun::kAgents);
    Message message =
        message_of(sender, (sender + 1) % ChaosRun::kAgents, index / ChaosRun::kAgents);
    message.ordinal = index;
    message.intended_ns = static_cast<std::int64_t>(index);
    message.sent_ns = 1'000'000;  // all of them late, by whatever they are: it must not matter
    messages.push_back(message);
  }
  run.send_all(messages, 64);
  run.drain();
  std::vector<std::int64_t> down_until(ChaosRun::kAgents);
  std::uint64_t refused_while_down = 0;
  for (const Message& message : messages) {
    const bool down = message.intended_ns < down_until[message.sender];
    const bool crash = verdict_of(profile, message).crash;
    ASSERT_EQ(run.outcomes().at(message.ordinal),
              down || crash ? Outcome::crashed : Outcome::acked);
    refused_while_down += down && !crash ? 1U : 0U;
    if (crash && !down) {
      down_until[message.sender] = message.intended_ns + kDowntimeNs;
    }
  }
  EXPECT_GT(refused_while_down, 0U);
  expect_each_exactly_once(run, messages.size());
}

// Back-pressure.

TEST(Chaos, LosesNothingWhenTheDeliveryTakesLittle) {
  const ChaosProfile profile = profile_of(0.1, 0.2);
  ChaosRun free(profile);
  free.send_all(numbered_messages(3000), 64);
  free.drain();
  for (const std::size_t most : {1U, 3U, 63U}) {
    ChaosRun run(profile);
    run.inner().most_per_call = most;
    run.send_all(numbered_messages(3000), 64);
    run.drain();
    expect_each_exactly_once(run, 3000);
    EXPECT_EQ(run.chaos().digest(), free.chaos().digest());
    EXPECT_EQ(run.chaos().counts().spiked, free.chaos().counts().spiked);
    EXPECT_EQ(run.chaos().events().recorded(), free.chaos().events().recorded());
  }
}

TEST(Chaos, WaitsForADeliveryThatTakesNothingForAWhile) {
  ChaosRun run(profile_of(0.1, 0.2));
  const std::vector<Message> messages = numbered_messages(1000);
  std::span<const Message> left = messages;
  run.inner().most_per_call = 0;
  for (int round = 0; round < 50; ++round) {
    left = left.subspan(run.chaos().try_send(left));
    run.clock().advance_to(run.clock().now_ns() + ChaosRun::kSpikeMaxNs);
    run.poll();
  }
  EXPECT_TRUE(run.inner().taken.empty());
  ASSERT_FALSE(left.empty());
  run.inner().most_per_call = 64;
  run.send_all(left, 64);
  run.drain();
  expect_each_exactly_once(run, 1000);
}

TEST(Chaos, TakesFewerWhenItCanHoldNoMore) {
  ChaosRun run(profile_of(0, 1), 10);
  const std::vector<Message> messages = numbered_messages(100);
  EXPECT_EQ(run.chaos().try_send(messages), 10U);
  EXPECT_EQ(run.chaos().try_send(std::span(messages).subspan(10)), 0U);
  run.send_all(std::span(messages).subspan(10), 64);
  run.drain();
  expect_each_exactly_once(run, 100);
}

TEST(Chaos, TakesFewerWhenNobodyFetchesItsSettlements) {
  ChaosRun run(profile_of(1, 0));
  const std::vector<Message> messages = numbered_messages(3000);
  const std::size_t taken = run.chaos().try_send(messages);
  EXPECT_LT(taken, messages.size());
  EXPECT_EQ(run.chaos().try_send(std::span(messages).subspan(taken)), 0U);
  run.send_all(std::span(messages).subspan(taken), 64);
  expect_each_exactly_once(run, 3000);
}

// Digest and events.

TEST(Chaos, HasADigestThatBatchesDoNotChange) {
  for (const ChaosProfile& profile : {ChaosProfile::off(), profile_of(0.1, 0.2)}) {
    std::vector<std::uint64_t> digests;
    for (const std::size_t batch : {1U, 5U, 64U, 1000U}) {
      ChaosRun run(profile);
      run.send_all(numbered_messages(1000), batch);
      digests.push_back(run.chaos().digest());
    }
    EXPECT_EQ(digests, std::vector<std::uint64_t>(4, digests[0]));
  }
}

TEST(Chaos, HasTheSameDigestForWhatIsNeverSent) {
  for (const ChaosProfile& profile : {ChaosProfile::off(), profile_of(0.1, 0.2)}) {
    ChaosRun sent(profile);
    sent.send_all(numbered_messages(1000), 64);
    ChaosRun half(profile);
    const std::vector<Message> messages = numbered_messages(1000);
    half.send_all(std::span(messages).first(500), 64);
    for (const Message& message : std::span(messages).subspan(500)) {
      half.chaos().account_unsent(message);
    }
    EXPECT_EQ(half.chaos().digest(), sent.chaos().digest());
  }
}

TEST(Chaos, HasADigestOfItsVerdicts) {
  ChaosRun little(profile_of(0.1, 0.2));
  ChaosRun more(profile_of(0.2, 0.2));
  little.send_all(numbered_messages(1000), 64);
  more.send_all(numbered_messages(1000), 64);
  EXPECT_NE(little.chaos().digest(), more.chaos().digest());
}

TEST(Chaos, WritesDownEachCrashAndSpike) {
  const ChaosProfile profile = profile_of(0.1, 0.2);
  ChaosRun run(profile);
  run.send_all(numbered_messages(1000), 64);
  std::uint64_t expected = 0;
  for (std::uint64_t sequence = 0; sequence < 1000; ++sequence) {
    const ChaosVerdict verdict = verdict_of(profile, message_of(0, 1, sequence));
    expected += verdict.crash || verdict.spike_ns > 0 ? 1U : 0U;
  }
  EXPECT_EQ(run.chaos().events().recorded(), expected);
  for (const ChaosEvent& event : run.chaos().events().kept()) {
    const ChaosVerdict verdict = verdict_of(profile, message_of(0, 1, event.sequence));
    EXPECT_EQ(event.kind, verdict.crash ? ChaosEvent::Kind::crash : ChaosEvent::Kind::spike);
    EXPECT_EQ(event.extra_ns, verdict.crash ? 0 : verdict.spike_ns);
  }
}

}  // namespace
}  // namespace spate
