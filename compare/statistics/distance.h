// How far apart two distributions lie, each given as how often it has which value. Of their shapes
// alone: divide each one's values by its own scale first (its median, say).
#pragma once

#include <cstdint>
#include <optional>
#include <span>

namespace spate::compare {

struct ValueCount {
  double value = 0;
  std::uint64_t count = 0;
};

// Both spans are sorted by value. Both distances are nothing where either has no counts.

// The largest difference between the two distribution functions, 0 to 1. (Kolmogorov 1933, Smirnov
// 1939; Hollander, Wolfe: Nonparametric Statistical Methods, 2nd edition, 1999, 5.4.)
std::optional<double> kolmogorov_smirnov(std::span<const ValueCount> a,
                                         std::span<const ValueCount> b);

// The area between the two distribution functions, in the unit of the values: how far a share of
// one has to be moved on average to make the other of it. (Vallender: Calculation of the
// Wasserstein distance between probability distributions on the line, Theory of Probability 18,
// 1974.)
std::optional<double> wasserstein(std::span<const ValueCount> a, std::span<const ValueCount> b);

}  // namespace spate::compare
