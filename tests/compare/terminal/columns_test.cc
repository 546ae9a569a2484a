#include "compare/terminal/columns.h"

#include <gtest/gtest.h>

#include <string>

namespace spate::compare {
namespace {

TEST(Columns, AreNotBytes) {
  EXPECT_EQ(columns_of(""), 0U);
  EXPECT_EQ(columns_of("plain"), 5U);
  EXPECT_EQ(columns_of("… µs"), 4U);
  EXPECT_EQ(columns_of("消息"), 4U);
  EXPECT_EQ(columns_of(std::string(1000, 'x')), 1000U);
}

TEST(Wrapped, BreaksBetweenWordsWhereTheLineIsFull) {
  EXPECT_EQ(wrapped("one two three", 7, 2), "one two\n  three");
  EXPECT_EQ(wrapped("one two three", 8, 0), "one two\nthree");
  EXPECT_EQ(wrapped("one two", 7, 0), "one two");
  EXPECT_EQ(wrapped("", 7, 0), "");
  // The ellipsis is three bytes, and one column.
  EXPECT_EQ(wrapped("one t… 3", 8, 0), "one t… 3");
}

TEST(Wrapped, KeepsTheBlanksWithinALine) {
  EXPECT_EQ(wrapped("  a   b c", 8, 4), "  a   b\n    c");
}

TEST(Wrapped, LeavesALongWordWholeUnlessASignAllowsABreak) {
  EXPECT_EQ(wrapped("a 123456789 b", 6, 2), "a\n  123456789\n  b");
  EXPECT_EQ(wrapped("a one|two|three", 10, 2), "a one|two|\n  three");
  EXPECT_EQ(wrapped("12345678,1", 6, 2), "12345678,1");
}

}  // namespace
}  // namespace spate::compare
