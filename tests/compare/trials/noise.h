// How processes on a shared machine differ from each other though they do the same.
#pragma once

#include <cstddef>
#include <random>
#include <string_view>
#include <vector>

namespace spate::compare {

using Random = std::mt19937_64;

struct Noise {
  std::string_view name;
  // Logarithms of what each of `count` processes, in the order in which they ran, measures of a
  // quantity that is 1.
  std::vector<double> (*draw)(std::size_t count, Random& random);
};

// Steady, noisy, heavy-tailed, two states, a drift, and a neighbour who comes and goes.
const std::vector<Noise>& noises();

double draw_normal(Random& random);

}  // namespace spate::compare
