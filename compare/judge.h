// From the values of two sides to a verdict: better, worse, the same, or that these data cannot
// tell.
//
// Times, rates and quantiles are compared by the ratio of the sides, as differences of logarithms,
// so that exchanging the sides turns every verdict around; proportions by their difference.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "compare/load.h"
#include "compare/schema.h"
#include "compare/statistics/interval.h"

namespace spate::compare {

enum class Verdict : std::uint8_t { better, same, worse, cannot_tell, not_judged };
std::string_view verdict_name(Verdict verdict);

enum class Doubt : std::uint8_t {
  none,
  few_runs,    // no values whatsoever could be significant with so few
  chance,      // the change is as large as the effect, and yet may be chance: p is above alpha
  wide,        // the values vary so much that the interval crosses the effect
  below_zero,  // what is below zero has no ratio to anything
  bound,       // a lower bound on a side that may be any better
};

// The values of one metric, one a unit of replication: a process or, of one process, a repetition.
struct Question {
  Metric metric;
  std::vector<double> reference;
  std::vector<double> other;
  bool paired = false;         // reference[i] and other[i] are of one round; equal sizes
  bool deterministic = false;  // virtual time: one value is all that there is to know
  // Whether a value of the reference, or of the other side, is a bound: the side is at least so
  // good.
  std::array<Bound, 2> bounds{};
};

// What the values say, before anyone asks how many such questions there are.
struct Evidence {
  // Relative to the reference (0.21: larger by 21 %), of a proportion the difference.
  std::optional<double> change;
  std::optional<Interval> interval;  // of the change; none where there are too few values
  std::optional<double> p;           // two-sided; none where no test was made
};

struct Judgement {
  Verdict verdict = Verdict::not_judged;
  Evidence evidence;
  std::optional<double> p_adjusted;
  std::optional<double> detectable;  // the smallest change that these data could have shown
  Doubt doubt = Doubt::none;         // why it cannot be told
  std::size_t runs_needed = 0;       // of each side, where they are too few
  // Worth fresh runs: for the worse by the metric's effect, or by half of it with p at most 0.1.
  // No finding, since so weak a demand is met by chance every now and then.
  bool suspect = false;
};

// Rank tests: of Wilcoxon where paired, of Mann and Whitney else, and the Hodges-Lehmann estimate
// with its interval of 95 % (statistics/). All questions are one family, over which p is adjusted
// (Holm). Then
// - better, worse: the adjusted p is at most alpha and the estimate at or beyond the metric's
// effect.
//   Significance alone would find every change, however small, and size alone every noise.
// - same: the interval lies within the effect on both sides.
// - cannot tell: anything else.
// Where the reference is a bound, only worse stands, which any better value of it would leave;
// where the other side is one, all but worse. Where both are, it cannot be told, unless both hold
// as far as was tried, and that is the same. What is deterministic, or an exact count, is judged by
// its value alone and belongs to no family.
std::vector<Judgement> judge_family(std::span<const Question> questions, double alpha);

}  // namespace spate::compare
