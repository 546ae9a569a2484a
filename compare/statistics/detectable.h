// What "no difference was found" is worth: how large a difference would have been found.
#pragma once

namespace spate::compare {

// The smallest true effect that a two-sided test at `alpha` finds with probability `power`, where
// the data gave an interval of `half_width` with confidence `level` (as reached, not as asked). In
// the effect's own unit. The multiplier of the standard error of Bloom: Minimum detectable effects,
// Evaluation Review 19, 1995; the standard error is read off the interval, both as if normal.
//
// A test that cannot reach alpha with its sizes finds nothing, however large: ask
// smallest_rank_sum_p and smallest_signed_rank_p first.
double smallest_detectable_effect(double half_width, double level, double alpha,
                                  double power = 0.8);

}  // namespace spate::compare
