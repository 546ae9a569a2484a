#include "compare/statistics/fisher_exact.h"

#include <algorithm>

namespace spate::compare {

// Only ratios of neighbouring probabilities are needed, each of which is a quotient of four counts.
// Taken from the most likely table outwards nothing overflows, and what underflows is nothing.
double fisher_exact_p(const TwoByTwo& table) {
  const std::size_t flagged = table.flagged_having + table.flagged_lacking;
  const std::size_t having = table.flagged_having + table.other_having;
  const std::size_t all = flagged + table.other_having + table.other_lacking;
  const std::size_t lowest = flagged + having > all ? flagged + having - all : 0;
  const std::size_t highest = std::min(flagged, having);
  const auto mode =
      static_cast<std::size_t>(static_cast<double>(flagged + 1) * static_cast<double>(having + 1) /
                               static_cast<double>(all + 2));
  // P(k + 1) / P(k)
  const auto growth = [&](std::size_t k) {
    return static_cast<double>(flagged - k) * static_cast<double>(having - k) /
           (static_cast<double>(k + 1) * static_cast<double>(all + k + 1 - flagged - having));
  };
  const std::size_t start = std::clamp(mode, lowest, highest);
  double sum = 0;
  double tail = 0;
  const auto add = [&](std::size_t k, double weight) {
    sum += weight;
    tail += k >= table.flagged_having ? weight : 0;
  };
  double weight = 1;
  for (std::size_t k = start; k <= highest; ++k) {
    add(k, weight);
    weight *= growth(k);
  }
  weight = 1;
  for (std::size_t k = start; k > lowest; --k) {
    weight /= growth(k - 1);
    add(k - 1, weight);
  }
  return tail / sum;
}

}  // namespace spate::compare
