#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <latch>
#include <numeric>
#include <thread>
#include <tuple>
#include <vector>

#include "spate/messaging_core.h"
#include "support/core_settings.h"
#include "support/threads.h"
#include "support/watched_atomic.h"

namespace spate {
namespace {

using namespace testing_support;

constexpr std::uint32_t kThreads = 8;

// Agent `sender` to the next one, `count` times.
template <class Core>
CoreStatistics send_many(Core& core, AgentId sender, std::uint64_t count) {
  CoreStatistics own;
  for (std::uint64_t message = 0; message < count; ++message) {
    own.add(core.send_message(sender, sender + 1, "hello"));
  }
  return own;
}

void expect_equal(const CoreStatistics& a, const CoreStatistics& b) {
  EXPECT_EQ(a.successful, b.successful);
  EXPECT_EQ(a.failed, b.failed);
  EXPECT_EQ(a.crashed, b.crashed);
  EXPECT_EQ(a.spiked, b.spiked);
  EXPECT_TRUE(a.successful_ns_sum == b.successful_ns_sum);
  EXPECT_TRUE(a.failed_ns_sum == b.failed_ns_sum);
}

TEST(MessagingCoreThreads, HaveStatisticsThatAddUpExactly) {
  MockMessagingCore core(wild_settings());
  std::vector<CoreStatistics> own(kThreads);
  run_threads(kThreads,
              [&](std::uint32_t thread) { own[thread] = send_many(core, thread, 20'000); });
  CoreStatistics sum;
  for (const CoreStatistics& one : own) {
    sum += one;
  }
  expect_equal(core.statistics(), sum);
  EXPECT_EQ(sum.total(), 20'000U * kThreads);
}

TEST(MessagingCoreThreads, HaveStatisticsThatAgreeAtAnyMoment) {
  MockMessagingCore core(even_settings());
  std::atomic<bool> enough{false};
  auto threads = start_threads(kThreads, [&](std::uint32_t thread) {
    do {
      send_many(core, thread, 100);
    } while (!enough);
  });
  CoreStatistics before;
  for (int changed = 0; changed < 200;) {  // the test's time limit is the deadline
    const CoreStatistics now = core.statistics();
    EXPECT_TRUE(now.successful_ns_sum == Uint128{kLatencyNs} * now.successful);
    EXPECT_TRUE(now.failed_ns_sum == Uint128{kLatencyNs} * now.failed);
    EXPECT_EQ(now.successful_ns_mean(), now.successful > 0 ? kLatencyNs : 0);
    EXPECT_GE(now.successful, before.successful);
    EXPECT_GE(now.failed, before.failed);
    EXPECT_GE(now.crashed, before.crashed);
    if (changed % 50 == 0) {
      const CoreEvents events = core.chaos_events();
      EXPECT_GE(events.events.size() + events.left_out, now.chaos_events());
    }
    changed += now.total() > before.total() ? 1 : 0;
    before = now;
  }
  enough = true;
  join(threads);
}

TEST(MessagingCoreThreads, EachSeeTheirOwnSendsInWhatTheyRead) {
  MockMessagingCore core(wild_settings());
  run_threads(kThreads, [&](std::uint32_t thread) {
    for (std::uint64_t sent = 1; sent <= 1000; ++sent) {
      send_many(core, thread, 1);
      ASSERT_GE(core.statistics().total(), sent);
    }
  });
}

TEST(MessagingCoreThreads, HaveEventsThatAgreeWithTheStatistics) {
  MockMessagingCore core(wild_settings());
  run_threads(kThreads, [&](std::uint32_t thread) { send_many(core, thread, 10'000); });
  const CoreEvents events = core.chaos_events();
  EXPECT_EQ(events.events.size(), ChaosEventLog::kCapacity);
  EXPECT_EQ(events.events.size() + events.left_out, core.statistics().chaos_events());
  EXPECT_TRUE(std::is_sorted(events.events.begin(), events.events.end(), EarlierEvent{}));
}

// (sender, sequence, outcome, latency): what must repeat.
using Line = std::tuple<AgentId, std::uint64_t, Outcome, std::int64_t>;

std::vector<Line> receipts_with(std::uint32_t threads_per_sender) {
  constexpr std::uint64_t kMessages = 4000;
  constexpr std::uint32_t kSenders = 3;
  MockMessagingCore core(wild_settings());
  const std::uint32_t threads = kSenders * threads_per_sender;
  std::vector<std::vector<Line>> lines(threads);
  run_threads(threads, [&](std::uint32_t thread) {
    const AgentId sender = thread % kSenders;
    for (std::uint64_t message = 0; message < kMessages / threads_per_sender; ++message) {
      const Receipt receipt = core.send_message(sender, 8, "");
      lines[thread].emplace_back(sender, receipt.sequence, receipt.outcome, receipt.latency_ns);
    }
  });
  std::vector<Line> all;
  for (const std::vector<Line>& part : lines) {
    all.insert(all.end(), part.begin(), part.end());
  }
  std::sort(all.begin(), all.end());
  return all;
}

TEST(MessagingCoreThreads, GetTheSameReceiptsHoweverTheyInterleave) {
  const std::vector<Line> expected = receipts_with(1);
  EXPECT_EQ(receipts_with(1), expected);
  EXPECT_EQ(receipts_with(2), expected);
  EXPECT_EQ(receipts_with(4), expected);
}

TEST(MessagingCoreThreads, HaveANumberForEachMessageThatTheySendAsOneAgent) {
  constexpr std::uint64_t kMessages = 200'000;
  MockMessagingCore core(wild_settings());
  std::vector<std::uint64_t> sums(kThreads);
  run_threads(kThreads, [&](std::uint32_t thread) {
    for (std::uint64_t message = 0; message < kMessages; ++message) {
      sums[thread] += core.send_message(0, 1, "").sequence;
    }
  });
  constexpr std::uint64_t kAll = kMessages * kThreads;
  EXPECT_EQ(std::accumulate(sums.begin(), sums.end(), std::uint64_t{0}), kAll * (kAll - 1) / 2);
  EXPECT_EQ(core.send_message(0, 1, "").sequence, kAll);
}

TEST(MessagingCoreThreads, MayComeAndGo) {
  MockMessagingCore core(wild_settings());
  constexpr std::uint32_t kRounds = 250;
  for (std::uint32_t round = 0; round < kRounds; ++round) {
    run_threads(kThreads, [&](std::uint32_t thread) { send_many(core, thread, 3); });
  }
  EXPECT_EQ(core.statistics().total(), 3U * kThreads * kRounds);
  const CoreEvents events = core.chaos_events();
  EXPECT_EQ(events.events.size() + events.left_out, core.statistics().chaos_events());
}

TEST(MessagingCoreThreads, MayUseSeveralCoresInTurnAndOutliveThem) {
  run_threads(4, [](std::uint32_t thread) {
    MockMessagingCore lasting(wild_settings());
    for (int round = 0; round < 50; ++round) {
      MockMessagingCore passing(wild_settings());
      for (int message = 0; message < 10; ++message) {
        send_many(lasting, thread, 1);
        send_many(passing, thread, 2);
      }
      ASSERT_EQ(passing.statistics().total(), 20U);
    }
    ASSERT_EQ(lasting.statistics().total(), 500U);
  });
}

// One thread stops before each access of its send in turn: in the middle of writing down its event,
// of publishing its counts, between the two.
TEST(MessagingCoreThreads, GoOnWhereverOneOfThemStandsStill) {
  CoreSettings settings = even_settings();
  settings.chaos.crash = Probability(1);  // an event with each message
  bool stopped = true;
  std::size_t access = 0;
  for (; stopped; ++access) {
    BasicMessagingCore<BasicShardedStatistics<WatchedAtomic>> core(settings);
    std::latch standing(1);
    std::latch may_go_on(1);
    std::thread stalled([&] {
      send_many(core, 0, 3);
      stopped = interrupt(
          access, [&] { send_many(core, 0, 1); },
          [&] {
            standing.count_down();
            may_go_on.wait();
          });
      if (!stopped) {
        standing.count_down();
      }
    });
    standing.wait();
    run_threads(3, [&](std::uint32_t thread) { send_many(core, 1 + thread, 100); });
    const CoreStatistics statistics = core.statistics();
    EXPECT_GE(statistics.total(), 303U);
    EXPECT_LE(statistics.total(), 304U);
    const CoreEvents events = core.chaos_events();
    EXPECT_GE(events.events.size(), statistics.total());
    EXPECT_LE(events.events.size(), 304U);
    may_go_on.count_down();
    stalled.join();
    expect_equal(core.statistics(), [&] {
      CoreStatistics all;
      all.crashed = 304;
      return all;
    }());
  }
  EXPECT_EQ(access, 17U);  // the event: 6 accesses; the counts: 10; and once nowhere
}

}  // namespace
}  // namespace spate
