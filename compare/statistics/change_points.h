// Where the level of a series changes, and does not merely look as if it did.
//
// By divisions, as E-divisive (Matteson, James: A Nonparametric Approach for Multiple Change Point
// Analysis of Multivariate Data, JASA 109, 2014): the split or stretch that stands out most is held
// against what random orders of the same values show, and where it stands out, each part is looked
// at in the same way. What stands out is measured by the cumulative sums of E. S. Page,
// standardised (Csoergoe, Horvath: Limit Theorems in Change-Point Analysis, 1997, 2.1), and not by
// distances: they cost a pass and not a square. So p needs nothing of the noise but that its order
// is chance (Antoch, Huskova: Permutation tests in change point analysis, Statistics & Probability
// Letters 53, 2001). That an order is chance is not taken for granted either: where neighbours
// resemble each other, also once the change is taken out, less counts as evidence; but for a change
// that is far beyond all that is left then, and that no series shows which wanders.
//
// Values are finite. The same values give the same answer everywhere; any number of threads may
// call these.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace spate::compare {

// A level that fewer values than this have held is none yet.
inline constexpr std::size_t kMinSegment = 3;

struct ChangePoint {
  std::size_t at = 0;  // the first value of the new level
  double p = 1;        // of this look at this part of the series, corrected for the search
};

// Each in order.
struct LevelChanges {
  std::vector<ChangePoint> shown;
  // What would be shown if the order were chance within the levels: the same, or more where
  // neighbours resemble each other. Which of that is a change then, nobody can tell.
  std::vector<ChangePoint> if_chance;
};

// `alpha`, above 0: how often a series whose order is chance may show any at all.
LevelChanges change_points(std::span<const double> values, double alpha);

// Of fewer values no order whatsoever can be told from chance.
std::size_t fewest_values(double alpha);

}  // namespace spate::compare
