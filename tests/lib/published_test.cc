#include "spate/published.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdint>

#include "support/threads.h"
#include "support/watched_atomic.h"

namespace spate {
namespace {

using namespace testing_support;

// Eight equal words, or it is torn.
struct Block {
  std::array<std::uint64_t, 8> words{};
};

Block block_of(std::uint64_t number) {
  Block block;
  block.words.fill(number);
  return block;
}
bool whole(const Block& block) {
  return std::all_of(block.words.begin(), block.words.end(),
                     [&](std::uint64_t word) { return word == block.words[0]; });
}

TEST(Published, IsADefaultValueBeforeTheFirstAndThenTheLatest) {
  Published<Block> published;
  EXPECT_EQ(published.read().words, Block{}.words);
  for (std::uint64_t number = 1; number < 10; ++number) {
    published.publish(block_of(number));
    EXPECT_EQ(published.read().words, block_of(number).words);
  }
}

TEST(Published, IsReadWholeWhereverTheWriterStandsStill) {
  Published<Block, WatchedAtomic> published;
  for (std::uint64_t number = 1; number < 30; ++number) {
    std::uint64_t seen = 0;
    before_access = [&] {
      ++seen;
      EXPECT_EQ(published.read().words, block_of(number - 1).words);
    };
    published.publish(block_of(number));
    before_access = nullptr;
    EXPECT_EQ(seen, 10U);  // its version, eight words, the version
    EXPECT_EQ(published.read().words, block_of(number).words);
  }
}

TEST(Published, IsReadWholeWhereverTheWriterOvertakesTheReader) {
  for (std::uint64_t values = 1; values <= 4; ++values) {
    for (std::size_t access = 0;; ++access) {
      Published<Block, WatchedAtomic> published;
      published.publish(block_of(7));
      Block block;
      const bool interrupted = interrupt(
          access, [&] { block = published.read(); },
          [&] {
            for (std::uint64_t number = 8; number < 8 + values; ++number) {
              published.publish(block_of(number));
            }
          });
      ASSERT_TRUE(whole(block)) << values << " values before access " << access;
      ASSERT_GE(block.words[0], 7U);
      ASSERT_LE(block.words[0], 7U + values);
      if (!interrupted) {
        EXPECT_EQ(access, 10U);  // the version, eight words, the version
        break;
      }
    }
  }
}

TEST(Published, IsReadWholeAndNeverOlderThanBeforeBesideABusyWriter) {
  constexpr std::uint64_t kValues = 200'000;
  Published<Block> published;
  std::atomic<std::uint64_t> wrong{0};
  auto readers = start_threads(3, [&](std::uint32_t) {
    std::uint64_t latest = 0;
    while (latest < kValues) {  // the test's time limit is the deadline
      const Block block = published.read();
      wrong += whole(block) && block.words[0] >= latest ? 0U : 1U;
      latest = block.words[0];
    }
  });
  for (std::uint64_t number = 1; number <= kValues; ++number) {
    published.publish(block_of(number));
  }
  join(readers);
  EXPECT_EQ(wrong, 0U);
}

}  // namespace
}  // namespace spate
