// Two independent samples: does one tend to larger values, and by how much?
//
// All values are finite, and those of `x` are the reference. Nothing is assumed of the
// distributions for the test; for the shift, that they have one shape. Any number of threads may
// call these.
#pragma once

#include <cstddef>
#include <span>

#include "compare/statistics/interval.h"

namespace spate::compare {

// Up to so many pairs of a value of x and one of y the null distribution is counted out; that costs
// a millisecond or two at the limit, with ties each time, without them once.
inline constexpr std::size_t kMaxExactPairs = 2500;

// Two-sided p of the Mann-Whitney U test: twice the smaller tail, and at most 1. Exact, with ties
// too: those are arranged as they are. Twice the tail, and not the probability of a distance from
// the mean, because the direction matters to who asks (better or worse): each has half of the
// error. Beyond kMaxExactPairs by the normal approximation with corrections for ties and
// continuity. Without values on either side there is no evidence: 1. (Hollander, Wolfe:
// Nonparametric Statistical Methods, 2nd edition, 1999, 4.1.)
double rank_sum_p(std::span<const double> x, std::span<const double> y);

// The smallest p that samples of these sizes can have: of two that don't overlap.
double smallest_rank_sum_p(std::size_t n, std::size_t m);

// How far y lies above x, by Hodges and Lehmann: the median of all differences y - x, each of which
// is held in memory. Neither sample is empty. (Hollander, Wolfe, 4.2.)
//
// The interval lies between two of these differences; its level counts the ends in, and with ties
// it is more. It excludes 0 just where rank_sum_p is at most 1 - level, unless values tie. (4.3.)
Estimate shift(std::span<const double> x, std::span<const double> y, double level);

}  // namespace spate::compare
