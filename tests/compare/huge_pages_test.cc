#include "compare/huge_pages.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <numeric>
#include <vector>

namespace spate::compare {
namespace {

using Numbers = std::vector<std::size_t, HugePageAllocator<std::size_t>>;

TEST(HugePages, HoldArraysOfAnySize) {
  for (const std::size_t bytes : {std::size_t{8}, kHugePage - 8, kHugePage, 3 * kHugePage + 8}) {
    Numbers numbers(bytes / sizeof(std::size_t));
    std::iota(numbers.begin(), numbers.end(), 1);
    numbers.push_back(numbers.size() + 1);  // moves all of them
    for (std::size_t i = 0; i < numbers.size(); ++i) {
      ASSERT_EQ(numbers[i], i + 1);
    }
  }
}

TEST(HugePages, LargeArraysBeginWithOne) {
  const Numbers numbers(kHugePage / sizeof(std::size_t));
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(numbers.data()) % kHugePage, 0U);
}

}  // namespace
}  // namespace spate::compare
