// Log-linear bucket layout: octaves, each cut into equally wide sub-buckets. HdrHistogram's, so its
// tools can read what is counted with it.
#pragma once

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>

namespace spate {

// Values 0 … highest() have an index 0 … size() - 1, in order. Up to 2^(sub_bucket_bits + 1) each
// value has its own bucket; above, a bucket is at most 1 / 2^sub_bucket_bits of its lowest value
// wide, which is the relative error. 7 bits are HdrHistogram with 2 significant digits.
//
// Pure integer arithmetic without loops or divisions; with a constexpr layout it folds to a handful
// of instructions. Formulas: HdrHistogram, AbstractHistogram.java, countsArrayIndex() and
// valueFromIndex() at unit magnitude 0, with their bucket and sub-bucket joined into one number.
struct LogLinear {
  int sub_bucket_bits;  // 0 … value_bits - 1
  int value_bits;       // at most 63; the layout covers what fits into so many bits

  constexpr std::int64_t highest() const noexcept {
    return static_cast<std::int64_t>((std::uint64_t{1} << value_bits) - 1);
  }

  constexpr std::size_t size() const noexcept {
    return static_cast<std::size_t>(value_bits - sub_bucket_bits + 1) << sub_bucket_bits;
  }

  // Wants 0 <= value <= highest(); checks nothing.
  constexpr std::size_t index_of(std::int64_t value) const noexcept {
    const auto bits = static_cast<std::uint64_t>(value);
    // The mask gives the values with a bucket of their own the shift 0, without a branch.
    const std::uint64_t own_bucket_mask = (std::uint64_t{2} << sub_bucket_bits) - 1;
    const int shift = 63 - sub_bucket_bits - std::countl_zero(bits | own_bucket_mask);
    return (static_cast<std::size_t>(shift) << sub_bucket_bits) + (bits >> shift);
  }

  // Wants index < size(); so do the next two.
  constexpr std::int64_t lowest_at(std::size_t index) const noexcept {
    const int shift = shift_at(index);
    const std::size_t scaled = index - (static_cast<std::size_t>(shift) << sub_bucket_bits);
    return static_cast<std::int64_t>(std::uint64_t{scaled} << shift);
  }

  constexpr std::int64_t highest_at(std::size_t index) const noexcept {
    return lowest_at(index) + ((std::int64_t{1} << shift_at(index)) - 1);
  }

  // HdrHistogram's "median equivalent value": lowest plus half the width.
  constexpr std::int64_t middle_at(std::size_t index) const noexcept {
    return lowest_at(index) + ((std::int64_t{1} << shift_at(index)) >> 1);
  }

 private:
  // The buckets at this index are 2^shift wide. The first two octaves share width 1.
  constexpr int shift_at(std::size_t index) const noexcept {
    const int octave = static_cast<int>(index >> sub_bucket_bits);
    return octave > 0 ? octave - 1 : 0;
  }
};

// Which of `count` values in ascending order, from 1 on, is the quantile q: ceil(q * count), but
// one step below q before rounding up, as HdrHistogram does: 0.999 is not exactly a double, and
// 0.999 of 1000 must be rank 999, never 1000. Precondition: count > 0.
inline std::uint64_t rank_of(double q, std::uint64_t count) noexcept {
  if (!(q > 0.0)) {
    return 1;
  }
  const double below = std::nextafter(std::min(q, 1.0), 0.0);
  const double rank = std::ceil(below * static_cast<double>(count));
  return std::clamp<std::uint64_t>(static_cast<std::uint64_t>(rank), 1, count);
}

}  // namespace spate
