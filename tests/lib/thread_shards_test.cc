#include "spate/thread_shards.h"

#include <gtest/gtest.h>

#include <atomic>
#include <barrier>
#include <cstddef>
#include <cstdint>
#include <latch>
#include <memory>
#include <optional>
#include <set>
#include <thread>
#include <vector>

#include "support/threads.h"
#include "support/watched_atomic.h"

namespace spate {
namespace {

using namespace testing_support;

// Plain members: ThreadSanitizer sees whether its owners are ordered one behind the other.
struct Counter {
  std::uint64_t count = 0;
};
using Shards = ThreadShards<Counter>;
using WatchedShards = ThreadShards<Counter, WatchedAtomic>;

template <class Any>
void add_one(Any& shards) {
  shards.with_own([](Counter& counter) { ++counter.count; });
}
template <class Any>
Counter* own(Any& shards) {
  Counter* found = nullptr;
  shards.with_own([&](Counter& counter) { found = &counter; });
  return found;
}
// Only while no thread uses them.
template <class Any>
std::uint64_t sum(const Any& shards) {
  std::uint64_t total = 0;
  shards.for_each([&](const Counter& counter) { total += counter.count; });
  return total;
}
template <class Any>
std::size_t size(const Any& shards) {
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

// A thread that has a shard, and keeps it until it is let go.
template <class Any>
class Holder {
 public:
  explicit Holder(Any& shards)
      : thread_([this, &shards] {
          shard_ = own(shards);
          has_one_.count_down();
          let_go_.wait();
        }) {
    has_one_.wait();
  }
  Holder(const Holder&) = delete;
  Holder& operator=(const Holder&) = delete;
  ~Holder() {
    let_go_.count_down();
    thread_.join();
  }
  Counter* shard() const { return shard_; }

 private:
  Counter* shard_ = nullptr;
  std::latch has_one_{1};
  std::latch let_go_{1};
  std::thread thread_;
};

TEST(ThreadShards, LendNoTwoTheSameWhereverOneOvertakesTheOther) {
  bool interrupted = true;
  for (std::size_t access = 0; interrupted; ++access) {
    for (const bool one_is_free : {false, true}) {
      WatchedShards shards;
      if (one_is_free) {
        std::thread([&] { add_one(shards); }).join();
      }
      std::optional<Holder<WatchedShards>> other;
      Counter* mine = nullptr;
      interrupted = interrupt(
          access, [&] { mine = own(shards); }, [&] { other.emplace(shards); });
      EXPECT_TRUE(!other || other->shard() != mine) << access << ' ' << one_is_free;
      EXPECT_EQ(size(shards), other ? 2U : 1U);  // none too many, and none lost
      EXPECT_EQ(sum(shards), one_is_free ? 1U : 0U);
    }
  }
}

// ThreadSanitizer sees whether the one thread's last use comes before the other's first.
TEST(ThreadShards, PassFromAThreadThatEndsToTheNextInOrder) {
  static std::atomic<bool> gone;  // relaxed throughout: it orders nothing
  struct Farewell {
    bool armed = false;
    ~Farewell() { gone.store(armed, std::memory_order_relaxed); }
  };
  gone.store(false, std::memory_order_relaxed);
  WatchedShards shards;
  std::latch used(1);
  std::latch may_end(1);
  std::thread first([&] {
    static thread_local Farewell farewell;  // made before the shard is lent, so destroyed after
    farewell.armed = true;
    add_one(shards);
    used.count_down();
    may_end.wait();
    add_one(shards);  // this is what nothing else orders
  });
  std::thread next([&] {
    used.wait();
    interrupt(
        0, [&] { add_one(shards); },
        [&] {
          may_end.count_down();
          while (!gone.load(std::memory_order_relaxed)) {  // the time limit is the deadline
            std::this_thread::yield();
          }
        });
  });
  first.join();
  next.join();
  EXPECT_EQ(size(shards), 1U);
  EXPECT_EQ(sum(shards), 3U);
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

TEST(ThreadShards, AreNotUsedByAThreadThatHasGivenThemBack) {
  struct Farewell {
    Shards* shards = nullptr;
    ~Farewell() {
      const Holder<Shards> next(*shards);
      EXPECT_NE(own(*shards), next.shard());
    }
  };
  Shards shards;
  std::thread([&] {
    static thread_local Farewell farewell;  // made first, so destroyed last
    farewell.shards = &shards;
    add_one(shards);
  }).join();
}

}  // namespace
}  // namespace spate
