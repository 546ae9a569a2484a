#include "spate/chaos_judge.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <utility>
#include <vector>

#include "spate/digest.h"
#include "support/binomial.h"
#include "support/messages.h"

namespace spate {
namespace {

using namespace testing_support;

constexpr std::uint64_t kSeed = 5;
constexpr std::uint32_t kAgents = 9;

ChaosProfile bursty(double enter, double leave, double fail) {
  ChaosProfile profile;
  profile.name = "bursty";
  profile.bursts = {Probability(enter), Probability(leave), Probability(fail)};
  return profile;
}

bool same(const ChaosVerdict& a, const ChaosVerdict& b) {
  return a.code() == b.code() && a.burst_begins == b.burst_begins;
}

std::uint64_t digest_of(const ChaosProfile& profile, std::uint64_t messages) {
  ChaosJudge judge(profile, kSeed, kAgents);
  std::uint64_t digest = 0;
  for (const Message& message : numbered_messages(messages)) {
    digest += digest_term(message, judge.judge(message).code());
  }
  return digest;
}

// Stored results hold these: what is new must not change what was.
TEST(ChaosJudge, KeepsTheDigestsOfTheProfilesThatWereThereFirst) {
  EXPECT_EQ(digest_of(ChaosProfile::off(), 1000), 0x616c1c8cea4c60ecU);
  EXPECT_EQ(digest_of(ChaosProfile::on(), 1000), 0x2affcf3e8d2589e7U);
}

TEST(ChaosJudge, PutsEachFaultIntoTheDigest) {
  std::vector<std::uint64_t> digests{digest_of(ChaosProfile::off(), 1000)};
  ChaosProfile profile;
  profile.reorder = Probability(0.1);
  digests.push_back(digest_of(std::exchange(profile, {}), 1000));
  profile.duplicate = Probability(0.1);
  digests.push_back(digest_of(std::exchange(profile, {}), 1000));
  profile.drop_ack = Probability(0.1);
  digests.push_back(digest_of(std::exchange(profile, {}), 1000));
  digests.push_back(digest_of(bursty(0.01, 0.1, 1), 1000));
  std::sort(digests.begin(), digests.end());
  EXPECT_EQ(std::adjacent_find(digests.begin(), digests.end()), digests.end());
}

TEST(ChaosJudge, DrawsWhatEachDeliveryHasOfItsOwnAsOftenAsAsked) {
  constexpr std::uint64_t kMessages = 50'000;
  ChaosProfile profile;
  profile.reorder = Probability(0.02);
  profile.reorder_max_ns = 10;
  profile.duplicate = Probability(0.01);
  profile.drop_ack = Probability(0.3);
  ChaosJudge judge(profile, kSeed, kAgents);
  std::uint64_t duplicates = 0;
  std::uint64_t drops = 0;
  std::uint64_t reorders = 0;
  std::vector<std::uint64_t> by_extra(10);
  for (const Message& message : numbered_messages(kMessages)) {
    const ChaosVerdict verdict = judge.judge(message);
    duplicates += verdict.duplicate ? 1U : 0U;
    drops += verdict.drop_ack ? 1U : 0U;
    if (verdict.reorder_ns > 0) {
      ++reorders;
      ++by_extra.at(static_cast<std::size_t>(verdict.reorder_ns - 1));
    }
  }
  for (const auto& [count, rate] :
       {std::pair(duplicates, 0.01), std::pair(drops, 0.3), std::pair(reorders, 0.02)}) {
    const Bounds bounds = binomial_bounds(kMessages, rate);
    EXPECT_GE(count, bounds.least) << rate;
    EXPECT_LE(count, bounds.most) << rate;
  }
  EXPECT_TRUE(looks_uniform(by_extra));
}

// Bursts.

struct ChainCounts {
  std::uint64_t bad = 0;  // with fail = 1: failures
  std::uint64_t bursts = 0;
};
ChainCounts count_chain(const ChaosProfile& profile, std::uint64_t messages) {
  ChaosJudge judge(profile, kSeed, kAgents);
  ChainCounts counts;
  for (std::uint64_t sequence = 0; sequence < messages; ++sequence) {
    const ChaosVerdict verdict = judge.judge(message_of(3, 1, sequence));
    counts.bad += verdict.burst_failure ? 1U : 0U;
    counts.bursts += verdict.burst_begins ? 1U : 0U;
  }
  return counts;
}

// A count that is a sum over a chain is wider than binomial: its variance is (1 + r) / (1 - r)
// times as large, where r = 1 - enter - leave is what one step leaves of the state before.
TEST(ChaosJudge, IsInBurstsForTheShareOfTheClosedForm) {
  constexpr double kMessages = 400'000;
  for (const auto& [enter, leave] :
       {std::pair(0.002, 0.05), std::pair(0.1, 0.3), std::pair(0.5, 0.5), std::pair(0.7, 0.9)}) {
    const ChainCounts counts = count_chain(bursty(enter, leave, 1), 400'000);
    const double share = enter / (enter + leave);
    const double r = 1 - enter - leave;
    const double deviation = std::sqrt(kMessages * share * (1 - share) * (1 + r) / (1 - r));
    EXPECT_NEAR(static_cast<double>(counts.bad), kMessages * share, 5 * deviation) << enter;
  }
}

// Lengths are geometric with mean 1 / leave, so that their variance is (1 - leave) / leave^2.
TEST(ChaosJudge, HasBurstsOfTheMeanLengthOfTheClosedForm) {
  for (const auto& [enter, leave] : {std::pair(0.002, 0.05), std::pair(0.1, 0.3)}) {
    const ChainCounts counts = count_chain(bursty(enter, leave, 1), 400'000);
    const auto bursts = static_cast<double>(counts.bursts);
    ASSERT_GT(bursts, 500);
    const double deviation = std::sqrt((1 - leave) / bursts) / leave;
    EXPECT_NEAR(static_cast<double>(counts.bad) / bursts, 1 / leave, 5 * deviation) << leave;
  }
}

TEST(ChaosJudge, FailsInABurstAsOftenAsAskedAndNeverElsewhere) {
  ChaosJudge all(bursty(0.1, 0.1, 1), kSeed, kAgents);
  ChaosJudge some(bursty(0.1, 0.1, 0.8), kSeed, kAgents);
  std::uint64_t bad = 0;
  std::uint64_t failures = 0;
  for (std::uint64_t sequence = 0; sequence < 50'000; ++sequence) {
    const Message message = message_of(2, 1, sequence);
    const bool in_burst = all.judge(message).burst_failure;
    const bool fails = some.judge(message).burst_failure;
    ASSERT_TRUE(in_burst || !fails) << sequence;
    bad += in_burst ? 1U : 0U;
    failures += fails ? 1U : 0U;
  }
  const Bounds bounds = binomial_bounds(bad, 0.8);
  EXPECT_GE(failures, bounds.least);
  EXPECT_LE(failures, bounds.most);
}

TEST(ChaosJudge, HasAChainForEachSender) {
  const ChaosProfile profile = bursty(0.1, 0.1, 1);
  ChaosJudge together(profile, kSeed, kAgents);
  ChaosJudge alone(profile, kSeed, kAgents);
  std::uint64_t same_as_neighbour = 0;
  for (std::uint64_t sequence = 0; sequence < 1000; ++sequence) {
    const ChaosVerdict before = together.judge(message_of(3, 1, sequence));
    const ChaosVerdict after = together.judge(message_of(4, 1, sequence));
    EXPECT_TRUE(same(after, alone.judge(message_of(4, 1, sequence))));
    same_as_neighbour += same(before, after) ? 1U : 0U;
  }
  EXPECT_LT(same_as_neighbour, 1000U);
}

// One step a message, however many recipients it has; each of them has a draw of its own.
TEST(ChaosJudge, TakesABroadcastForOneMessage) {
  const ChaosProfile profile = bursty(0.1, 0.1, 0.5);
  ChaosJudge broadcasts(profile, kSeed, kAgents);
  ChaosJudge texts(profile, kSeed, kAgents);
  std::uint64_t bursts = 0;
  for (std::uint64_t sequence = 0; sequence < 2000; ++sequence) {
    const bool begins = texts.judge(message_of(0, 1, sequence)).burst_begins;
    for (AgentId recipient = 1; recipient < kAgents; ++recipient) {
      const ChaosVerdict verdict =
          broadcasts.judge(message_of(0, recipient, sequence, MessageType::broadcast));
      EXPECT_EQ(verdict.burst_begins, begins && recipient == 1);
      bursts += verdict.burst_begins ? 1U : 0U;
    }
  }
  EXPECT_GT(bursts, 50U);
}

TEST(ChaosJudge, JudgesAMessageTheSameHoweverOftenAndWhateverCameBetween) {
  for (const ChaosProfile& profile :
       {ChaosProfile::storm(), bursty(0.1, 0.2, 0.9), bursty(0.7, 0.8, 1), bursty(1, 1, 1)}) {
    ChaosJudge judge(profile, kSeed, kAgents);
    std::vector<ChaosVerdict> first;
    for (std::uint64_t sequence = 0; sequence < 2000; ++sequence) {
      first.push_back(judge.judge(message_of(3, 1, sequence)));
      ASSERT_TRUE(same(judge.judge(message_of(3, 1, sequence)), first.back()));
    }
    for (std::uint64_t sequence = 2000; sequence-- > 0;) {  // overtaken ones
      ASSERT_TRUE(same(judge.judge(message_of(3, 1, sequence)), first[sequence])) << sequence;
    }
    ChaosJudge other(profile, kSeed, kAgents);
    for (std::uint64_t sequence = 0; sequence < 2000; sequence += 37) {  // gaps
      ASSERT_TRUE(same(other.judge(message_of(3, 1, sequence)), first[sequence])) << sequence;
    }
  }
}

// Downtime.

TEST(ChaosJudge, HoldsACrashedSenderDownByTheSchedule) {
  ChaosProfile profile;
  profile.downtime_ns = 50;
  ChaosJudge judge(profile, kSeed, kAgents);
  Message message = message_of(3, 1, 0);
  message.intended_ns = 1000;
  EXPECT_FALSE(judge.down(message));
  judge.crashed(message);
  for (const auto& [at_ns, down] : {std::pair(1000, true), {1049, true}, {1050, false}}) {
    message.intended_ns = at_ns;
    EXPECT_EQ(judge.down(message), down) << at_ns;
  }
  message.sender = 4;
  message.intended_ns = 1010;
  EXPECT_FALSE(judge.down(message)) << "another sender";
}

TEST(ChaosJudge, IsNeverDownWithoutADowntime) {
  ChaosJudge judge(ChaosProfile::on(), kSeed, kAgents);
  judge.crashed(message_of(3, 1, 0));
  EXPECT_FALSE(judge.down(message_of(3, 1, 0)));
}

}  // namespace
}  // namespace spate
