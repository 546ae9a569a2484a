#include "spate/drivers/outstanding.h"

#include <gtest/gtest.h>

#include <array>
#include <vector>

#include "support/messages.h"

namespace spate::drivers {
namespace {

using testing_support::message_of;

std::vector<std::pair<std::uint64_t, Outcome>> collected(Outstanding& outstanding,
                                                         std::size_t most = 64) {
  std::array<Settlement, 64> out;
  const std::size_t count = outstanding.collect(std::span(out).first(most));
  std::vector<std::pair<std::uint64_t, Outcome>> pairs;
  for (const Settlement& settlement : std::span(out).first(count)) {
    pairs.emplace_back(settlement.ordinal, settlement.outcome);
  }
  return pairs;
}

using Pairs = std::vector<std::pair<std::uint64_t, Outcome>>;

TEST(Outstanding, SettlesInAnyOrderAndEachOnce) {
  Outstanding outstanding(4);
  for (std::uint64_t ordinal = 10; ordinal < 14; ++ordinal) {
    EXPECT_EQ(outstanding.add(message_of(0, 1, ordinal, MessageType::text)), ordinal - 10);
  }
  EXPECT_EQ(outstanding.room(), 0U);
  EXPECT_TRUE(outstanding.settle(2, Outcome::rejected));
  EXPECT_FALSE(outstanding.settle(2, Outcome::acked)) << "settled twice";
  EXPECT_TRUE(outstanding.settle(0, Outcome::acked));
  EXPECT_FALSE(outstanding.settle(0, Outcome::acked));
  EXPECT_FALSE(outstanding.settle(4, Outcome::acked)) << "never added";
  EXPECT_EQ(outstanding.open(), 2U);
  EXPECT_EQ(outstanding.begin(), 1U);
  EXPECT_EQ(collected(outstanding), (Pairs{{12, Outcome::rejected}, {10, Outcome::acked}}));
  EXPECT_EQ(collected(outstanding), Pairs{});
}

TEST(Outstanding, HasRoomForWhatWasCollected) {
  Outstanding outstanding(2);
  outstanding.add(message_of(0, 1, 0, MessageType::text));
  outstanding.add(message_of(0, 1, 1, MessageType::text));
  outstanding.settle(0, Outcome::acked);
  EXPECT_EQ(outstanding.room(), 0U) << "its settlement has not been collected";
  collected(outstanding);
  EXPECT_EQ(outstanding.room(), 1U);
  outstanding.add(message_of(0, 1, 2, MessageType::text));
  outstanding.settle(2, Outcome::acked);
  collected(outstanding);
  EXPECT_EQ(outstanding.room(), 0U) << "the place of number 3 is that of number 1, which is open";
  outstanding.settle(1, Outcome::acked);
  collected(outstanding);
  EXPECT_EQ(outstanding.room(), 2U);
}

TEST(Outstanding, SettlesAllBelowANumberThatAreOpen) {
  Outstanding outstanding(8);
  for (std::uint64_t ordinal = 0; ordinal < 5; ++ordinal) {
    outstanding.add(message_of(0, 1, ordinal, MessageType::text));
  }
  outstanding.settle(1, Outcome::rejected);
  outstanding.settle_below(3, Outcome::acked);
  EXPECT_EQ(collected(outstanding),
            (Pairs{{1, Outcome::rejected}, {0, Outcome::acked}, {2, Outcome::acked}}));
  outstanding.settle_below(100, Outcome::unknown);
  EXPECT_EQ(collected(outstanding, 1), (Pairs{{3, Outcome::unknown}}));
  EXPECT_EQ(collected(outstanding), (Pairs{{4, Outcome::unknown}}));
  EXPECT_EQ(outstanding.open(), 0U);
}

TEST(Outstanding, RefusesAtOnce) {
  Outstanding outstanding(2);
  const std::vector<Message> messages = testing_support::numbered_messages(2);
  EXPECT_EQ(outstanding.refuse(messages), 2U);
  EXPECT_EQ(outstanding.open(), 0U);
  EXPECT_EQ(collected(outstanding), (Pairs{{0, Outcome::rejected}, {1, Outcome::rejected}}));
}

TEST(Outstanding, GoesRoundForEver) {
  Outstanding outstanding(3);
  for (std::uint64_t ordinal = 0; ordinal < 1000; ++ordinal) {
    ASSERT_GT(outstanding.room(), 0U);
    const std::uint64_t number = outstanding.add(message_of(0, 1, ordinal, MessageType::text));
    ASSERT_EQ(number, ordinal);
    ASSERT_TRUE(outstanding.settle(number, Outcome::acked));
    ASSERT_EQ(collected(outstanding), (Pairs{{ordinal, Outcome::acked}}));
  }
}

}  // namespace
}  // namespace spate::drivers
