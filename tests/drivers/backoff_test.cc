// Coming back: later and later, and not all at once.
#include "spate/drivers/backoff.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <vector>

namespace spate::drivers {
namespace {

constexpr std::uint64_t kRun = 17;

std::vector<std::int64_t> waits(Backoff backoff, std::size_t attempts) {
  std::vector<std::int64_t> all;
  for (std::size_t attempt = 0; attempt < attempts; ++attempt) {
    all.push_back(backoff.next_ns());
  }
  return all;
}

// Over many handles: the whole of what is allowed for an attempt, evenly, and nothing beyond.
TEST(Backoff, IsUniformUpToABoundThatDoublesToTheCap) {
  constexpr WorkerId kHandles = 2000;
  constexpr std::size_t kAttempts = 8;
  std::vector<std::vector<std::int64_t>> by_attempt(kAttempts);
  for (WorkerId worker = 0; worker < kHandles; ++worker) {
    const auto all = waits(Backoff(kRun, Backoff::Of::producer, worker), kAttempts);
    for (std::size_t attempt = 0; attempt < kAttempts; ++attempt) {
      by_attempt[attempt].push_back(all[attempt]);
    }
  }
  for (std::size_t attempt = 0; attempt < kAttempts; ++attempt) {
    const std::int64_t bound_ns = attempt < 5 ? Backoff::kBaseNs << attempt : Backoff::kCapNs;
    auto& all = by_attempt[attempt];
    std::sort(all.begin(), all.end());
    EXPECT_GE(all.front(), 0);
    EXPECT_LE(all.back(), bound_ns) << attempt;
    for (std::size_t percent = 10; percent < 100; percent += 40) {
      EXPECT_NEAR(static_cast<double>(all[kHandles * percent / 100]),
                  static_cast<double>(bound_ns) * static_cast<double>(percent) / 100,
                  static_cast<double>(bound_ns) * 0.05)
          << attempt << ", " << percent << " %";
    }
  }
}

TEST(Backoff, BeginsAnewWhenTheConnectionStands) {
  Backoff backoff(kRun, Backoff::Of::consumer, 0);
  std::set<std::int64_t> first;
  for (int round = 0; round < 100; ++round) {
    const std::int64_t wait_ns = backoff.next_ns();
    EXPECT_LE(wait_ns, Backoff::kBaseNs);
    first.insert(wait_ns);
    for (int attempt = 0; attempt < 10; ++attempt) {
      backoff.next_ns();
    }
    backoff.succeeded();
  }
  EXPECT_GT(first.size(), 90U) << "the same draws again after each outage";
}

TEST(Backoff, IsDrawnFromRunAndHandle) {
  const auto of = [](std::uint64_t run, Backoff::Of handle, WorkerId worker) {
    return waits(Backoff(run, handle, worker), 20);
  };
  const auto one = of(kRun, Backoff::Of::producer, 1);
  EXPECT_EQ(of(kRun, Backoff::Of::producer, 1), one);
  EXPECT_NE(of(kRun + 1, Backoff::Of::producer, 1), one);
  EXPECT_NE(of(kRun, Backoff::Of::producer, 2), one);
  EXPECT_NE(of(kRun, Backoff::Of::consumer, 1), one);
  EXPECT_NE(of(kRun, Backoff::Of::consumer, 0), one);
}

// However long a server is away.
TEST(Backoff, NeverOverflows) {
  Backoff backoff(kRun, Backoff::Of::producer, 0);
  for (int attempt = 0; attempt < 100'000; ++attempt) {
    const std::int64_t wait_ns = backoff.next_ns();
    ASSERT_GE(wait_ns, 0);
    ASSERT_LE(wait_ns, Backoff::kCapNs);
  }
}

constexpr std::int64_t kSecondNs = 1'000'000'000;

// How long each of the attempts goes on that begin one after the other, none of them answered.
std::vector<std::int64_t> unanswered(std::int64_t timeout_ns) {
  std::vector<std::int64_t> all;
  for (std::int64_t away_ns = 0; away_ns < timeout_ns; away_ns += all.back()) {
    all.push_back(attempt_limit_ns(timeout_ns, away_ns));
  }
  return all;
}

TEST(AttemptLimit, IsHalfOfWhatIsLeftWhileThereIsTimeForAnother) {
  EXPECT_EQ(unanswered(8 * kSecondNs),
            (std::vector{4 * kSecondNs, 2 * kSecondNs, kSecondNs, kSecondNs / 2, kSecondNs / 2}));
  EXPECT_EQ(unanswered(kSecondNs - 1), std::vector{kSecondNs - 1});
}

// It is asked for once more by who is about to give up.
TEST(AttemptLimit, IsNothingWhenTheTimeIsUp) {
  EXPECT_EQ(attempt_limit_ns(kSecondNs, kSecondNs), 0);
  EXPECT_EQ(attempt_limit_ns(kSecondNs, 2 * kSecondNs), 0);
}

}  // namespace
}  // namespace spate::drivers
