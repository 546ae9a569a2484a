#include "delay_line.h"

#include <gtest/gtest.h>

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

TEST(DelayLine, KeepsEveryByteWhileItIsMovedOver) {
  DelayLine line;
  std::string expected;
  std::string got;
  for (int round = 0; round < 2000; ++round) {
    const std::string piece = std::to_string(round) + ",";
    expected += piece;
    push(line, piece, round, 1);
    const auto due = line.due(round, static_cast<std::size_t>(round % 7));
    got += text_of(due);
    line.pop(due.size());
  }
  got += text_of(line.due(kNever, kAll));
  EXPECT_EQ(got, expected);
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
