#include "spate/schedule.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <set>
#include <tuple>
#include <vector>

#include "spate/run_plan.h"
#include "support/binomial.h"

namespace spate {
namespace {

TEST(DueOffset, IsTheIndexOverTheRateRoundedDown) {
  EXPECT_EQ(due_offset_ns(0, 3), 0);
  EXPECT_EQ(due_offset_ns(1, 3), 333'333'333);
  EXPECT_EQ(due_offset_ns(2, 3), 666'666'666);
  EXPECT_EQ(due_offset_ns(3, 3), 1'000'000'000);
}

TEST(DueOffset, IsExactToTheLastMessageOfTheLongestRun) {
  static_assert(kMaxMessages == 9'000'000'000);
  EXPECT_EQ(due_offset_ns(kMaxMessages, 1), 9'000'000'000'000'000'000);
  EXPECT_EQ(due_offset_ns(kMaxMessages, kMaxRate), 9'000'000'000);
  // 9 * 10^18 - 10^9 = 7 * 1285714285571428571 + 3.
  EXPECT_EQ(due_offset_ns(kMaxMessages - 1, 7), 1'285'714'285'571'428'571);
}

using Due = std::tuple<std::int64_t, AgentId, std::uint64_t>;  // when, sender, sequence

std::vector<Due> schedule_of(std::uint32_t agents, std::uint64_t rate, std::uint64_t messages,
                             WorkerId worker, std::uint32_t workers) {
  std::vector<Due> all;
  OpenSchedule schedule(DueTimes(Arrivals::constant, rate, 1, agents), agents, messages, worker,
                        workers);
  for (; !schedule.finished() && all.size() <= messages; schedule.advance()) {
    all.emplace_back(schedule.due_ns(), schedule.sender(), schedule.sequence());
  }
  EXPECT_EQ(schedule.due_ns(), kNever);
  return all;
}

class Cut : public testing::TestWithParam<std::tuple<std::uint32_t, std::uint64_t>> {};
INSTANTIATE_TEST_SUITE_P(AgentsAndMessages, Cut,
                         testing::Combine(testing::Values(2U, 3U, 9U, 10U),
                                          testing::Values(1U, 2U, 9U, 90U, 97U, 1000U)));

TEST_P(Cut, OverAnyNumberOfWorkersHoldsEachMessageOnce) {
  const auto [agents, messages] = GetParam();
  constexpr std::uint64_t kRate = 700;
  std::multiset<Due> expected;
  for (std::uint64_t index = 0; index < messages; ++index) {
    expected.insert({static_cast<std::int64_t>(index * 1'000'000'000 / kRate),
                     static_cast<AgentId>(index % agents), index / agents});
  }
  for (const std::uint32_t workers : {1U, 2U, 3U, 12U}) {
    std::multiset<Due> all;
    for (WorkerId worker = 0; worker < workers; ++worker) {
      for (const Due& due : schedule_of(agents, kRate, messages, worker, workers)) {
        EXPECT_EQ(std::get<AgentId>(due) % workers, worker);
        all.insert(due);
      }
    }
    EXPECT_EQ(all, expected) << workers << " workers";
  }
}

TEST_P(Cut, IsInTheOrderOfTimeAndNumbersEachAgentsMessagesWithoutGaps) {
  const auto [agents, messages] = GetParam();
  for (WorkerId worker = 0; worker < 3; ++worker) {
    std::vector<std::uint64_t> next(agents);
    std::int64_t last_ns = 0;
    for (const auto& [at_ns, sender, sequence] :
         schedule_of(agents, 1'000'000, messages, worker, 3)) {
      EXPECT_GE(at_ns, last_ns);
      last_ns = at_ns;
      EXPECT_EQ(sequence, next[sender]++);
    }
  }
}

// --- Poisson arrivals ---

constexpr std::uint64_t kSeed = 11;

TEST(PoissonTimes, AreTheSameForAnyNumberOfWorkers) {
  constexpr std::uint64_t kMessages = 1000;
  constexpr std::uint32_t kAgents = 7;
  DueTimes times(Arrivals::poisson, 5000, kSeed, kAgents);
  std::vector<std::int64_t> expected;
  for (std::uint64_t index = 0; index < kMessages; ++index) {
    expected.push_back(times.due_ns(index));
  }
  for (const std::uint32_t workers : {1U, 2U, 7U}) {
    std::uint64_t seen = 0;
    for (WorkerId worker = 0; worker < workers; ++worker) {
      OpenSchedule schedule(DueTimes(Arrivals::poisson, 5000, kSeed, kAgents), kAgents, kMessages,
                            worker, workers);
      for (; !schedule.finished(); schedule.advance(), ++seen) {
        const std::uint64_t index = schedule.sequence() * kAgents + schedule.sender();
        ASSERT_EQ(schedule.due_ns(), expected[index]) << index;
      }
    }
    EXPECT_EQ(seen, kMessages);
  }
}

TEST(PoissonTimes, ScaleWithTheRateAndDependOnTheSeed) {
  const auto at = [](std::uint64_t rate, std::uint64_t seed) {
    return DueTimes(Arrivals::poisson, rate, seed, 9).due_ns(99);
  };
  EXPECT_NEAR(static_cast<double>(at(100, kSeed)), 10.0 * static_cast<double>(at(1000, kSeed)), 10);
  EXPECT_NE(at(1000, kSeed), at(1000, kSeed + 1));
}

// Counts of a Poisson process in equal intervals scatter as their mean does: the sum of squared
// deviations over the mean is chi-square distributed (Cox and Lewis, "The Statistical Analysis of
// Series of Events", 1966, 6.3). Even spacing would give nearly 0.
TEST(PoissonTimes, ScatterAsAPoissonProcessDoes) {
  constexpr std::uint64_t kRate = 1000;
  constexpr std::size_t kIntervals = 1000;
  DueTimes times(Arrivals::poisson, kRate, kSeed, 9);
  std::vector<std::uint64_t> counts(kIntervals);
  for (std::uint64_t index = 0;; ++index) {
    const auto interval = static_cast<std::size_t>(times.due_ns(index) / 20'000'000);
    if (interval >= kIntervals) {
      break;
    }
    ++counts[interval];
  }
  EXPECT_TRUE(testing_support::looks_uniform(counts));
}

}  // namespace
}  // namespace spate
