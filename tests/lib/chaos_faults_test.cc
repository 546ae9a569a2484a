// What chaos does beyond crashes and spikes: bursts, reordering, duplicates, dropped acks.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "spate/chaos.h"
#include "support/chaos_run.h"
#include "support/messages.h"

namespace spate {
namespace {

using namespace testing_support;

constexpr std::int64_t kReorderMaxNs = 1000;

ChaosProfile duplicating(double rate) {
  ChaosProfile profile;
  profile.duplicate = Probability(rate);
  return profile;
}
ChaosProfile dropping(double rate) {
  ChaosProfile profile;
  profile.drop_ack = Probability(rate);
  return profile;
}
ChaosProfile bursting() {
  ChaosProfile profile;
  profile.bursts = {Probability(0.05), Probability(0.1), Probability(0.8)};
  return profile;
}
// Each of its faults on one message in ten.
ChaosProfile everything() {
  ChaosProfile profile = profile_of(0.1, 0.1, 50);
  profile.bursts = {Probability(0.02), Probability(0.2), Probability(0.5)};
  profile.reorder = Probability(0.1);
  profile.reorder_max_ns = kReorderMaxNs;
  profile.duplicate = Probability(0.1);
  profile.drop_ack = Probability(0.1);
  return profile;
}

// In order of sequence, and a nanosecond apart by the schedule.
std::vector<ChaosVerdict> verdicts_of(const ChaosProfile& profile, std::uint64_t messages) {
  ChaosJudge judge(profile, ChaosRun::kSeed, ChaosRun::kAgents);
  std::vector<ChaosVerdict> verdicts;
  for (const Message& message : numbered_messages(messages)) {
    verdicts.push_back(judge.judge(message));
  }
  return verdicts;
}
template <class Predicate>
std::uint64_t count(const std::vector<ChaosVerdict>& verdicts, Predicate predicate) {
  return static_cast<std::uint64_t>(std::count_if(verdicts.begin(), verdicts.end(), predicate));
}

// Bursts.

TEST(ChaosBursts, SettleAsFailedAndNeverReachTheDelivery) {
  ChaosRun run(bursting());
  run.send_all(numbered_messages(2000), 64);
  run.drain();
  const std::vector<ChaosVerdict> verdicts = verdicts_of(bursting(), 2000);
  for (const Message& message : run.inner().taken) {
    ASSERT_FALSE(verdicts[message.ordinal].burst_failure) << message.ordinal;
  }
  for (const auto& [ordinal, outcome] : run.outcomes()) {
    ASSERT_EQ(outcome, verdicts[ordinal].burst_failure ? Outcome::failed : Outcome::acked);
  }
  EXPECT_EQ(run.outcomes().size(), 2000U);
  EXPECT_EQ(run.chaos().counts().burst_failures,
            count(verdicts, [](const ChaosVerdict& verdict) { return verdict.burst_failure; }));
}

TEST(ChaosBursts, YieldToACrash) {
  ChaosProfile profile = bursting();
  profile.bursts = {Probability(1), Probability(0.1), Probability(1)};
  profile.crash = Probability(0.5);
  ChaosRun run(profile);
  run.send_all(numbered_messages(500), 64);
  const std::vector<ChaosVerdict> verdicts = verdicts_of(profile, 500);
  std::uint64_t both = 0;
  for (const auto& [ordinal, outcome] : run.outcomes()) {
    if (verdicts[ordinal].crash) {
      ASSERT_EQ(outcome, Outcome::crashed) << ordinal;
      both += verdicts[ordinal].burst_failure ? 1U : 0U;
    }
  }
  EXPECT_GT(both, 100U);
  EXPECT_EQ(run.chaos().counts().burst_failures, count(verdicts, [](const ChaosVerdict& verdict) {
              return verdict.burst_failure && !verdict.crash;
            }));
}

// Reordering.

TEST(ChaosReordering, HoldsAMessageForItsOwnTimeAndItsSpikes) {
  ChaosProfile profile = profile_of(0, 0.5);
  profile.reorder = Probability(0.5);
  profile.reorder_max_ns = kReorderMaxNs;
  ChaosRun run(profile);
  std::vector<Message> messages = numbered_messages(2000);
  for (Message& message : messages) {
    message.sent_ns = 1'000'000;
  }
  run.clock().advance_to(1'000'000);
  run.send_all(messages, 64);
  run.drain();
  const std::vector<ChaosVerdict> verdicts = verdicts_of(profile, 2000);
  std::uint64_t overtaken = 0;
  for (std::size_t at = 0; at < run.inner().taken.size(); ++at) {
    const ChaosVerdict& verdict = verdicts[run.inner().taken[at].ordinal];
    ASSERT_LE(verdict.reorder_ns, kReorderMaxNs);
    ASSERT_EQ(run.inner().taken_at_ns[at], 1'000'000 + verdict.spike_ns + verdict.reorder_ns);
    overtaken += at > 0 && run.inner().taken[at].ordinal < run.inner().taken[at - 1].ordinal;
  }
  EXPECT_GT(overtaken, 100U);
  EXPECT_EQ(run.chaos().counts().reordered,
            count(verdicts, [](const ChaosVerdict& verdict) { return verdict.reorder_ns > 0; }));
  expect_each_exactly_once(run, 2000);
}

// Duplicates.

// The originals that have a copy, in the order in which copies came.
std::vector<std::uint64_t> copies_in(const std::vector<Message>& taken) {
  std::vector<std::uint64_t> copies;
  for (const Message& message : taken) {
    if (is_copy(message.ordinal)) {
      copies.push_back(ordinal_of(message.ordinal));
    }
  }
  return copies;
}
std::vector<std::uint64_t> copies_asked(const std::vector<ChaosVerdict>& verdicts) {
  std::vector<std::uint64_t> asked;
  for (std::uint64_t ordinal = 0; ordinal < verdicts.size(); ++ordinal) {
    const ChaosVerdict& verdict = verdicts[ordinal];
    if (verdict.duplicate && !verdict.crash && !verdict.burst_failure) {
      asked.push_back(ordinal);
    }
  }
  return asked;
}

TEST(ChaosDuplicates, GoRightBehindTheirOriginal) {
  ChaosProfile profile = profile_of(0.1, 0.3);
  profile.duplicate = Probability(0.3);
  ChaosRun run(profile);
  run.send_all(numbered_messages(2000), 64);
  run.drain();
  const std::vector<Message>& taken = run.inner().taken;
  for (std::size_t at = 0; at < taken.size(); ++at) {
    if (is_copy(taken[at].ordinal)) {
      ASSERT_GT(at, 0U);
      EXPECT_EQ(taken[at - 1].ordinal, ordinal_of(taken[at].ordinal));
      EXPECT_EQ(run.inner().taken_at_ns[at], run.inner().taken_at_ns[at - 1]);
      EXPECT_EQ(taken[at].sequence, taken[at - 1].sequence);
      EXPECT_EQ(taken[at].recipient, taken[at - 1].recipient);
    }
  }
  std::vector<std::uint64_t> copies = copies_in(taken);
  std::sort(copies.begin(), copies.end());  // spiked ones came later
  EXPECT_EQ(copies, copies_asked(verdicts_of(profile, 2000)));
  EXPECT_EQ(run.chaos().counts().duplicates, copies.size());
}

TEST(ChaosDuplicates, AreSettledForNobody) {
  ChaosRun run(duplicating(0.5));
  run.send_all(numbered_messages(500), 64);
  EXPECT_EQ(run.outcomes().size(), 500U);
  EXPECT_EQ(run.outcomes().rbegin()->first, 499U);
  EXPECT_EQ(run.chaos().open_copies(), 0U);
}

TEST(ChaosDuplicates, AreOpenUntilTheyAreSettled) {
  ChaosRun run(duplicating(1));
  run.inner().most_per_call = 1;  // the original alone
  const std::vector<Message> messages = numbered_messages(3);
  ASSERT_EQ(run.chaos().try_send(messages), 3U);
  EXPECT_EQ(run.chaos().open_copies(), 3U);
  EXPECT_EQ(run.chaos().counts().duplicates, 0U) << "none was handed over";
  run.drain();
  EXPECT_EQ(run.chaos().counts().duplicates, 3U);
  EXPECT_EQ(run.chaos().open_copies(), 0U);
  EXPECT_EQ(run.inner().taken.size(), 6U);
}

TEST(ChaosDuplicates, HoldTheCallerUpWhenNoMoreMayWait) {
  ChaosRun run(duplicating(1), 4);
  run.inner().most_per_call = 1;
  const std::vector<Message> messages = numbered_messages(100);
  EXPECT_EQ(run.chaos().try_send(messages), 4U);
  EXPECT_EQ(run.chaos().try_send(std::span(messages).subspan(4)), 0U);
  EXPECT_EQ(run.inner().taken.size(), 4U);
  run.send_all(std::span(messages).subspan(4), 64);
  run.drain();
  EXPECT_EQ(run.outcomes().size(), 100U);
  EXPECT_EQ(run.inner().taken.size(), 200U);
  EXPECT_EQ(run.chaos().counts().duplicates, 100U);
}

// Each message is settled exactly once: also one that the sender does not know of.
TEST(ChaosDuplicates, ThatAreSettledTwiceAreToldOfTheSecondTime) {
  ChaosRun run(duplicating(1));
  ASSERT_EQ(run.chaos().try_send(numbered_messages(1)), 1U);
  run.inner().taken.push_back(run.inner().taken.back());
  run.poll();
  EXPECT_EQ(run.outcomes().size(), 2U);
  EXPECT_EQ(run.outcomes().rbegin()->first, kCopyMark) << "no sender's book knows such a number";
}

// A mark that this profile does not make is the delivery's own invention.
TEST(ChaosDuplicates, DoNotHideAnInventedMark) {
  ChaosRun run(duplicating(1));
  ASSERT_EQ(run.chaos().try_send(numbered_messages(1)), 1U);
  run.inner().taken.front().ordinal |= kDropAckMark;
  run.poll();
  ASSERT_EQ(run.outcomes().size(), 1U);
  EXPECT_EQ(run.outcomes().begin()->first, kDropAckMark) << "no sender's book knows such a number";
  EXPECT_EQ(run.outcomes().begin()->second, Outcome::acked);
  EXPECT_EQ(run.chaos().counts().acks_dropped, 0U);
}

// Dropped acks.

TEST(ChaosDroppedAcks, LeaveTheSenderWithoutAnAnswer) {
  ChaosRun run(dropping(0.3));
  run.send_all(numbered_messages(2000), 64);
  const std::vector<ChaosVerdict> verdicts = verdicts_of(dropping(0.3), 2000);
  ASSERT_EQ(run.outcomes().size(), 2000U);
  for (const auto& [ordinal, outcome] : run.outcomes()) {
    ASSERT_EQ(outcome, verdicts[ordinal].drop_ack ? Outcome::unknown : Outcome::acked);
  }
  EXPECT_EQ(run.chaos().counts().acks_dropped,
            count(verdicts, [](const ChaosVerdict& verdict) { return verdict.drop_ack; }));
}

TEST(ChaosDroppedAcks, AreAcksAndNoOtherAnswer) {
  for (const Outcome outcome : {Outcome::failed, Outcome::rejected, Outcome::unknown}) {
    ChaosRun run(dropping(1));
    run.inner().outcome = outcome;
    run.send_all(numbered_messages(100), 64);
    for (const auto& [ordinal, told] : run.outcomes()) {
      ASSERT_EQ(told, outcome);
    }
    EXPECT_EQ(run.outcomes().rbegin()->first, 99U);
    EXPECT_EQ(run.chaos().counts().acks_dropped, 0U);
  }
}

// All of it together.

std::map<ChaosEvent::Kind, std::uint64_t> events_of(ChaosRun& run) {
  std::map<ChaosEvent::Kind, std::uint64_t> events;
  for (const ChaosEvent& event : run.chaos().events().kept()) {
    ++events[event.kind];
  }
  return events;
}

TEST(Chaos, DoesTheSameHoweverLittleTheDeliveryTakes) {
  ChaosRun free(everything());
  free.send_all(numbered_messages(3000), 64);
  free.drain();
  for (const std::size_t most : {1U, 3U, 63U}) {
    ChaosRun run(everything());
    run.inner().most_per_call = most;
    run.send_all(numbered_messages(3000), 64);
    run.drain();
    EXPECT_EQ(run.outcomes(), free.outcomes());
    EXPECT_EQ(run.inner().taken.size(), free.inner().taken.size());
    EXPECT_EQ(run.chaos().digest(), free.chaos().digest());
    EXPECT_EQ(run.chaos().counts().spiked, free.chaos().counts().spiked);
    EXPECT_EQ(run.chaos().counts().besides_spikes(), free.chaos().counts().besides_spikes());
    EXPECT_EQ(run.chaos().open_copies(), 0U);
    EXPECT_EQ(events_of(run), events_of(free));
  }
}

TEST(Chaos, HasTheSameDigestOfEveryFaultForWhatIsNeverSent) {
  const std::vector<Message> messages = numbered_messages(1000);
  ChaosRun sent(everything());
  sent.send_all(messages, 64);
  ChaosRun half(everything());
  for (const Message& message : std::span(messages).subspan(500)) {
    half.chaos().account_unsent(message);  // before the others, as a full outbox has it
  }
  half.send_all(std::span(messages).first(500), 64);
  EXPECT_EQ(half.chaos().digest(), sent.chaos().digest());
}

TEST(Chaos, WritesDownEachFault) {
  ChaosRun run(everything());
  run.send_all(numbered_messages(1000), 64);
  run.drain();
  const std::vector<ChaosVerdict> verdicts = verdicts_of(everything(), 1000);
  const ChaosCounts& counts = run.chaos().counts();
  std::map<ChaosEvent::Kind, std::uint64_t> events = events_of(run);
  EXPECT_EQ(events[ChaosEvent::Kind::spike], counts.spiked);
  EXPECT_EQ(events[ChaosEvent::Kind::reorder], counts.reordered);
  EXPECT_EQ(events[ChaosEvent::Kind::duplicate], counts.duplicates);
  EXPECT_EQ(events[ChaosEvent::Kind::dropped_ack], counts.acks_dropped);
  EXPECT_EQ(events[ChaosEvent::Kind::burst],
            count(verdicts, [](const ChaosVerdict& verdict) { return verdict.burst_begins; }));
  for (const auto kind : {ChaosEvent::Kind::crash, ChaosEvent::Kind::burst,
                          ChaosEvent::Kind::reorder, ChaosEvent::Kind::duplicate}) {
    EXPECT_GT(events[kind], 0U) << name_of(kind);
  }
}

}  // namespace
}  // namespace spate
