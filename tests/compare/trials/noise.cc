#include "tests/compare/trials/noise.h"

#include <cmath>
#include <numbers>

namespace spate::compare {
namespace {

// In (0, 1]; std::uniform_real_distribution differs between libraries.
double draw_uniform(Random& random) {
  constexpr int kMantissa = 53;
  return std::ldexp(static_cast<double>(random() >> (64 - kMantissa)) + 1, -kMantissa);
}

std::vector<double> draw_spread(std::size_t count, double sigma, Random& random) {
  std::vector<double> result(count);
  for (double& value : result) {
    value = sigma * draw_normal(random);
  }
  return result;
}

std::vector<double> steady(std::size_t count, Random& random) {
  return draw_spread(count, 0.03, random);
}

std::vector<double> noisy(std::size_t count, Random& random) {
  return draw_spread(count, 0.10, random);
}

// Beyond every effect: what protects here is alpha alone.
std::vector<double> wild(std::size_t count, Random& random) {
  return draw_spread(count, 0.30, random);
}

// Student's t with 3 degrees of freedom: a normal over the root of a mean of three squares.
std::vector<double> heavy_tailed(std::size_t count, Random& random) {
  std::vector<double> result = draw_spread(count, 0.03, random);
  for (double& value : result) {
    double squares = 0;
    for (int i = 0; i < 3; ++i) {
      const double z = draw_normal(random);
      squares += z * z;
    }
    value /= std::sqrt(squares / 3);
  }
  return result;
}

// Three of ten processes get the worse memory layout.
std::vector<double> two_states(std::size_t count, Random& random) {
  std::vector<double> result = draw_spread(count, 0.02, random);
  for (double& value : result) {
    value += draw_uniform(random) <= 0.3 ? 0.14 : 0;
  }
  return result;
}

std::vector<double> drift(std::size_t count, Random& random) {
  std::vector<double> result = draw_spread(count, 0.03, random);
  for (std::size_t i = 0; i < count; ++i) {
    result[i] += 0.3 * static_cast<double>(i) / static_cast<double>(count);
  }
  return result;
}

// What one process meets, the next mostly meets too.
std::vector<double> neighbour(std::size_t count, Random& random) {
  constexpr double kMemory = 0.9;
  std::vector<double> result = draw_spread(count, 0.02, random);
  double load = draw_normal(random);
  for (double& value : result) {
    value += 0.08 * load;
    load = kMemory * load + std::sqrt(1 - kMemory * kMemory) * draw_normal(random);
  }
  return result;
}

}  // namespace

const std::vector<Noise>& noises() {
  static const std::vector<Noise> kNoises{
      {"steady, 3 %", steady},
      {"noisy, 10 %", noisy},
      {"wild, 30 %", wild},
      {"heavy-tailed", heavy_tailed},
      {"two states, 15 % apart", two_states},
      {"drift of 30 %", drift},
      {"a neighbour, 8 %", neighbour},
  };
  return kNoises;
}

// Box and Muller's.
double draw_normal(Random& random) {
  const double radius = std::sqrt(-2 * std::log(draw_uniform(random)));
  return radius * std::cos(2 * std::numbers::pi * draw_uniform(random));
}

}  // namespace spate::compare
