// The four verdicts from values made for them, and how the sizes that a doubt names keep their
// word.
#include "compare/judge.h"

#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "compare/statistics/holm.h"
#include "tests/compare/sample.h"
#include "tests/compare/statistics/draws.h"

namespace spate::compare {
namespace {

constexpr double kAlpha = 0.001;

Metric metric_named(const std::string& key) {
  const bool of_delivery = key == "success_rate";
  return Schema().resolve(key, of_delivery, "").metric;
}

// Of a time whose smallest change that matters is 10 %.
Question of_time(std::vector<double> reference, std::vector<double> other) {
  return {metric_named("real_time"), std::move(reference), std::move(other)};
}

Question of_share(std::vector<double> reference, std::vector<double> other) {
  return {metric_named("success_rate"), std::move(reference), std::move(other)};
}

Question of_count(Direction direction, std::vector<double> reference, std::vector<double> other) {
  Question question;
  question.metric.metric_class = MetricClass::exact_count;
  question.metric.direction = direction;
  question.reference = std::move(reference);
  question.other = std::move(other);
  return question;
}

Question fixed(Question question) {
  question.deterministic = true;
  return question;
}

Question paired(Question question) {
  question.paired = true;
  return question;
}

Judgement judge(const Question& question, double alpha = kAlpha) {
  return judge_family(std::vector{question}, alpha).at(0);
}

// Values about 1, each `deviation` off on average: the sum of twelve draws is close to normal.
std::vector<double> noisy(Draws& draws, std::size_t count, double deviation) {
  std::vector<double> values(count);
  for (double& value : values) {
    double sum = -6;
    for (int i = 0; i < 12; ++i) {
      sum += draws.uniform();
    }
    value = std::exp(deviation * sum);
  }
  return values;
}

std::vector<double> scaled(std::vector<double> values, double factor) {
  for (double& value : values) {
    value *= factor;
  }
  return values;
}

TEST(Judge, ALargeChangeOfSteadyValuesIsWorseOrBetter) {
  const Judgement slower = judge(of_time(around(100), around(130)));
  EXPECT_EQ(slower.verdict, Verdict::worse);
  EXPECT_NEAR(*slower.evidence.change, 0.30, 0.01);
  EXPECT_LE(*slower.p_adjusted, kAlpha);
  EXPECT_EQ(judge(of_time(around(130), around(100))).verdict, Verdict::better);
}

TEST(Judge, WhereMoreIsBetterLessIsWorse) {
  Question question = of_time(around(100), around(70));
  question.metric = metric_named("items_per_second");
  EXPECT_EQ(judge(question).verdict, Verdict::worse);
  std::swap(question.reference, question.other);
  EXPECT_EQ(judge(question).verdict, Verdict::better);
}

TEST(Judge, ABoundShowsOnlyThatItsSideIsAtLeastSoGood) {
  const auto verdict = [](double base, double fresh, std::array<Bound, 2> bounds) {
    Question question = of_time(around(base), around(fresh));
    question.bounds = bounds;
    const Judgement judgement = judge(question);
    EXPECT_EQ(judgement.doubt == Doubt::bound, judgement.verdict == Verdict::cannot_tell);
    return judgement.verdict;
  };
  for (const Bound bound : {Bound::tried, Bound::open}) {
    EXPECT_EQ(verdict(100, 130, {bound, Bound::none}), Verdict::worse);
    EXPECT_EQ(verdict(100, 100, {bound, Bound::none}), Verdict::cannot_tell);
    EXPECT_EQ(verdict(130, 100, {bound, Bound::none}), Verdict::cannot_tell);
    EXPECT_EQ(verdict(100, 130, {Bound::none, bound}), Verdict::cannot_tell);
    EXPECT_EQ(verdict(100, 100, {Bound::none, bound}), Verdict::same);
    EXPECT_EQ(verdict(130, 100, {Bound::none, bound}), Verdict::better);
    EXPECT_EQ(verdict(100, 130, {bound, bound}), Verdict::cannot_tell);
    EXPECT_EQ(verdict(130, 100, {bound, bound}), Verdict::cannot_tell);
  }
  EXPECT_EQ(verdict(100, 100, {Bound::tried, Bound::tried}), Verdict::same);
  EXPECT_EQ(verdict(100, 100, {Bound::tried, Bound::open}), Verdict::cannot_tell);
  EXPECT_EQ(verdict(100, 100, {Bound::open, Bound::tried}), Verdict::cannot_tell);
  EXPECT_EQ(verdict(100, 100, {Bound::open, Bound::open}), Verdict::cannot_tell);
}

TEST(Judge, ASignificantChangeThatDoesNotMatterIsTheSame) {
  const Judgement slightly = judge(of_time(around(100), around(105)));
  EXPECT_LE(*slightly.p_adjusted, kAlpha);
  EXPECT_EQ(slightly.verdict, Verdict::same);
}

TEST(Judge, ALargeChangeThatChanceExplainsIsNotWorse) {
  const Judgement odd = judge(of_time({80, 90, 95, 100, 105, 120, 500}, around(130, 7)));
  EXPECT_GT(*odd.evidence.change, 0.10);
  EXPECT_GT(*odd.p_adjusted, kAlpha);
  EXPECT_EQ(odd.verdict, Verdict::cannot_tell);
  EXPECT_EQ(odd.doubt, Doubt::chance);
}

TEST(Judge, AChangeOfJustTheSizeThatMattersCounts) {
  Question question = fixed(of_time({4}, {5}));
  question.metric.effect = 0.25;
  EXPECT_EQ(judge(question).verdict, Verdict::worse);
  EXPECT_EQ(judge(fixed(of_time({5}, {4}))).verdict, Verdict::better);
  question.other = {4.99};
  EXPECT_EQ(judge(question).verdict, Verdict::same);
}

TEST(Judge, TheSameNeedsTheIntervalWithinTheEffectOnBothSides) {
  const std::vector<double> wide{90, 94, 97, 100, 103, 106, 110};
  for (const double factor : {1.07, 1 / 1.07}) {
    const Judgement result = judge(of_time(wide, scaled(wide, factor)));
    EXPECT_LT(std::abs(*result.evidence.change), 0.10);
    EXPECT_EQ(result.verdict, Verdict::cannot_tell) << factor;
    EXPECT_EQ(result.doubt, Doubt::wide);
  }
  EXPECT_EQ(judge(of_time(wide, wide)).verdict, Verdict::same);
}

// Four of each side give an interval of 95 %, though no test of alpha 0.001.
TEST(Judge, FewRunsMayBeTheSameButNeverWorse) {
  EXPECT_EQ(judge(of_time(around(100, 4), around(100, 4))).verdict, Verdict::same);
  EXPECT_EQ(judge(of_time(around(100, 3), around(100, 3))).verdict, Verdict::cannot_tell);
  const Judgement few = judge(of_time(around(100, 6), around(900, 6)));
  EXPECT_EQ(few.verdict, Verdict::cannot_tell);
  EXPECT_EQ(few.doubt, Doubt::few_runs);
  EXPECT_EQ(few.detectable, std::nullopt);
}

TEST(Judge, SoManyRunsAsItSaysSufficeAndOneLessDoesNot) {
  for (const double alpha : {0.05, 0.001, 0.0001}) {
    for (const std::size_t tests : {1U, 2U, 5U}) {
      for (const bool is_paired : {false, true}) {
        const auto with_runs = [&](std::size_t runs) {
          Question question = of_time(around(100, runs), around(200, runs));
          question.paired = is_paired;
          std::vector<Question> family(tests, of_time(around(100, 30), around(100, 30)));
          family.front() = question;
          return judge_family(family, alpha).front();
        };
        const Judgement few = with_runs(1);
        ASSERT_EQ(few.doubt, Doubt::few_runs);
        ASSERT_GT(few.runs_needed, 1U);
        EXPECT_EQ(with_runs(few.runs_needed).verdict, Verdict::worse);
        EXPECT_EQ(with_runs(few.runs_needed - 1).doubt, Doubt::few_runs);
      }
    }
  }
}

// 7 % is more than half of the effect, but less than all of it.
TEST(Judge, SuspectIsWhatIsWorseByTheEffectOrByHalfOfItAndNotByChance) {
  const auto is_suspect = [](double middle, std::size_t runs) {
    return judge(of_time(around(100, runs), around(middle, runs))).suspect;
  };
  EXPECT_TRUE(is_suspect(111, 1));
  EXPECT_FALSE(is_suspect(107, 2)) << "p is 1/3";
  EXPECT_TRUE(is_suspect(107, 4));
  EXPECT_FALSE(is_suspect(104, 10));
  EXPECT_FALSE(is_suspect(50, 10)) << "better";
}

TEST(Judge, WithoutValuesNothingIsSaid) {
  for (const Question& question :
       {of_time({}, {1}), of_time({1}, {}), of_time({}, {}), fixed(of_time({1}, {})),
        fixed(of_time({}, {1})), of_count(Direction::none, {}, {3})}) {
    const Judgement result = judge(question);
    EXPECT_EQ(result.verdict, Verdict::cannot_tell);
    EXPECT_EQ(result.doubt, Doubt::few_runs);
    EXPECT_EQ(result.runs_needed, 0U);
    EXPECT_EQ(result.evidence.change, std::nullopt);
  }
}

TEST(Judge, AChangeThatItCallsDetectableIsFoundInMostDraws) {
  Draws draws(5);
  constexpr int kTrials = 400;
  int found = 0;
  for (int trial = 0; trial < kTrials; ++trial) {
    const std::vector<double> reference = noisy(draws, 12, 0.2);
    const Judgement doubtful = judge(of_time(reference, noisy(draws, 12, 0.2)));
    ASSERT_TRUE(doubtful.detectable);
    const double factor = 1 + *doubtful.detectable;
    const Judgement changed =
        judge(of_time(noisy(draws, 12, 0.2), scaled(noisy(draws, 12, 0.2), factor)));
    found += changed.verdict == Verdict::worse ? 1 : 0;
  }
  EXPECT_GT(found, kTrials * 6 / 10);
  EXPECT_LT(found, kTrials * 95 / 100) << "a smaller change could have been promised";
}

TEST(Judge, NothingBelowTheEffectIsCalledDetectable) {
  EXPECT_EQ(judge(of_time(around(100), around(100))).detectable, 0.10);
}

TEST(Judge, ExchangedSidesGetTheMirroredVerdict) {
  Draws draws(11);
  for (int trial = 0; trial < 200; ++trial) {
    const double factor = 0.7 + 0.6 * draws.uniform();
    Question question = of_time(noisy(draws, 9, 0.05), scaled(noisy(draws, 9, 0.05), factor));
    question.paired = trial % 2 == 1;
    const Judgement there = judge(question);
    std::swap(question.reference, question.other);
    const Judgement back = judge(question);
    const Verdict mirrored = there.verdict == Verdict::worse    ? Verdict::better
                             : there.verdict == Verdict::better ? Verdict::worse
                                                                : there.verdict;
    EXPECT_EQ(back.verdict, mirrored);
    EXPECT_EQ(back.doubt, there.doubt);
    EXPECT_DOUBLE_EQ(*back.p_adjusted, *there.p_adjusted);
    EXPECT_NEAR((1 + *back.evidence.change) * (1 + *there.evidence.change), 1, 1e-9);
    EXPECT_NEAR((1 + back.evidence.interval->low) * (1 + there.evidence.interval->high), 1, 1e-9);
    EXPECT_NEAR(*back.detectable, *there.detectable, 1e-9);
  }
}

TEST(Judge, AllTestsOfAFamilyShareAlpha) {
  const std::vector<Question> family{of_time(around(100, 7), around(200, 7)),
                                     of_time(around(100, 8), around(200, 8)),
                                     of_time(around(100, 9), around(120, 9))};
  std::vector<double> p;
  for (const Question& question : family) {
    p.push_back(*judge(question).evidence.p);
    EXPECT_EQ(judge(question).verdict, Verdict::worse);
  }
  const std::vector<Judgement> judged = judge_family(family, kAlpha);
  const std::vector<double> adjusted = holm(p);
  for (std::size_t i = 0; i < family.size(); ++i) {
    EXPECT_EQ(judged[i].evidence.p, p[i]);
    EXPECT_EQ(judged[i].p_adjusted, adjusted[i]);
  }
  EXPECT_EQ(judged[2].verdict, Verdict::worse);
  // Alone it was significant, with p 0.0006; of six it is not.
  std::vector<Question> larger(3, of_time(around(100), around(100)));
  larger.insert(larger.end(), family.begin(), family.end());
  EXPECT_EQ(judge_family(larger, kAlpha)[3].verdict, Verdict::cannot_tell);
}

TEST(Judge, WhatIsFixedOrHasNoValuesBelongsToNoFamily) {
  const Question tested = of_time(around(100), around(200));
  const std::vector<Judgement> judged =
      judge_family(std::vector{fixed(of_time({1}, {1})), of_time({}, {}),
                               of_count(Direction::none, {1}, {1}), tested, of_time({-1}, {1})},
                   kAlpha);
  EXPECT_EQ(judged[3].p_adjusted, judge(tested).evidence.p);
  EXPECT_EQ(judged[0].p_adjusted, std::nullopt);
  EXPECT_EQ(judged[4].doubt, Doubt::below_zero);
}

// The machine gets hotter from round to round, by far more than the sides differ.
TEST(Judge, PairsSeeThroughADriftThatHidesTheChangeElse) {
  std::vector<double> reference;
  std::vector<double> other;
  for (int round = 0; round < 12; ++round) {
    reference.push_back(100 * std::pow(1.2, round));
    other.push_back(reference.back() * (1.14 + 0.001 * round));
  }
  const Question question = of_time(reference, other);
  EXPECT_EQ(judge(question).verdict, Verdict::cannot_tell);
  EXPECT_EQ(judge(paired(question)).verdict, Verdict::worse);
}

TEST(Judge, ValuesBelowZeroHaveNoRatio) {
  for (const Question& question :
       {of_time({-1}, {-1}), of_time({1}, {-1}), fixed(of_time({-1}, {5}))}) {
    const Judgement result = judge(question);
    EXPECT_EQ(result.verdict, Verdict::cannot_tell);
    EXPECT_EQ(result.doubt, Doubt::below_zero);
    EXPECT_EQ(result.evidence.change, std::nullopt);
  }
}

// Of ten runs two came to nothing, and the others to ten times as much as before.
TEST(Judge, SomeZerosAmongOtherValuesHideNoChange) {
  std::vector<double> slower = around(1000);
  slower[0] = slower[1] = 0;
  const Judgement result = judge(of_time(around(100, 20), slower), 0.01);
  EXPECT_EQ(result.verdict, Verdict::worse);
  EXPECT_NEAR(*result.evidence.change, 9, 0.5);
  std::vector<double> one_zero = around(100, 20);
  one_zero[0] = 0;
  EXPECT_EQ(judge(of_time(around(100, 20), one_zero)).verdict, Verdict::same);
  Question rate = of_time(around(100), std::vector<double>(10, 0));
  rate.metric = metric_named("items_per_second");
  rate.other[9] = 1;
  EXPECT_EQ(judge(rate).verdict, Verdict::worse);
}

// Where nothing was allocated, any allocation is more than any effect.
TEST(Judge, WhatWasZeroAndIsNoMoreHasChangedBeyondAnyEffect) {
  const std::vector<double> zeros(10, 0);
  for (Question question :
       {of_time(zeros, around(5)), paired(of_time(zeros, around(5))), fixed(of_time({0}, {5}))}) {
    const Judgement there = judge(question, 0.002);
    EXPECT_EQ(there.verdict, Verdict::worse);
    EXPECT_TRUE(std::isinf(*there.evidence.change));
    EXPECT_EQ(there.detectable, std::nullopt);
    std::swap(question.reference, question.other);
    const Judgement back = judge(question, 0.002);
    EXPECT_EQ(back.verdict, Verdict::better);
    EXPECT_EQ(*back.evidence.change, -1);
  }
  const Judgement few = judge(of_time({0, 0}, {5, 5}));
  EXPECT_EQ(few.doubt, Doubt::few_runs);
  EXPECT_TRUE(few.suspect);
}

// Ranks see the middle of the runs, which is as it was; but a quarter of all messages was lost.
TEST(Judge, RunsThatFailWhollyAreNotTheSame) {
  std::vector<double> some_failed(12, 1);
  some_failed[0] = some_failed[4] = some_failed[8] = 0;
  const std::vector<double> all_well(12, 1);
  EXPECT_EQ(judge(of_share(all_well, some_failed)).verdict, Verdict::cannot_tell);
  EXPECT_EQ(judge(of_share(all_well, all_well)).verdict, Verdict::same);
}

TEST(Judge, NothingButZerosIsTheSame) {
  const std::vector<double> zeros(8, 0);
  EXPECT_EQ(judge(of_time(zeros, zeros)).verdict, Verdict::same);
  EXPECT_EQ(judge(fixed(of_time({0}, {0}))).verdict, Verdict::same);
}

TEST(Judge, SharesAreComparedByTheirDifference) {
  const Judgement fewer = judge(of_share(around(0.95), scaled(around(0.95), 0.93 / 0.95)));
  EXPECT_EQ(fewer.verdict, Verdict::worse);
  EXPECT_NEAR(*fewer.evidence.change, -0.02, 1e-3);
  // Half of a tiny share is a hundredth of a point: as a ratio it would be a catastrophe.
  const Judgement tiny = judge(of_share(std::vector<double>(8, 0.0002), std::vector<double>(8, 0)));
  EXPECT_EQ(tiny.verdict, Verdict::same);
  EXPECT_EQ(judge(fixed(of_share({0.95}, {0.97}))).verdict, Verdict::better);
}

TEST(Judge, AnyChangeOfAnExactCountIsAFinding) {
  const auto verdict_of_counts = [](Direction direction, std::vector<double> reference,
                                    std::vector<double> other) {
    return judge(of_count(direction, std::move(reference), std::move(other))).verdict;
  };
  EXPECT_EQ(verdict_of_counts(Direction::none, {1000000}, {1000000}), Verdict::same);
  EXPECT_EQ(verdict_of_counts(Direction::none, {1000000}, {1000001}), Verdict::worse);
  EXPECT_EQ(verdict_of_counts(Direction::none, {1000001}, {1000000}), Verdict::worse);
  EXPECT_EQ(verdict_of_counts(Direction::none, {7, 7, 7}, {7, 8, 7}), Verdict::worse);
  EXPECT_EQ(verdict_of_counts(Direction::none, {7, 8, 7}, {7, 7, 7}), Verdict::worse);
  EXPECT_EQ(verdict_of_counts(Direction::lower_is_better, {7, 8, 7}, {7, 7, 7}), Verdict::worse);
  EXPECT_EQ(verdict_of_counts(Direction::lower_is_better, {8}, {7}), Verdict::better);
  EXPECT_EQ(verdict_of_counts(Direction::lower_is_better, {0}, {7}), Verdict::worse);
  EXPECT_EQ(verdict_of_counts(Direction::higher_is_better, {0}, {7}), Verdict::better);
  EXPECT_EQ(verdict_of_counts(Direction::higher_is_better, {8}, {7}), Verdict::worse);
}

TEST(Judge, OfVirtualTimeOneRunIsAllThatThereIsToKnow) {
  const Judgement slower = judge(fixed(of_time({100}, {120})));
  EXPECT_EQ(slower.verdict, Verdict::worse);
  EXPECT_NEAR(*slower.evidence.change, 0.20, 1e-12);
  EXPECT_EQ(slower.evidence.p, std::nullopt);
  EXPECT_EQ(judge(fixed(of_time({120}, {100}))).verdict, Verdict::better);
  EXPECT_EQ(judge(fixed(of_time({100}, {109}))).verdict, Verdict::same);
}

}  // namespace
}  // namespace spate::compare
