#include "delay_line.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>

namespace spate::proxy {
namespace {

constexpr std::size_t kAll = 1 << 30;

std::string text_of(std::span<const char> bytes) { return {bytes.begin(), bytes.end()}; }

void push(DelayLine& line, std::string_view text, std::int64_t now_ns, std::int64_t delay_ns) {
  line.push(text, line.due_ns(now_ns, delay_ns));
}

TEST(DelayLine, GivesBytesWhenTheyAreDue) {
  DelayLine line;
  EXPECT_TRUE(line.empty());
  EXPECT_EQ(line.next_ns(), kNever);
  push(line, "ab", 100, 50);
  push(line, "cd", 120, 50);
  EXPECT_EQ(line.next_ns(), 150);
  EXPECT_EQ(text_of(line.due(149, kAll)), "");
  EXPECT_EQ(text_of(line.due(150, kAll)), "ab");
  EXPECT_EQ(text_of(line.due(169, kAll)), "ab");
  EXPECT_EQ(text_of(line.due(170, kAll)), "abcd");
  EXPECT_EQ(text_of(line.due(170, 3)), "abc");
  line.pop(3);
  EXPECT_EQ(text_of(line.due(170, kAll)), "d");
  EXPECT_EQ(line.next_ns(), 170);
  line.pop(1);
  EXPECT_TRUE(line.empty());
}

TEST(DelayLine, LetsNobodyOvertake) {
  DelayLine line;
  push(line, "slow", 0, 1000);
  push(line, "fast", 10, 0);
  EXPECT_EQ(text_of(line.due(999, kAll)), "");
  EXPECT_EQ(text_of(line.due(1000, kAll)), "slowfast");
  line.pop(8);
  // Also where nothing is held any more.
  EXPECT_EQ(line.due_ns(20, 0), 1000);
  EXPECT_EQ(line.due_ns(2000, 0), 2000);
}

TEST(DelayLine, MayBeGivenAndAskedForNothing) {
  DelayLine line;
  line.pop(0);
  push(line, "", 0, 0);
  EXPECT_TRUE(line.empty());
  push(line, "a", 1, 0);
  line.pop(0);
  EXPECT_EQ(text_of(line.due(1, kAll)), "a");
}

// Also across the chunks in which it keeps them.
TEST(DelayLine, KeepsEveryByte) {
  DelayLine line;
  std::string expected;
  std::string got;
  const auto take = [&](std::int64_t now_ns, std::size_t most) {
    const auto due = line.due(now_ns, most);
    EXPECT_LE(due.size(), most);
    got += text_of(due);
    line.pop(due.size());
  };
  for (int round = 0; round < 2000; ++round) {
    std::string piece;
    for (int times = 0; times < round % 100; ++times) {
      piece += std::to_string(round) + ",";
    }
    expected += piece;
    push(line, piece, round, 1);
    take(round, static_cast<std::size_t>(round % 307));
  }
  while (!line.empty()) {
    take(kNever, kAll);
  }
  EXPECT_TRUE(got == expected);
  EXPECT_EQ(line.held(), 0U);
  EXPECT_EQ(line.capacity(), 0U);
}

TEST(DelayLine, TakesLittleMoreMemoryThanItHolds) {
  constexpr std::size_t kHeld = std::size_t{4} << 20;
  constexpr std::size_t kMost = kHeld + 3 * (std::size_t{1} << 16);
  DelayLine line;
  push(line, "little", 0, 0);
  EXPECT_LE(line.capacity(), 64U);
  std::size_t most = 0;
  // It fills, is full for long, and empties.
  for (std::int64_t round = 0; round < 10'000; ++round) {
    if (round < 8000) {
      push(line, std::string(1000 + static_cast<std::size_t>(round % 7) * 300, 'x'), round, 0);
    }
    while (!line.empty() && (round >= 8000 || line.held() > kHeld)) {
      line.pop(line.due(round, 1999).size());
      if (round >= 8000) {
        break;
      }
    }
    most = std::max(most, line.capacity());
    ASSERT_LE(line.capacity(), line.held() + 3 * (std::size_t{1} << 16));
  }
  EXPECT_GT(most, kHeld);
  EXPECT_LE(most, kMost);
}

TEST(DelayLine, CountsWhatSmallPiecesTake) {
  DelayLine line;
  for (int at = 0; at < 1000; ++at) {
    push(line, "x", at, 0);
  }
  EXPECT_GE(line.held(), 16'000U);
  line.clear();
  EXPECT_EQ(line.held(), 0U);
  for (int at = 0; at < 1000; ++at) {  // due at the same time, they are one
    push(line, "x", 5000, 0);
  }
  EXPECT_LE(line.held(), 1100U);
}

}  // namespace
}  // namespace spate::proxy
