#include "spate/random.h"

#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <limits>
#include <vector>

#include "support/binomial.h"

namespace spate {
namespace {

using namespace testing_support;

constexpr std::uint64_t kMax = std::numeric_limits<std::uint64_t>::max();
constexpr std::array kPurposes{Purpose::type,         Purpose::recipient,   Purpose::crash,
                               Purpose::spike,        Purpose::spike_extra, Purpose::mock_failure,
                               Purpose::mock_latency, Purpose::arrival};

// SplitMix64 from seed 0: the reference implementation's first outputs (Vigna, splitmix64.c).
TEST(Mix64, IsTheFinaliserOfSplitMix64) {
  constexpr std::uint64_t kGamma = 0x9e3779b97f4a7c15U;
  static_assert(mix64(kGamma) == 0xe220a8397b1dcdafU);
  static_assert(mix64(2 * kGamma) == 0x6e789e6aa1b965f4U);
  static_assert(mix64(3 * kGamma) == 0x06c45d188009454fU);
}

TEST(MultiplyHigh, IsTheUpperHalfOfTheProduct) {
  static_assert(multiply_high(kMax, kMax) == kMax - 1);
  static_assert(multiply_high(std::uint64_t{1} << 32, std::uint64_t{1} << 32) == 1);
  static_assert(multiply_high(kMax, 1) == 0);
}

// Baselines and digests live on these: a change here makes every stored result incomparable.
TEST(MessageDraws, AreWhatTheyHaveAlwaysBeen) {
  constexpr MessageDraws kFirst(1, 0, 0);
  EXPECT_EQ(kFirst.draw(Purpose::type), 0xc35463377b405536U);
  EXPECT_EQ(kFirst.draw(Purpose::recipient), 0xfd42173ac41f36b7U);
  EXPECT_EQ(kFirst.draw(Purpose::crash, 1), 0xb388d9fa455306e5U);
  EXPECT_EQ(kFirst.draw(Purpose::spike, 1), 0x5cb9fd544b11d516U);
  EXPECT_EQ(kFirst.draw(Purpose::spike_extra, 1), 0x74b870efe301d8deU);
  EXPECT_EQ(kFirst.draw(Purpose::mock_failure, 1), 0xea378674f2b7bb04U);
  EXPECT_EQ(kFirst.draw(Purpose::mock_latency, 1), 0x7ea241b99cdd5059U);
  constexpr MessageDraws kOther(0xfeedU, 999'999, 123'456'789'012U);
  EXPECT_EQ(kOther.draw(Purpose::type), 0x34c89594a53e4170U);
  EXPECT_EQ(kOther.draw(Purpose::crash, 4'000'000'000U), 0x9a7b3fa153471ad9U);
}

TEST(MessageDraws, AreUniform) {
  for (const Purpose purpose : kPurposes) {
    std::vector<std::uint64_t> by_high_byte(256);
    std::vector<std::uint64_t> by_low_byte(256);
    for (std::uint64_t sequence = 0; sequence < 100'000; ++sequence) {
      const std::uint64_t draw = MessageDraws(7, 3, sequence).draw(purpose, 5);
      ++by_high_byte[draw >> 56];
      ++by_low_byte[draw & 0xff];
    }
    EXPECT_TRUE(looks_uniform(by_high_byte)) << static_cast<std::uint64_t>(purpose);
    EXPECT_TRUE(looks_uniform(by_low_byte)) << static_cast<std::uint64_t>(purpose);
  }
}

// The joint distribution of the first four bits of two draws: 256 cells, equally likely when the
// two know nothing of each other.
template <class First, class Second>
std::vector<std::uint64_t> joint_counts(First first, Second second) {
  std::vector<std::uint64_t> cells(256);
  for (std::uint64_t sequence = 0; sequence < 100'000; ++sequence) {
    ++cells[(first(sequence) >> 60) * 16 + (second(sequence) >> 60)];
  }
  return cells;
}

TEST(MessageDraws, OfTwoPurposesAreIndependent) {
  for (std::size_t a = 0; a < kPurposes.size(); ++a) {
    for (std::size_t b = 0; b < a; ++b) {
      const auto draw_for = [](Purpose purpose) {
        return [purpose](std::uint64_t sequence) {
          return MessageDraws(11, 2, sequence).draw(purpose, 1);
        };
      };
      EXPECT_TRUE(looks_uniform(joint_counts(draw_for(kPurposes[a]), draw_for(kPurposes[b]))))
          << a << " and " << b;
    }
  }
}

TEST(MessageDraws, OfNeighboursAreIndependent) {
  const auto here = [](std::uint64_t at) {
    return MessageDraws(11, 2, at).draw(Purpose::crash, 1);
  };
  EXPECT_TRUE(looks_uniform(joint_counts(here, [](std::uint64_t at) {
    return MessageDraws(11, 2, at + 1).draw(Purpose::crash, 1);
  }))) << "next message";
  EXPECT_TRUE(looks_uniform(joint_counts(here, [](std::uint64_t at) {
    return MessageDraws(11, 3, at).draw(Purpose::crash, 1);
  }))) << "next sender";
  EXPECT_TRUE(looks_uniform(joint_counts(here, [](std::uint64_t at) {
    return MessageDraws(11, 2, at).draw(Purpose::crash, 2);
  }))) << "next recipient";
  EXPECT_TRUE(looks_uniform(joint_counts(here, [](std::uint64_t at) {
    return MessageDraws(12, 2, at).draw(Purpose::crash, 1);
  }))) << "next seed";
}

TEST(Scaled, StaysBelowItsBoundAndReachesBothEnds) {
  for (const std::uint64_t bound : {std::uint64_t{1}, std::uint64_t{2}, std::uint64_t{7}, kMax}) {
    EXPECT_EQ(scaled(0, bound), 0U);
    EXPECT_EQ(scaled(kMax, bound), bound - 1);
  }
}

TEST(Scaled, CutsTheDrawsIntoEqualParts) {
  constexpr std::uint64_t kThird = kMax / 3;
  EXPECT_EQ(scaled(kThird, 3), 0U);
  EXPECT_EQ(scaled(kThird + 1, 3), 1U);
  EXPECT_EQ(scaled(2 * kThird, 3), 1U);
  EXPECT_EQ(scaled(2 * kThird + 1, 3), 2U);
}

TEST(Probability, ZeroNeverHits) {
  constexpr Probability kZero(0.0);
  static_assert(kZero.never());
  static_assert(!kZero.hit(0));
  static_assert(Probability().never());
}

TEST(Probability, OneAlwaysHits) {
  constexpr Probability kOne(1.0);
  static_assert(!kOne.never());
  static_assert(kOne.hit(0));
  static_assert(kOne.hit(kMax));
}

TEST(Probability, TurnsExactlyAtItsThreshold) {
  constexpr Probability kHalf(0.5);
  constexpr std::uint64_t kMiddle = std::uint64_t{1} << 63;
  static_assert(kHalf.hit(kMiddle - 1));
  static_assert(!kHalf.hit(kMiddle));
  constexpr Probability kSmallest(0x1p-64);
  static_assert(kSmallest.hit(0));
  static_assert(!kSmallest.hit(1));
  constexpr Probability kNearlyOne(1.0 - 0x1p-53);
  static_assert(kNearlyOne.hit(kMax - 2048));
  static_assert(!kNearlyOne.hit(kMax - 2047));
}

TEST(Probability, KeepsTheNumberThatWasGiven) { EXPECT_EQ(Probability(0.3).value(), 0.3); }

}  // namespace
}  // namespace spate
