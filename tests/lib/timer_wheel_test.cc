#include "spate/timer_wheel.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <ostream>
#include <random>
#include <set>
#include <utility>
#include <vector>

namespace spate {
namespace {

struct Item {
  std::uint32_t id;
};
struct SmallerId {
  bool operator()(const Item& a, const Item& b) const { return a.id < b.id; }
};
using Wheel = TimerWheel<Item, SmallerId>;

using Due = std::pair<std::int64_t, std::uint32_t>;  // when, who
using Order = std::vector<Due>;

constexpr std::size_t kAll = std::numeric_limits<std::size_t>::max();
constexpr std::int64_t kMillisecond = 1'000'000;
constexpr std::int64_t kSecond = 1000 * kMillisecond;
constexpr std::int64_t kHour = 3600 * kSecond;

Order pop(Wheel& wheel, std::int64_t now_ns, std::size_t limit = kAll) {
  Order popped;
  const std::size_t count =
      wheel.pop_due(now_ns, limit, [&](const Item& item, std::int64_t due_ns) {
        EXPECT_LE(due_ns, now_ns) << "handed out early";
        popped.emplace_back(due_ns, item.id);
      });
  EXPECT_EQ(count, popped.size());
  return popped;
}

TEST(TimerWheel, HandsOutByDueTimeThenByTheGivenOrder) {
  Wheel wheel(10, kMillisecond);
  for (const auto& [due, id] : Order{{700, 3}, {500, 9}, {700, 1}, {500, 2}, {600, 5}}) {
    wheel.push(0, due, {id});
  }
  EXPECT_EQ(pop(wheel, 1000), (Order{{500, 2}, {500, 9}, {600, 5}, {700, 1}, {700, 3}}));
}

TEST(TimerWheel, HandsOutAtTheVeryNanosecond) {
  Wheel wheel(10, kMillisecond);
  wheel.push(0, 500'001, {1});
  EXPECT_EQ(pop(wheel, 500'000), Order{});
  EXPECT_EQ(pop(wheel, 500'001), (Order{{500'001, 1}}));
}

// A slot spans 1024 ns at least: what is pushed into the slot of this moment must not be skipped.
TEST(TimerWheel, TakesWhatBelongsIntoTheSlotThatIsPassing) {
  Wheel wheel(10, kMillisecond);
  wheel.push(10'240, 10'300, {1});
  EXPECT_EQ(pop(wheel, 10'400), (Order{{10'300, 1}}));
  wheel.push(10'400, 10'900, {2});
  wheel.push(10'400, 10'450, {3});
  EXPECT_EQ(wheel.next_due_ns(), 10'450);
  EXPECT_EQ(pop(wheel, 10'460), (Order{{10'450, 3}}));
  wheel.push(10'460, 10'500, {4});
  EXPECT_EQ(pop(wheel, 11'000), (Order{{10'500, 4}, {10'900, 2}}));
}

TEST(TimerWheel, HandsOutNoMoreThanTheLimitAndGoesOnWhereItStopped) {
  Wheel wheel(10, kMillisecond);
  for (std::uint32_t id = 0; id < 5; ++id) {
    wheel.push(0, 100, {id});
  }
  EXPECT_EQ(pop(wheel, 100, 2), (Order{{100, 0}, {100, 1}}));
  EXPECT_EQ(wheel.size(), 3U);
  EXPECT_EQ(wheel.next_due_ns(), 100);
  EXPECT_EQ(pop(wheel, 100, 0), Order{});
  EXPECT_EQ(pop(wheel, 100), (Order{{100, 2}, {100, 3}, {100, 4}}));
}

// Entries come out in the order (due, Before), whatever was handed out in between.
TEST(TimerWheel, OrdersAnEntryForThisMomentAmongThoseThatAreDue) {
  Wheel wheel(10, kMillisecond);
  wheel.push(0, 100, {5});
  wheel.push(0, 100, {7});
  EXPECT_EQ(pop(wheel, 100, 1), (Order{{100, 5}}));
  wheel.push(100, 100, {6});
  EXPECT_EQ(pop(wheel, 100), (Order{{100, 6}, {100, 7}}));
}

TEST(TimerWheel, KeepsWhatIsDueBeyondItsHorizon) {
  Wheel wheel(10, kMillisecond);
  wheel.push(0, kHour, {1});
  wheel.push(0, 50 * kMillisecond, {2});
  EXPECT_EQ(wheel.next_due_ns(), 50 * kMillisecond);
  for (std::int64_t now_ns = 0; now_ns < 50 * kMillisecond; now_ns += kMillisecond / 10) {
    ASSERT_EQ(pop(wheel, now_ns), Order{});
  }
  EXPECT_EQ(pop(wheel, 50 * kMillisecond), (Order{{50 * kMillisecond, 2}}));
  EXPECT_EQ(wheel.next_due_ns(), kHour);
  EXPECT_EQ(pop(wheel, kHour - 1), Order{});
  EXPECT_EQ(pop(wheel, kHour), (Order{{kHour, 1}}));
}

TEST(TimerWheel, SurvivesAClockThatJumps) {
  for (const std::int64_t jump_ns : {kSecond, kHour}) {
    Wheel wheel(10, 10 * kMillisecond);
    wheel.push(0, 3 * kMillisecond, {1});
    wheel.push(0, 7 * kMillisecond, {2});
    wheel.push(0, 2 * jump_ns, {3});
    EXPECT_EQ(pop(wheel, jump_ns), (Order{{3 * kMillisecond, 1}, {7 * kMillisecond, 2}}));
    wheel.push(jump_ns, jump_ns + 10, {4});
    EXPECT_EQ(wheel.next_due_ns(), jump_ns + 10);
    EXPECT_EQ(pop(wheel, 2 * jump_ns), (Order{{jump_ns + 10, 4}, {2 * jump_ns, 3}}));
    EXPECT_EQ(wheel.size(), 0U);
  }
}

// The later one lies a turn ahead in a slot that the hand meets first.
TEST(TimerWheel, KeepsTheOrderOfDifferentTurnsAfterAJump) {
  Wheel wheel(10, kMillisecond);  // a turn is 8192 slots of 1024 ns
  constexpr std::int64_t kTurn = std::int64_t{8192} * 1024;
  wheel.push(0, 500'000, {1});
  wheel.push(0, kTurn + 100'000, {2});
  EXPECT_EQ(pop(wheel, 2 * kTurn), (Order{{500'000, 1}, {kTurn + 100'000, 2}}));
}

TEST(TimerWheel, IsFullAtItsCapacityAndTakesAgainWhatWasFreed) {
  Wheel wheel(3, kMillisecond);
  EXPECT_EQ(wheel.next_due_ns(), kNever);
  for (std::uint32_t id = 0; id < 3; ++id) {
    EXPECT_FALSE(wheel.full());
    wheel.push(0, 100 + id, {id});
  }
  EXPECT_TRUE(wheel.full());
  EXPECT_EQ(pop(wheel, 100), (Order{{100, 0}}));
  EXPECT_FALSE(wheel.full());
  wheel.push(100, 101, {9});
  EXPECT_TRUE(wheel.full());
  EXPECT_EQ(pop(wheel, 200), (Order{{101, 1}, {101, 9}, {102, 2}}));
  EXPECT_EQ(wheel.size(), 0U);
  EXPECT_EQ(wheel.next_due_ns(), kNever);
  EXPECT_TRUE(Wheel(0, kMillisecond).full());
}

TEST(TimerWheel, KeepsAMillionInOrder) {
  constexpr std::uint32_t kMany = 1'000'000;
  Wheel wheel(kMany, kSecond);
  std::mt19937_64 random(1);
  Order expected;
  for (std::uint32_t id = 0; id < kMany; ++id) {
    const auto due_ns = static_cast<std::int64_t>(random() % kSecond);
    wheel.push(0, due_ns, {id});
    expected.emplace_back(due_ns, id);
  }
  EXPECT_TRUE(wheel.full());
  std::sort(expected.begin(), expected.end());
  Order all;
  for (std::int64_t now_ns = 0; now_ns <= kSecond; now_ns += kMillisecond) {
    const Order part = pop(wheel, now_ns);
    all.insert(all.end(), part.begin(), part.end());
  }
  EXPECT_TRUE(all == expected);
}

// Against a model: the same operations on a sorted set.

struct Habits {
  const char* name;
  std::int64_t delay_most_ns;  // the longest delay that is pushed
  std::int64_t step_most_ns;   // the longest time between two operations

  friend std::ostream& operator<<(std::ostream& out, const Habits& habits) {
    return out << habits.name;
  }
};

class AgainstASortedSet : public testing::TestWithParam<Habits> {
 protected:
  static constexpr std::int64_t kHorizon = 10 * kMillisecond;

  void push(std::int64_t now_ns) {
    if (wheel_.full()) {
      return;
    }
    // Every magnitude of delay alike; at least 1 ns, since what is due at once may have been
    // handed out in part already.
    const std::int64_t most = GetParam().delay_most_ns >> (random_() % 24);
    const std::int64_t due_ns =
        now_ns + 1 + static_cast<std::int64_t>(random_() % static_cast<std::uint64_t>(most));
    wheel_.push(now_ns, due_ns, {next_id_});
    model_.emplace(due_ns, next_id_);
    next_id_ = next_id_ * 2654435761U + 1;  // ids in no order: full period modulo 2^32
  }

  void expect_popped(std::int64_t now_ns) {
    const std::size_t limit = random_() % 8 == 0 ? kAll : random_() % 5;
    Order expected;
    while (expected.size() < limit && !model_.empty() && model_.begin()->first <= now_ns) {
      expected.push_back(*model_.begin());
      model_.erase(model_.begin());
    }
    ASSERT_EQ(pop(wheel_, now_ns, limit), expected);
  }

  std::mt19937_64 random_{42};
  std::uint32_t next_id_ = 1;
  Wheel wheel_{1000, kHorizon};
  std::set<Due> model_;
};

// Delays and pauses as a mock has them, and worse.
INSTANTIATE_TEST_SUITE_P(
    Habits, AgainstASortedSet,
    testing::Values(Habits{"WithinTheHorizon", 10 * kMillisecond, 20'000},
                    Habits{"BeyondTheHorizon", 200 * kMillisecond, 20'000},
                    Habits{"WithLongPauses", 10 * kMillisecond, 30 * kMillisecond},
                    Habits{"WithLongPausesBeyondTheHorizon", 200 * kMillisecond, kSecond}),
    [](const auto& test) { return test.param.name; });

TEST_P(AgainstASortedSet, TheWheelDoesTheSame) {
  std::int64_t now_ns = kHour;
  for (int operation = 0; operation < 200'000; ++operation) {
    const std::int64_t step = GetParam().step_most_ns >> (random_() % 16);
    now_ns += static_cast<std::int64_t>(random_() % static_cast<std::uint64_t>(step + 1));
    if (random_() % 2 == 0) {
      push(now_ns);
    } else {
      ASSERT_NO_FATAL_FAILURE(expect_popped(now_ns)) << "operation " << operation;
    }
    ASSERT_EQ(wheel_.next_due_ns(), model_.empty() ? kNever : model_.begin()->first)
        << "operation " << operation;
    ASSERT_EQ(wheel_.size(), model_.size());
    ASSERT_EQ(wheel_.full(), model_.size() == 1000);
  }
}

// A simulation asks for what comes before some moment ahead; time then goes no further than to what
// it was handed, so the next moment may be an earlier one.
TEST_P(AgainstASortedSet, TheWheelDoesTheSameForWhoLooksAhead) {
  std::int64_t now_ns = kHour;
  for (int operation = 0; operation < 200'000; ++operation) {
    const std::int64_t most = GetParam().step_most_ns >> (random_() % 16);
    const std::int64_t limit_ns =
        now_ns + static_cast<std::int64_t>(random_() % static_cast<std::uint64_t>(most + 1));
    Order expected;
    if (!model_.empty() && model_.begin()->first <= limit_ns) {
      expected.push_back(*model_.begin());
      model_.erase(model_.begin());
    }
    ASSERT_EQ(pop(wheel_, limit_ns, 1), expected) << "operation " << operation;
    now_ns = expected.empty() ? limit_ns : expected.front().first;
    if (random_() % 2 == 0) {
      push(now_ns);
    }
  }
}

}  // namespace
}  // namespace spate
