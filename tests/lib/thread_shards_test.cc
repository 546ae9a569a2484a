#include "spate/thread_shards.h"

#include <gtest/gtest.h>

#include <barrier>
#include <cstdint>
#include <latch>
#include <memory>
#include <set>
#include <thread>
#include <vector>

#include "support/threads.h"

namespace spate {
namespace {

using namespace testing_support;

// Plain members: ThreadSanitizer sees whether its owners are ordered one behind the other.
struct Counter {
  std::uint64_t count = 0;
};
using Shards = ThreadShards<Counter>;

void add_one(Shards& shards) {
  shards.with_own([](Counter& counter) { ++counter.count; });
}
Counter* own(Shards& shards) {
  Counter* found = nullptr;
  shards.with_own([&](Counter& counter) { found = &counter; });
  return found;
}
// Only while no thread uses them.
std::uint64_t sum(const Shards& shards) {
  std::uint64_t total = 0;
  shards.for_each([&](const Counter& counter) { total += counter.count; });
  return total;
}
std::size_t size(const Shards& shards) {
  std::size_t count = 0;
  shards.for_each([&](const Counter&) { ++count; });
  return count;
}

TEST(ThreadShards, LendsAThreadAlwaysTheSame) {
  Shards shards;
  Shards others;
  EXPECT_EQ(size(shards), 0U);
  Counter* const first = own(shards);
  EXPECT_NE(own(others), first);
  EXPECT_EQ(own(shards), first);
  EXPECT_EQ(size(shards), 1U);
}

TEST(ThreadShards, LendsNoTwoLivingThreadsTheSame) {
  constexpr std::uint32_t kThreads = 8;
  Shards shards;
  std::barrier all_have_one(kThreads);
  std::vector<Counter*> lent(kThreads);
  run_threads(kThreads, [&](std::uint32_t thread) {
    lent[thread] = own(shards);
    all_have_one.arrive_and_wait();
  });
  EXPECT_EQ(std::set<Counter*>(lent.begin(), lent.end()).size(), lent.size());
}

TEST(ThreadShards, AreAsFewAsThreadsWereAliveHoweverManyCome) {
  constexpr std::uint32_t kSideBySide = 8;
  constexpr std::uint32_t kRounds = 250;
  Shards shards;
  for (std::size_t round = 0; round < kRounds; ++round) {
    run_threads(kSideBySide, [&](std::uint32_t) { add_one(shards); });
  }
  EXPECT_LE(size(shards), kSideBySide);
  EXPECT_EQ(sum(shards), kSideBySide * kRounds);
}

TEST(ThreadShards, MayEndBeforeTheirThreads) {
  for (int round = 0; round < 100; ++round) {
    Shards shards;
    add_one(shards);
    EXPECT_EQ(sum(shards), 1U);
  }
}

TEST(ThreadShards, MayEndWhileTheirThreadsEnd) {
  for (int round = 0; round < 200; ++round) {
    auto shards = std::make_unique<Shards>();
    std::latch used(2);
    auto threads = start_threads(2, [&](std::uint32_t) {
      add_one(*shards);
      used.count_down();
    });
    used.wait();
    shards.reset();
    join(threads);
  }
}

// A thread's own objects may be destroyed after what ThreadShards keeps for the thread.
TEST(ThreadShards, AreLentStillWhileTheThreadEnds) {
  struct Farewell {
    Shards* shards = nullptr;
    ~Farewell() {
      add_one(*shards);
      add_one(*shards);
    }
  };
  Shards shards;
  for (int round = 0; round < 3; ++round) {
    std::thread([&] {
      static thread_local Farewell farewell;  // made first, so destroyed last
      farewell.shards = &shards;
      add_one(shards);
    }).join();
  }
  EXPECT_EQ(sum(shards), 9U);
  EXPECT_EQ(size(shards), 1U);
}

}  // namespace
}  // namespace spate
