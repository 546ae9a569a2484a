// A distribution as its quantiles, in a table of integers: a draw costs two loads and a product.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <functional>

#include "spate/log_linear.h"

namespace spate {

// Quantiles in nanoseconds, by their distance from the nearer end of (0, 1). The knots lie
// log-linearly in that distance, 64 to an octave, so that the tails are as fine as the middle;
// straight lines between them. For a smooth distribution of light tails that is an error of 10^-4
// and less; for a Pareto distribution about 2 * 10^-4 at alpha 0.5 and 2 * 10^-3 at alpha 0.1.
//
// Whatever is nearer to an end than 2^-40 is drawn as if it were just there: so there is a longest
// latency, and what is cut off no run is long enough to miss.
//
// Immutable, so any thread may draw. 34 KiB, of which draws mostly touch two.
class QuantileTable {
 public:
  static constexpr int kTailBits = 40;
  enum class End : std::uint8_t { lower, upper };

  // The quantile whose probability lies so far from that end: 2^-40 … 1/2. It must not fall from
  // the lower end to the upper, and be 0 … 2^62.
  using Quantile = std::function<std::int64_t(End end, double distance)>;
  explicit QuantileTable(const Quantile& quantile);

  // Never falls where the draw rises.
  std::int64_t at(std::uint64_t draw) const noexcept {
    const std::uint64_t is_upper = draw >> 63;
    const std::uint64_t distance = draw ^ (0 - is_upper);  // in units of 2^-64, below 1/2
    // The arithmetic of LogLinear, with its unit at 2^kDropped.
    constexpr std::uint64_t kOwnKnot = (std::uint64_t{2} << (kOctaveBits + kDropped)) - 1;
    const int shift = 63 - kOctaveBits - std::countl_zero(distance | kOwnKnot);
    const std::size_t knot = (static_cast<std::size_t>(shift - kDropped) << kOctaveBits) +
                             static_cast<std::size_t>(distance >> shift);
    const auto beyond = static_cast<std::int64_t>(distance << (64 - shift) >> 1);  // 2^-63
    const Knots& knots = knots_[is_upper];
    const std::int64_t step = knots[knot + 1] - knots[knot];
    return knots[knot] + static_cast<std::int64_t>((Int128{step} * beyond) >> 63);
  }

  std::int64_t min() const noexcept { return knots_.front().front(); }
  std::int64_t max() const noexcept { return knots_.back().front(); }
  // Of what is drawn: straight lines and all. (Floating point, so for people only.)
  double mean() const noexcept;

 private:
  __extension__ using Int128 = __int128;
  static constexpr int kOctaveBits = 6;
  static constexpr int kDropped = 64 - kTailBits;
  static constexpr LogLinear kLayout{.sub_bucket_bits = kOctaveBits, .value_bits = kTailBits - 1};
  using Knots = std::array<std::int64_t, kLayout.size() + 1>;  // the last one is the median

  static constexpr std::int64_t distance_at(std::size_t knot) {  // in units of 2^-40
    return knot < kLayout.size() ? kLayout.lowest_at(knot) : std::int64_t{1} << (kTailBits - 1);
  }

  std::array<Knots, 2> knots_;  // by End
};

}  // namespace spate
