// What chance may do: bounds for counts of keyed draws.
#pragma once

#include <cmath>
#include <cstdint>
#include <vector>

namespace spate::testing_support {

// Why one in a million: a seed is fixed, so a test's verdict never changes from run to run; alpha
// only says how strange a seed's result may be before the draws are called wrong. With some tens of
// such checks and alpha = 1e-6 a right generator passes all of them but for one choice of seeds in
// ten thousand, while a proportion that is off by five standard deviations is found.
inline constexpr double kAlpha = 1e-6;

struct Bounds {
  std::uint64_t least;
  std::uint64_t most;
};

// The narrowest interval that a Binomial(n, p) count leaves, on each side, with a probability of at
// most alpha / 2. From the probability mass function itself, summed from its logarithms: no normal
// approximation, which is poor where n * p is small. 0 < p < 1.
inline Bounds binomial_bounds(std::uint64_t n, double p, double alpha = kAlpha) {
  std::vector<double> log_mass(n + 1);
  log_mass[0] = static_cast<double>(n) * std::log1p(-p);
  for (std::uint64_t k = 0; k < n; ++k) {
    log_mass[k + 1] = log_mass[k] + std::log(p) - std::log1p(-p) +
                      std::log(static_cast<double>(n - k)) - std::log(static_cast<double>(k + 1));
  }
  Bounds bounds{0, n};
  for (double below = std::exp(log_mass[0]); below <= alpha / 2;) {
    below += std::exp(log_mass[++bounds.least]);
  }
  for (double above = std::exp(log_mass[n]); above <= alpha / 2;) {
    above += std::exp(log_mass[--bounds.most]);
  }
  return bounds;
}

// Pearson's statistic for counts that should all be equal.
inline double chi_square(const std::vector<std::uint64_t>& counts) {
  double total = 0;
  for (const std::uint64_t count : counts) {
    total += static_cast<double>(count);
  }
  const double expected = total / static_cast<double>(counts.size());
  double sum = 0;
  for (const std::uint64_t count : counts) {
    const double off = static_cast<double>(count) - expected;
    sum += off * off / expected;
  }
  return sum;
}

// P(X <= x) of a chi-square variable: the regularised lower incomplete gamma function, by its power
// series (Abramowitz and Stegun, 6.5.29), which converges everywhere.
inline double chi_square_cdf(double x, double degrees) {
  const double a = degrees / 2;
  const double half = x / 2;
  double term = std::exp(a * std::log(half) - half - std::lgamma(a + 1));
  double sum = term;
  for (int n = 1; n < 100'000 && term > sum * 1e-16; ++n) {
    term *= half / (a + n);
    sum += term;
  }
  return sum;
}

// Neither too uneven nor too even to be chance.
inline bool looks_uniform(const std::vector<std::uint64_t>& counts) {
  const double below = chi_square_cdf(chi_square(counts), static_cast<double>(counts.size() - 1));
  return below > kAlpha / 2 && below < 1 - kAlpha / 2;
}

}  // namespace spate::testing_support
