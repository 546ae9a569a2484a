#include "compare/statistics/normal.h"

#include <cmath>
#include <numbers>

namespace spate::compare {
namespace {

double density(double z) {
  return std::exp(-z * z / 2) * std::numbers::inv_sqrtpi / std::numbers::sqrt2;
}

}  // namespace

double normal_upper_tail(double z) { return std::erfc(z / std::numbers::sqrt2) / 2; }

// Newton's method on the logarithm of the tail, which is concave: from a start above the root it
// only descends. P(Z >= z) <= exp(-z^2 / 2) / 2 for z >= 0 gives such a start.
double normal_upper_quantile(double tail) {
  double z = std::sqrt(std::fmax(0, -2 * std::log(2 * tail)));
  while (true) {
    const double reached = normal_upper_tail(z);
    const double next = z + std::log(reached / tail) * reached / density(z);
    if (!(next < z)) {
      return z;
    }
    z = next;
  }
}

}  // namespace spate::compare
