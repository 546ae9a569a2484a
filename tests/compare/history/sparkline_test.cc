#include "compare/history/sparkline.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace spate::compare {
namespace {

std::string ascii(const std::vector<double>& values, const std::vector<std::size_t>& marks = {},
                  std::size_t columns = 40, double least_range = 0) {
  return sparkline(values, marks, least_range, columns, Script::ascii);
}

TEST(Sparkline, EachValueIsAsHighAsItIs) {
  EXPECT_EQ(ascii({0, 1, 2, 3, 4, 5, 6, 7}), "_.,-~=*#");
  EXPECT_EQ(sparkline(std::vector<double>{0, 7, 0}, {}, 0, 40, Script::blocks),
            "\u2581\u2588\u2581");
  EXPECT_EQ(ascii({}), "");
}

TEST(Sparkline, ABarStandsBeforeANewLevel) { EXPECT_EQ(ascii({0, 0, 7, 7}, {2}), "__|##"); }

TEST(Sparkline, WhatHardlyMovesLooksLikeIt) {
  EXPECT_EQ(ascii({100, 101}), "_#");
  EXPECT_EQ(ascii({100, 101}, {}, 40, 100), "-~");
  EXPECT_EQ(ascii({5, 5, 5}), "~~~");
}

TEST(Sparkline, MoreValuesThanColumnsAreMediansOfNeighboursOfOneLevel) {
  std::vector<double> values(100, 0.0);
  values[10] = 5;  // an outlier among ten
  std::fill(values.begin() + 50, values.end(), 7.0);
  EXPECT_EQ(ascii(values, {50}, 11), "_____|#####");
  EXPECT_EQ(ascii(values, {50}, 3), "_|#");
}

TEST(Sparkline, MoreValuesThanColumnsFillThemAllWhateverTheSteps) {
  for (std::size_t first = 1; first < 98; ++first) {
    for (const std::vector<std::size_t>& marks :
         std::vector<std::vector<std::size_t>>{{}, {first}, {first, first + 1}, {first, 99}}) {
      EXPECT_EQ(ascii(std::vector<double>(100, 1.0), marks, 24).size(), 24U) << first;
    }
  }
}

TEST(Sparkline, ItIsNeverLongerThanItsColumns) {
  for (const std::size_t length : {10U, 41U, 100U, 500U}) {
    for (std::size_t count = 0; count < 5 && 3 * count < length; ++count) {
      std::vector<std::size_t> marks;
      for (std::size_t i = 0; i < 3 * count; ++i) {
        marks.push_back(length - 3 * count + i);  // short levels at the end
      }
      std::vector<double> values(length, 1.0);
      EXPECT_LE(ascii(values, marks, 38).size(), 38U) << length << " values, " << marks.size();
    }
  }
  const std::vector<std::size_t> many{1, 2, 3, 4, 5, 6, 7, 8, 9};
  EXPECT_EQ(ascii(std::vector<double>(10, 1.0), many, 12), "~~~~~~~~~~");
}

class Locale : public testing::Test {
 protected:
  void SetUp() override {
    for (const char* const name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
      const char* const value = std::getenv(name);
      before_.emplace_back(name,
                           value == nullptr ? std::nullopt : std::optional<std::string>(value));
      unsetenv(name);
    }
  }
  void TearDown() override {
    for (const auto& [name, value] : before_) {
      value ? setenv(name.c_str(), value->c_str(), 1) : unsetenv(name.c_str());
    }
  }

 private:
  std::vector<std::pair<std::string, std::optional<std::string>>> before_;
};

TEST_F(Locale, BlocksNeedUtf8) {
  EXPECT_EQ(script_of_locale(), Script::ascii);
  setenv("LANG", "de_DE.UTF-8", 1);
  EXPECT_EQ(script_of_locale(), Script::blocks);
  setenv("LC_CTYPE", "C.utf8", 1);
  EXPECT_EQ(script_of_locale(), Script::blocks);
  setenv("LC_ALL", "C", 1);
  EXPECT_EQ(script_of_locale(), Script::ascii);
}

}  // namespace
}  // namespace spate::compare
