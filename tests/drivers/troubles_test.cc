#include "spate/drivers/troubles.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <string>

#include "spate/clock.h"

namespace spate::drivers {
namespace {

TEST(Troubles, CountsEachLine) {
  Troubles troubles;
  troubles.add("first");
  troubles.add("second");
  troubles.add("first");
  const auto lines = troubles.take();
  ASSERT_EQ(lines.size(), 2U);
  EXPECT_EQ(lines[0].text, "first");
  EXPECT_EQ(lines[0].times, 2U);
  EXPECT_EQ(lines[1].text, "second");
  EXPECT_EQ(lines[1].times, 1U);
  EXPECT_TRUE(troubles.take().empty());
}

TEST(Troubles, KnowWhenSomethingWasSaid) {
  Troubles troubles;
  const SteadyClock clock;
  EXPECT_EQ(troubles.first_said_since(0), kNever);
  const std::int64_t before_ns = clock.now_ns();
  troubles.add("something");
  const std::int64_t between_ns = clock.now_ns();
  while (clock.now_ns() == between_ns) {
  }
  const std::int64_t later_ns = clock.now_ns();
  EXPECT_GE(troubles.first_said_since(0), before_ns);
  EXPECT_LE(troubles.first_said_since(before_ns), between_ns);
  EXPECT_EQ(troubles.first_said_since(later_ns), kNever);
  troubles.add("something");
  EXPECT_GE(troubles.first_said_since(later_ns), later_ns);
  EXPECT_LE(troubles.first_said_since(before_ns), between_ns) << "the earlier time still counts";
  troubles.take();
  EXPECT_EQ(troubles.first_said_since(0), kNever);
}

TEST(Troubles, RememberTheFirstOfManyTimes) {
  Troubles troubles;
  const SteadyClock clock;
  for (std::size_t i = 0; i < Troubles::kMostTimes - 1; ++i) {
    troubles.add("something");
  }
  const std::int64_t before_last_ns = clock.now_ns();
  troubles.add("something");
  const std::int64_t after_last_ns = clock.now_ns();
  const std::int64_t last_ns = troubles.first_said_since(before_last_ns);
  EXPECT_GE(last_ns, before_last_ns);
  EXPECT_LE(last_ns, after_last_ns);
  EXPECT_EQ(troubles.first_said_since(last_ns), last_ns) << "at that time counts";
  troubles.add("something");
  EXPECT_EQ(troubles.first_said_since(last_ns + 1), kNever) << "too much was said before";
  EXPECT_EQ(troubles.take().front().times, Troubles::kMostTimes + 1)
      << "it is counted all the same";
  troubles.add("something");
  EXPECT_GE(troubles.first_said_since(after_last_ns), after_last_ns);
}

TEST(Troubles, RememberThatSomebodyGaveUp) {
  Troubles troubles;
  troubles.add("first");
  EXPECT_FALSE(troubles.take_given_up());
  troubles.give_up("second");
  EXPECT_EQ(troubles.take().back().text, "second");
  EXPECT_TRUE(troubles.take_given_up());
  EXPECT_FALSE(troubles.take_given_up());
}

TEST(Troubles, AreNoFlood) {
  Troubles troubles;
  for (int i = 0; i < 1000; ++i) {
    troubles.add("number " + std::to_string(i));
  }
  const auto lines = troubles.take();
  ASSERT_EQ(lines.size(), Troubles::kMostLines);
  EXPECT_EQ(lines.front().text, "number 0");
  EXPECT_EQ(lines.back().text, "and others");
  EXPECT_EQ(lines.back().times, 1000 - (Troubles::kMostLines - 1));
}

}  // namespace
}  // namespace spate::drivers
