#include "compare/statistics/fisher_exact.h"

#include <gtest/gtest.h>

namespace spate::compare {
namespace {

TEST(FisherExact, GivesThePublishedValues) {
  // Fisher's tea taster, who named 3 of 4 cups: (16 + 1) of C(8, 4) ways.
  EXPECT_DOUBLE_EQ(fisher_exact_p({3, 1, 1, 3}), 17 / 70.0);
  // Convicted twins of convicts, in R's fisher.test: 10 of 13 monozygotic, 2 of 17 dizygotic ones;
  // p = 0.0004652.
  EXPECT_NEAR(fisher_exact_p({10, 2, 3, 15}), 0.0004652, 5e-8);
}

TEST(FisherExact, IsTheShareOfDrawsThatHitOnlyWhatHasIt) {
  // All 6 flagged have it, and 3 of 14 others: C(9, 6) of C(20, 6) draws.
  EXPECT_DOUBLE_EQ(fisher_exact_p({6, 0, 3, 11}), 84 / 38760.0);
}

TEST(FisherExact, IsOneWhereFewerCouldNotBe) {
  EXPECT_DOUBLE_EQ(fisher_exact_p({0, 5, 5, 5}), 1);
  EXPECT_DOUBLE_EQ(fisher_exact_p({4, 3, 6, 0}), 1);  // 7 flagged of 13, 3 of which lack it
  EXPECT_DOUBLE_EQ(fisher_exact_p({3, 0, 9, 0}), 1);  // all have it
  EXPECT_DOUBLE_EQ(fisher_exact_p({}), 1);
}

TEST(FisherExact, DoesNotCareWhichOfTheTwoTraitsComesFirst) {
  EXPECT_DOUBLE_EQ(fisher_exact_p({5, 2, 4, 9}), fisher_exact_p({5, 4, 2, 9}));
}

TEST(FisherExact, AndItsComplementMakeOne) {
  // At least 5 of the 7 flagged have it, or at least 3 of them lack it.
  EXPECT_NEAR(fisher_exact_p({5, 2, 4, 9}) + fisher_exact_p({3, 4, 8, 5}), 1, 1e-14);
}

TEST(FisherExact, IsExactToTheLastDigitsForThousandsOfCells) {
  // 40 of 40 flagged among 10000 of which half have it: (5000 / 10000) (4999 / 9999) …
  double expected = 1;
  for (int i = 0; i < 40; ++i) {
    expected *= (5000.0 - i) / (10000.0 - i);
  }
  EXPECT_NEAR(fisher_exact_p({40, 0, 4960, 5000}) / expected, 1, 1e-12);
}

}  // namespace
}  // namespace spate::compare
