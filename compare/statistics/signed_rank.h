// Paired values, by their differences d (second - first of each pair): do they tend to one side of
// zero, and where is their middle?
//
// All differences are finite. Their distribution is taken to be symmetric about its middle. Any
// number of threads may call these.
#pragma once

#include <cstddef>
#include <span>

#include "compare/statistics/interval.h"

namespace spate::compare {

// Up to so many differences the null distribution is counted out; that costs less than a
// millisecond at the limit, with ties each time, without them once.
inline constexpr std::size_t kMaxExactDifferences = 100;

// Two-sided p of Wilcoxon's signed rank test, whether the middle is zero: exact, with ties too.
// Differences that are zero speak for neither side: they are dropped before the ranking, as
// Wilcoxon did, and if none is left, p is 1. Beyond kMaxExactDifferences by the normal
// approximation with corrections for ties and continuity.
// (Hollander, Wolfe: Nonparametric Statistical Methods, 2nd edition, 1999, 3.1.)
double signed_rank_p(std::span<const double> d);

// The smallest p that so many differences can have: of those that are all on one side.
double smallest_signed_rank_p(std::size_t n);

// The middle of the differences, by Hodges and Lehmann: the median of the Walsh averages (a + b) /
// 2 of every two of them and of each with itself, all held in memory. Zeros are values like any
// other. There must be a difference. (Hollander, Wolfe, 3.2.)
//
// The interval lies between two of the Walsh averages; its level counts the ends in, and with ties
// it is more. (3.3.)
Estimate pseudomedian(std::span<const double> d, double level);

}  // namespace spate::compare
