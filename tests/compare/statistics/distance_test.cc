#include "compare/statistics/distance.h"

#include <gtest/gtest.h>

#include <optional>
#include <vector>

namespace spate::compare {
namespace {

using Counts = std::vector<ValueCount>;

TEST(Distance, IsZeroOfEqualSharesWhateverTheirNumber) {
  const Counts a{{1, 1}, {2, 3}};
  const Counts b{{1, 100}, {2, 300}};
  EXPECT_EQ(kolmogorov_smirnov(a, b), 0);
  EXPECT_EQ(wasserstein(a, b), 0);
}

TEST(Distance, OfTwoPointsIsOneAndTheWayBetweenThem) {
  const Counts a{{10, 7}};
  const Counts b{{13, 2}};
  EXPECT_EQ(kolmogorov_smirnov(a, b), 1);
  EXPECT_EQ(wasserstein(a, b), 3);
}

TEST(Distance, IsWhatHandComputesOfTwoStaircases) {
  // F: 1/4 from 0, 3/4 from 1, 1 from 4. G: 1/2 from 1, 1 from 2.
  // |F - G|: 1/4 on [0, 1), 1/4 on [1, 2), 1/4 on [2, 4).
  const Counts a{{0, 1}, {1, 2}, {4, 1}};
  const Counts b{{1, 5}, {2, 5}};
  EXPECT_EQ(kolmogorov_smirnov(a, b), 0.25);
  EXPECT_EQ(wasserstein(a, b), 1.0);
}

TEST(Distance, SeesTheLargestDifferenceWhereverItStands) {
  // F: 1/2 from 1, 1 from 9. G: 1/4 from 0, 1/2 from 2, 7/8 from 3, 1 from 10.
  // |F - G|: 1/4 on [0, 1), 1/4 on [1, 2), 0 on [2, 3), 3/8 on [3, 9), 1/8 on [9, 10).
  const Counts a{{1, 1}, {9, 1}};
  const Counts b{{0, 2}, {2, 2}, {3, 3}, {10, 1}};
  EXPECT_EQ(kolmogorov_smirnov(a, b), 0.375);
  EXPECT_EQ(wasserstein(a, b), 0.25 + 0.25 + 0.375 * 6 + 0.125);
}

TEST(Distance, IsSymmetricMovesNotAndScales) {
  const Counts a{{1, 3}, {4, 1}, {6, 9}};
  const Counts b{{2, 2}, {5, 2}};
  EXPECT_EQ(kolmogorov_smirnov(a, b), kolmogorov_smirnov(b, a));
  EXPECT_EQ(wasserstein(a, b), wasserstein(b, a));
  const auto scaled = [](Counts counts) {
    for (ValueCount& step : counts) {
      step.value = 8 * step.value - 100;
    }
    return counts;
  };
  EXPECT_EQ(kolmogorov_smirnov(scaled(a), scaled(b)), kolmogorov_smirnov(a, b));
  EXPECT_DOUBLE_EQ(*wasserstein(scaled(a), scaled(b)), 8 * *wasserstein(a, b));
}

TEST(Distance, TakesAValueThatComesTwiceAndOneThatNeverOccurs) {
  const Counts once{{1, 5}, {2, 5}};
  const Counts twice{{0, 0}, {1, 2}, {1, 3}, {2, 5}, {7, 0}};
  EXPECT_EQ(kolmogorov_smirnov(once, twice), 0);
  EXPECT_EQ(wasserstein(once, twice), 0);
}

TEST(Distance, DoesNotExistToWhatIsEmpty) {
  const Counts a{{1, 3}};
  const Counts zeros{{1, 0}};
  for (const Counts& empty : {Counts{}, zeros}) {
    EXPECT_EQ(kolmogorov_smirnov(a, empty), std::nullopt);
    EXPECT_EQ(kolmogorov_smirnov(empty, a), std::nullopt);
    EXPECT_EQ(wasserstein(a, empty), std::nullopt);
    EXPECT_EQ(wasserstein(empty, empty), std::nullopt);
  }
}

}  // namespace
}  // namespace spate::compare
