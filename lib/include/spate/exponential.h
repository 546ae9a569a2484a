// The exponential distribution in integers, so that every machine draws the same.
#pragma once

#include <bit>
#include <cstdint>

#include "spate/random.h"

namespace spate {

// The unit of what follows: 2^-32.
inline constexpr int kExponentialBits = 32;

// -ln(u) for u = (draw + 1) / 2^64: exponentially distributed with mean 1 (inverse transform:
// Devroye, "Non-Uniform Random Variate Generation", 1986, II.2). 0 to 44.4, in units of 2^-32, at
// most two of them off.
//
// The binary logarithm comes bit by bit: squaring a number in [1, 2) doubles its logarithm, and
// what then is 2 or more has a 1 there (Majithia and Levan, "A note on base-2 logarithm
// computations", Proceedings of the IEEE 61, 1973).
constexpr std::uint64_t exponential(std::uint64_t draw) {
  constexpr std::uint64_t kLn2 = 0xb17217f7d1cf79abU;  // ln 2 * 2^64
  const std::uint64_t x = draw + 1;
  if (x == 0) {
    return 0;  // u is 1
  }
  const int zeros = std::countl_zero(x);
  std::uint64_t mantissa = x << zeros;  // in units of 2^-63
  std::uint64_t fraction = 0;           // of the logarithm of the mantissa
  for (int bit = 0; bit < kExponentialBits; ++bit) {
    const Uint128 square = Uint128{mantissa} * mantissa;
    const auto high = static_cast<std::uint64_t>(square >> 64);
    const std::uint64_t is_two_or_more = high >> 63;
    fraction = fraction * 2 + is_two_or_more;
    // Halved where it is 2 or more; by masks, as no processor can predict that branch.
    const std::uint64_t halved = ~std::uint64_t{0} * is_two_or_more;
    mantissa = (high & halved) | (static_cast<std::uint64_t>(square >> 63) & ~halved);
  }
  const std::uint64_t minus_log2 =
      (static_cast<std::uint64_t>(zeros + 1) << kExponentialBits) - fraction;
  return multiply_high(minus_log2, kLn2);
}

}  // namespace spate
