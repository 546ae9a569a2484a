#include "compare/statistics/holm.h"

#include <algorithm>
#include <cstddef>
#include <numeric>

namespace spate::compare {

std::vector<double> holm(std::span<const double> p) {
  std::vector<std::size_t> ascending(p.size());
  std::iota(ascending.begin(), ascending.end(), std::size_t{0});
  std::sort(ascending.begin(), ascending.end(),
            [p](std::size_t a, std::size_t b) { return p[a] < p[b]; });
  std::vector<double> adjusted(p.size());
  double largest = 0;
  for (std::size_t i = 0; i < p.size(); ++i) {
    const auto left = static_cast<double>(p.size() - i);  // hypotheses not yet rejected
    largest = std::max(largest, std::min(1.0, left * p[ascending[i]]));
    adjusted[ascending[i]] = largest;
  }
  return adjusted;
}

}  // namespace spate::compare
