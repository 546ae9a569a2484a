#include "compare/terminal/table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace spate::compare {
namespace {

using testing::ElementsAre;

TEST(Table, ColumnsAreAsWideAsWhatIsInThem) {
  Table table({{"Who", true}, {"n"}, {"what", true}});
  table.add({"  a", "1,234", "x"});
  table.add({"  b…", "-"});
  EXPECT_THAT(table.lines(), ElementsAre("Who       n  what", "  a   1,234  x", "  b…      -"));
}

TEST(Table, ColumnsStandCloserWhereTheyWouldBeTooWide) {
  Table table({{"Who", true}, {"n"}, {"m"}});
  table.add({"  a", "1", "2"});
  EXPECT_THAT(table.lines(9), ElementsAre("Who  n  m", "  a  1  2"));
  EXPECT_THAT(table.lines(8), ElementsAre("Who n m", "  a 1 2"));
}

TEST(Table, WhatIsThereOnlyIfThereIsRoomIsLeftOutFromTheLastOn) {
  Table table({{"Who", true}, {"one", false, true}, {"two", false, true}, {"sum"}});
  table.add({"  a", "1", "2", "3"});
  EXPECT_THAT(table.lines(15), ElementsAre("Who one two sum", "  a   1   2   3"));
  EXPECT_THAT(table.lines(14), ElementsAre("Who one sum", "  a   1   3"));
  EXPECT_THAT(table.lines(10), ElementsAre("Who sum", "  a   3"));
}

TEST(Table, ALongFirstCellStandsAboveItsRow) {
  Table table({{"Who", true}, {"n"}});
  table.add({"  a", "1"});
  table.add({"  a-long-name", "2"});
  EXPECT_THAT(table.lines(10),
              ElementsAre("Who      n", "  a      1", "  a-long-name\n         2"));
  EXPECT_THAT(table.lines(16),
              ElementsAre("Who            n", "  a            1", "  a-long-name  2"));
}

TEST(Table, NumbersThatAreTooWideAreNotCut) {
  Table table({{"Who", true}, {"n"}});
  table.add({"  a", "123456789"});
  EXPECT_THAT(table.lines(5), ElementsAre("Who         n", "  a 123456789"));
}

}  // namespace
}  // namespace spate::compare
