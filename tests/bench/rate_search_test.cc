#include "rate_search.h"

#include <gtest/gtest.h>

#include <cmath>
#include <stdexcept>

#include "spate/random.h"

namespace spate::bench {
namespace {

using End = SearchAnswer::End;
using Probe = RateSearch::Probe;

constexpr SearchLimits kLimits{.start = 1000, .lowest = 10, .highest = 1'000'000};

SearchAnswer search(const Probe& probe, const SearchLimits& limits = kLimits) {
  return RateSearch(limits, probe).run();
}

Probe knee(std::uint64_t at) {
  return [at](std::uint64_t rate, std::uint32_t) { return rate <= at; };
}

// Holds with the probability that a logistic curve has at that rate; the same draws every time.
Probe soft_knee(double middle, double width, std::uint64_t seed) {
  return [=](std::uint64_t rate, std::uint32_t attempt) {
    const double share = 1 / (1 + std::exp(std::log(static_cast<double>(rate) / middle) / width));
    return Probability(share).hit(mix64(mix64(seed + rate) + attempt));
  };
}

TEST(RateSearch, ASharpKneeIsFoundToTheResolutionWhereverItIs) {
  for (const std::uint64_t at :
       {10U, 11U, 99U, 500U, 999U, 1000U, 1001U, 1999U, 2000U, 48'123U, 999'999U}) {
    const SearchAnswer answer = search(knee(at));
    ASSERT_EQ(answer.end, End::found) << at;
    ASSERT_TRUE(answer.rate && answer.fails) << at;
    EXPECT_LE(*answer.rate, at);
    EXPECT_GT(*answer.fails, at);
    EXPECT_LE(*answer.fails - *answer.rate, std::max<std::uint64_t>(*answer.rate * 20 / 1000, 1))
        << at;
  }
}

TEST(RateSearch, AFinerResolutionGivesACloserAnswer) {
  SearchLimits fine = kLimits;
  fine.resolution_thousandths = 1;
  const SearchAnswer answer = search(knee(48'123), fine);
  EXPECT_LE(*answer.fails - *answer.rate, 48U);
}

TEST(RateSearch, BothEndsAreTriedFiveTimes) {
  RateSearch search(kLimits, knee(48'123));
  const SearchAnswer answer = search.run();
  EXPECT_EQ(search.tries().at(*answer.rate).held, 5U);
  EXPECT_EQ(search.tries().at(*answer.fails).failed, 5U);
}

TEST(Tries, AreSureWithAllOfFiveOrSevenOfEight) {
  const auto tries = [](std::uint32_t held, std::uint32_t failed) {
    Tries made;
    made.held = held;
    made.failed = failed;
    return made;
  };
  EXPECT_TRUE(tries(5, 0).surely_holds());
  EXPECT_TRUE(tries(7, 1).surely_holds());
  for (const Tries& doubtful : {tries(4, 0), tries(6, 1), tries(8, 2), tries(0, 5)}) {
    EXPECT_FALSE(doubtful.surely_holds());
  }
  EXPECT_TRUE(tries(0, 5).surely_fails());
  EXPECT_TRUE(tries(1, 7).surely_fails());
  EXPECT_FALSE(tries(2, 8).surely_fails());
}

TEST(RateSearch, AStepCostsNoMoreThanItMust) {
  std::uint32_t steps = 0;
  search([&](std::uint64_t rate, std::uint32_t) {
    ++steps;
    return rate <= 48'123;
  });
  // 7 to 64,000; 6 between 32,000 and that; 4 more at each end.
  EXPECT_EQ(steps, 7U + 6 + 8);
}

TEST(RateSearch, EachAttemptAtARateHasItsNumber) {
  std::map<std::uint64_t, std::uint32_t> next;
  search([&](std::uint64_t rate, std::uint32_t attempt) {
    EXPECT_EQ(attempt, next[rate]++) << rate;
    return rate <= 5000;
  });
}

TEST(RateSearch, WhatHoldsUpToTheCapHoldsAtLeastThere) {
  const SearchAnswer answer = search(knee(2'000'000));
  EXPECT_EQ(answer.end, End::found);
  EXPECT_EQ(answer.rate, 1'000'000U);
  EXPECT_FALSE(answer.fails);
}

TEST(RateSearch, WhatHoldsNowhereHasNoRate) {
  const SearchAnswer answer = search(knee(9));
  EXPECT_EQ(answer.end, End::none_holds);
  EXPECT_FALSE(answer.rate);
  EXPECT_EQ(answer.fails, 10U);
}

TEST(RateSearch, ASoftKneeHasAnIntervalAroundItsMiddle) {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    const SearchAnswer answer = search(soft_knee(50'000, 0.05, seed));
    ASSERT_EQ(answer.end, End::found) << seed;
    ASSERT_TRUE(answer.rate && answer.fails) << seed;
    EXPECT_LT(*answer.rate, *answer.fails);
    // Eight widths from the middle one step in 3000 is of the other sort.
    EXPECT_GT(static_cast<double>(*answer.rate), 50'000 * std::exp(-8 * 0.05)) << seed;
    EXPECT_LT(static_cast<double>(*answer.fails), 50'000 * std::exp(8 * 0.05)) << seed;
  }
}

TEST(RateSearch, TheMiddleOfASoftKneeLiesInTheIntervalAsOftenAsTheSignTestSays) {
  int outside = 0;
  constexpr int kSearches = 1000;
  for (int seed = 1; seed <= kSearches; ++seed) {
    const SearchAnswer answer = search(soft_knee(50'000, 0.05, static_cast<std::uint64_t>(seed)));
    outside += *answer.rate > 50'000 || *answer.fails < 50'000 ? 1 : 0;
  }
  // Above the middle a rate surely holds by chance in less than 1 of 20 cases, and so with the
  // other end. More than one rate is looked at; but the further off, the less likely it is.
  EXPECT_LT(outside, kSearches / 10);
  EXPECT_GT(outside, 0) << "else the knee was not soft";
}

TEST(RateSearch, AStepThatFailsByChanceDoesNotDecide) {
  // Every tenth step fails, whatever its rate: the first one at 4000.
  for (std::uint32_t phase = 0; phase < 10; ++phase) {
    std::uint32_t steps = phase;
    const SearchAnswer answer = search(
        [&](std::uint64_t rate, std::uint32_t) { return ++steps % 10 != 0 && rate <= 48'123; });
    ASSERT_EQ(answer.end, End::found);
    ASSERT_TRUE(answer.fails);
    EXPECT_GT(*answer.fails, 48'123U) << phase;
    EXPECT_LE(*answer.fails, 48'123U * 102 / 100 + 1) << phase;
    EXPECT_GT(*answer.rate, 40'000U) << phase;
  }
}

TEST(RateSearch, ASearchThatBeginsInAHoleLooksBelow) {
  const SearchAnswer answer = search([](std::uint64_t rate, std::uint32_t) {
    return rate < 1000 || (rate > 1500 && rate < 100'000);
  });
  ASSERT_EQ(answer.end, End::found);
  EXPECT_NEAR(static_cast<double>(*answer.rate), 990, 10);
}

TEST(RateSearch, WhatHoldsAtFirstAndThenNowhereIsUndecided) {
  std::uint32_t steps = 0;
  const SearchAnswer answer =
      search([&](std::uint64_t rate, std::uint32_t) { return ++steps < 10 && rate <= 48'123; });
  EXPECT_EQ(answer.end, End::undecided);
  EXPECT_FALSE(answer.rate);
}

TEST(RateSearch, PureNoiseEndsAtTheLimitOfSteps) {
  std::uint32_t steps = 0;
  const SearchAnswer answer =
      search([&](std::uint64_t, std::uint32_t) { return ++steps % 2 == 1; });
  EXPECT_TRUE(answer.end == End::undecided);
  EXPECT_LE(steps, kLimits.most_steps);

  SearchLimits few = kLimits;
  few.most_steps = 12;
  EXPECT_EQ(search(knee(48'123), few).end, End::undecided);
}

TEST(RateSearch, WhatIsKnownWhenItIsStoppedIsOfTheStepsThatWereMade) {
  RateSearch search(kLimits, [](std::uint64_t rate, std::uint32_t) -> bool {
    if (rate > 8000) {
      throw std::runtime_error("stopped");
    }
    return true;
  });
  EXPECT_THROW(search.run(), std::runtime_error);
  EXPECT_EQ(search.known().end, End::unfinished);
  EXPECT_EQ(search.known().rate, 8000U);
  EXPECT_FALSE(search.known().fails);
}

TEST(RateSearch, TheSameAnswersGiveTheSameSteps) {
  const auto steps = [] {
    std::vector<std::uint64_t> rates;
    const Probe probe = soft_knee(50'000, 0.1, 7);
    search([&](std::uint64_t rate, std::uint32_t attempt) {
      rates.push_back(rate);
      return probe(rate, attempt);
    });
    return rates;
  };
  EXPECT_EQ(steps(), steps());
}

}  // namespace
}  // namespace spate::bench
