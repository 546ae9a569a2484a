#include "spate/quantile_table.h"

#include <algorithm>

namespace spate {
namespace {

constexpr double kDistanceUnit = 0x1p-40;
static_assert(QuantileTable::kTailBits == 40);

}  // namespace

QuantileTable::QuantileTable(const Quantile& quantile) {
  for (const End end : {End::lower, End::upper}) {
    Knots& knots = knots_[static_cast<std::size_t>(end)];
    for (std::size_t knot = 0; knot < knots.size(); ++knot) {
      const std::int64_t distance = std::max<std::int64_t>(distance_at(knot), 1);
      knots[knot] = quantile(end, static_cast<double>(distance) * kDistanceUnit);
    }
  }
  // Both halves end at the median; they must agree about it.
  knots_.back().back() = knots_.front().back();
}

double QuantileTable::mean() const noexcept {
  double sum = 0;
  for (const Knots& knots : knots_) {
    for (std::size_t knot = 0; knot + 1 < knots.size(); ++knot) {
      const std::int64_t width = distance_at(knot + 1) - distance_at(knot);
      const double middle =
          (static_cast<double>(knots[knot]) + static_cast<double>(knots[knot + 1])) / 2;
      sum += static_cast<double>(width) * kDistanceUnit * middle;
    }
  }
  return sum;
}

}  // namespace spate
