#include "spate/spsc_ring.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <numeric>
#include <span>
#include <thread>
#include <vector>

namespace spate {
namespace {

using Ring = SpscRing<std::uint64_t>;

std::vector<std::uint64_t> numbers(std::uint64_t from, std::size_t count) {
  std::vector<std::uint64_t> items(count);
  std::iota(items.begin(), items.end(), from);
  return items;
}

std::vector<std::uint64_t> pop(Ring& ring, std::size_t most) {
  std::vector<std::uint64_t> items(most);
  items.resize(ring.pop(items));
  return items;
}

TEST(SpscRing, IsEmptyAtFirst) {
  Ring ring(4);
  EXPECT_EQ(pop(ring, 4), numbers(0, 0));
  EXPECT_EQ(ring.push({}), 0U);
}

TEST(SpscRing, TakesWhatFitsAndGivesItBackInOrder) {
  Ring ring(4);
  EXPECT_EQ(ring.push(numbers(1, 6)), 4U);
  EXPECT_EQ(ring.push(numbers(9, 1)), 0U);
  EXPECT_EQ(pop(ring, 3), numbers(1, 3));
  EXPECT_EQ(ring.push(numbers(5, 9)), 3U);
  EXPECT_EQ(pop(ring, 9), numbers(4, 4));
  EXPECT_EQ(pop(ring, 9), numbers(0, 0));
}

TEST(SpscRing, HoldsAtLeastItsCapacity) {
  for (const std::size_t capacity : {1U, 3U, 5U, 100U}) {
    Ring ring(capacity);
    EXPECT_EQ(ring.push(numbers(0, capacity)), capacity);
    EXPECT_EQ(pop(ring, capacity), numbers(0, capacity));
  }
}

TEST(SpscRing, GoesRoundManyTimes) {
  Ring ring(8);
  std::uint64_t next = 0;
  for (std::size_t round = 0; round < 1000; ++round) {
    const std::size_t count = round % 9;
    ASSERT_EQ(ring.push(numbers(next, count)), count);
    ASSERT_EQ(pop(ring, 8), numbers(next, count));
    next += count;
  }
}

TEST(SpscRing, DoesNotMakeTheWriterWaitForAReaderThatStands) {
  Ring ring(16);
  std::uint64_t pushed = 0;
  for (int call = 0; call < 1000; ++call) {
    pushed += ring.push(numbers(pushed, 5));  // returns, though nobody ever pops
  }
  EXPECT_EQ(pushed, 16U);
  EXPECT_EQ(pop(ring, 99), numbers(0, 16));
}

TEST(SpscRing, KeepsOrderAndCountBetweenTwoThreads) {
  constexpr std::uint64_t kItems = 300'000;
  Ring ring(64);
  std::thread writer([&ring] {
    std::uint64_t next = 0;
    std::vector<std::uint64_t> batch;
    while (next < kItems) {
      const std::size_t count = std::min<std::uint64_t>(1 + next % 37, kItems - next);
      batch.resize(count);
      std::iota(batch.begin(), batch.end(), next);
      const std::size_t pushed = ring.push(batch);
      next += pushed;
      if (pushed == 0) {
        std::this_thread::yield();
      }
    }
  });
  std::uint64_t expected = 0;
  std::uint64_t wrong = 0;
  std::array<std::uint64_t, 41> batch;
  while (expected < kItems) {  // the test's time limit is the deadline
    const std::size_t count = ring.pop(batch);
    for (const std::uint64_t item : std::span(batch).first(count)) {
      wrong += item == expected++ ? 0U : 1U;
    }
    if (count == 0) {
      std::this_thread::yield();
    }
  }
  writer.join();
  EXPECT_EQ(wrong, 0U);
  EXPECT_EQ(ring.pop(batch), 0U);
}

}  // namespace
}  // namespace spate
