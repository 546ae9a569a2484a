// The exponential distribution in integers, so that every machine draws the same.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

#include "spate/random.h"

namespace spate {

// The unit of what follows: 2^-32.
inline constexpr int kExponentialBits = 32;

namespace exponential_detail {

inline constexpr std::uint64_t kLn2 = 0xb17217f7d1cf79abU;  // ln 2 * 2^64

// Logarithms below are in units of 2^-57: the longest, 64 ln 2, still fits.
inline constexpr int kLogBits = 57;

// ln of a number in [1, 2), which is given in units of 2^-63. Two units too low at the most.
//
// The binary logarithm comes bit by bit: squaring a number in [1, 2) doubles its logarithm, and
// what then is 2 or more has a 1 there (Majithia and Levan, "A note on base-2 logarithm
// computations", Proceedings of the IEEE 61, 1973). Slow: for the table.
constexpr std::int64_t ln_bit_by_bit(std::uint64_t mantissa) {
  std::uint64_t log2 = 0;
  for (int bit = 0; bit < kLogBits; ++bit) {
    const Uint128 square = Uint128{mantissa} * mantissa;
    const bool is_two_or_more = (square >> 127) != 0;
    log2 = log2 * 2 + (is_two_or_more ? 1 : 0);
    mantissa = static_cast<std::uint64_t>(square >> (is_two_or_more ? 64 : 63));
  }
  return static_cast<std::int64_t>(multiply_high(log2, kLn2));
}

inline constexpr int kKnotBits = 8;
inline constexpr std::size_t kKnots = std::size_t{1} << kKnotBits;
struct Knot {
  std::int64_t minus_ln;
  std::uint64_t reciprocal;  // in units of 2^-64; that of 1 is one unit short
};

// At 1 + i / 256.
inline constexpr std::array<Knot, kKnots> kTable = [] {
  std::array<Knot, kKnots> table{};
  for (std::size_t i = 0; i < kKnots; ++i) {
    const Uint128 reciprocal = (Uint128{kKnots} << 64) / (kKnots + i);
    table[i] = {-ln_bit_by_bit((std::uint64_t{kKnots} + i) << (63 - kKnotBits)),
                static_cast<std::uint64_t>(i == 0 ? reciprocal - 1 : reciprocal)};
  }
  return table;
}();

// -ln(1 + r) for r < 2^-8; r and the result are in units of 2^-71. -r + r^2 / 2 - c r^3, and c is
// 1/3 - 2^-8 / 4, so that it is never too low, and 2^-37 too high at the most.
constexpr std::int64_t minus_ln_of_one_and(std::uint64_t r) {
  constexpr std::uint64_t kThird = (std::uint64_t{1} << 50) / 3 - (std::uint64_t{1} << 40);
  const std::uint64_t square = multiply_high(r, r);  // in units of 2^-78
  return static_cast<std::int64_t>((square >> 8) - multiply_high(square, multiply_high(r, kThird)) -
                                   r);
}

}  // namespace exponential_detail

// -ln(u) for u = (draw + 1) / 2^64: exponentially distributed with mean 1 (inverse transform:
// Devroye, "Non-Uniform Random Variate Generation", 1986, II.2). 0 to 44.4, in units of 2^-32,
// rounded down; the error of the logarithm itself is below a twentieth of that.
//
// The logarithm of the mantissa comes from a table of those at 1 + i / 256, and a polynomial for
// what is left (Tang, "Table-driven implementation of the logarithm function in IEEE floating-point
// arithmetic", ACM TOMS 16, 1990).
constexpr std::uint64_t exponential(std::uint64_t draw) {
  using namespace exponential_detail;
  const std::uint64_t x = draw + 1;
  if (x == 0) {
    return 0;  // u is 1
  }
  const int zeros = std::countl_zero(x);
  const std::uint64_t fraction = x << zeros << 1;  // of the mantissa
  const Knot& knot = kTable[fraction >> (64 - kKnotBits)];
  const std::uint64_t rest = multiply_high(fraction << kKnotBits, knot.reciprocal) >> 1;
  const std::int64_t octaves = (zeros + 1) * static_cast<std::int64_t>(kLn2 >> (64 - kLogBits));
  // A sum, not a difference: g++ 12 then leaves the register free in which countl_zero waits for
  // whatever was there before, and draws overlap (twice as fast).
  const std::int64_t sum = knot.minus_ln + (minus_ln_of_one_and(rest) >> (71 - kLogBits)) + octaves;
  return static_cast<std::uint64_t>(sum) >> (kLogBits - kExponentialBits);
}

}  // namespace spate
