#include "compare/statistics/holm.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

#include "tests/compare/statistics/draws.h"

namespace spate::compare {
namespace {

using Values = std::vector<double>;

void expect_adjusted(const Values& p, const Values& expected) {
  const Values adjusted = holm(p);
  ASSERT_EQ(adjusted.size(), expected.size());
  for (std::size_t i = 0; i < p.size(); ++i) {
    EXPECT_DOUBLE_EQ(adjusted[i], expected[i]) << i;
  }
}

TEST(Holm, MultipliesTheSmallestByAllTheNextByOneLessAndKeepsTheOrder) {
  // In order 0.005 * 4, 0.01 * 3, 0.03 * 2, and 0.04 * 1, which may not be less than the one
  // before.
  expect_adjusted({0.01, 0.04, 0.03, 0.005}, {0.03, 0.06, 0.06, 0.02});
  expect_adjusted({0.02}, {0.02});
  expect_adjusted({}, {});
}

TEST(Holm, IsAtMostOne) { expect_adjusted({0.9, 0.4, 0.6}, {1, 1, 1}); }

TEST(Holm, GivesEqualValuesEqualOnes) { expect_adjusted({0.02, 0.01, 0.02}, {0.04, 0.03, 0.04}); }

// Holm's procedure as his paper has it: compare the smallest p with alpha / m, the next with
// alpha / (m - 1) and so on, and stop at the first that is larger.
std::vector<bool> rejected_step_by_step(const Values& p, double alpha) {
  std::vector<bool> rejected(p.size());
  for (std::size_t left = p.size(); left > 0; --left) {
    std::size_t smallest = p.size();
    for (std::size_t i = 0; i < p.size(); ++i) {
      if (!rejected[i] && (smallest == p.size() || p[i] < p[smallest])) {
        smallest = i;
      }
    }
    if (p[smallest] > alpha / static_cast<double>(left)) {
      break;
    }
    rejected[smallest] = true;
  }
  return rejected;
}

TEST(Holm, RejectsWhatTheSequentialProcedureRejects) {
  Draws draws(1);
  for (int i = 0; i < 200; ++i) {
    Values p;
    for (int j = 0; j < 12; ++j) {
      p.push_back(std::pow(draws.uniform(), 4));
    }
    std::vector<bool> rejected;
    for (const double adjusted : holm(p)) {
      rejected.push_back(adjusted <= 0.05);
    }
    EXPECT_EQ(rejected, rejected_step_by_step(p, 0.05));
  }
}

TEST(Holm, HoldsTheChanceOfAnyFalseFinding) {
  // 20 tests of nothing, independent: 1 - (1 - 0.05 / 20)^20 find something.
  constexpr std::size_t kTrials = 4000;
  const double chance = 1 - std::pow(1 - 0.05 / 20, 20);
  Draws draws(2);
  double found = 0;
  for (std::size_t i = 0; i < kTrials; ++i) {
    Values p(20);
    std::generate(p.begin(), p.end(), [&draws] { return draws.uniform(); });
    const Values adjusted = holm(p);
    found += *std::min_element(adjusted.begin(), adjusted.end()) <= 0.05 ? 1 : 0;
  }
  EXPECT_NEAR(found, kTrials * chance, binomial_slack(kTrials, chance));
}

}  // namespace
}  // namespace spate::compare
