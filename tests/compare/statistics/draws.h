// Samples from a fixed seed, the same with every standard library.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <random>
#include <vector>

namespace spate::compare {

class Draws {
 public:
  explicit Draws(std::uint64_t seed) : generator_(seed) {}

  // Uniform in (0, 1).
  double uniform() { return (static_cast<double>(generator_() >> 12) + 0.5) / 4503599627370496.0; }

  // Skewed, as latencies are; mean 1.
  double exponential() { return -std::log(uniform()); }

  // Integers 0 to `distinct` - 1: with ties where these are few.
  std::vector<double> integers(std::size_t n, std::uint64_t distinct) {
    std::vector<double> values(n);
    for (double& value : values) {
      value = static_cast<double>(generator_() % distinct);
    }
    return values;
  }

  std::vector<double> exponentials(std::size_t n, double shift = 0) {
    std::vector<double> values(n);
    for (double& value : values) {
      value = shift + exponential();
    }
    return values;
  }

 private:
  std::mt19937_64 generator_;
};

// Of `trials` of chance `p`, 4 standard deviations of the binomial distribution: chance alone goes
// further than that once in 16,000 cases.
inline double binomial_slack(std::size_t trials, double p) {
  return 4 * std::sqrt(static_cast<double>(trials) * p * (1 - p));
}

}  // namespace spate::compare
