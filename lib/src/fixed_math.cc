#include "fixed_math.h"

#include <array>
#include <bit>
#include <cfloat>
#include <cmath>
#include <cstddef>
#include <cstdint>

namespace spate::fixed_math {
namespace {

static_assert(FLT_EVAL_METHOD == 0, "a double must be computed as a double");

constexpr double kLn2 = 0x1.62e42fefa39efp-1;
constexpr int kMantissaBits = 52;
constexpr std::int64_t kExponentBias = 1023;

// c[0] + c[1] x + c[2] x^2 + …
template <std::size_t N>
double polynomial(const std::array<double, N>& c, double x) {
  double sum = c[N - 1];
  for (std::size_t i = N - 1; i-- > 0;) {
    sum = sum * x + c[i];
  }
  return sum;
}

double power_of_two(std::int64_t exponent) {
  return std::bit_cast<double>((exponent + kExponentBias) << kMantissaBits);
}

}  // namespace

// The area tangent's series: ln x = 2 artanh((x - 1) / (x + 1)), for x near 1.
double ln(double x) {
  constexpr int kTerms = 12;
  std::int64_t exponent = (std::bit_cast<std::int64_t>(x) >> kMantissaBits) - kExponentBias;
  double mantissa = x / power_of_two(exponent);
  if (mantissa > 1.414213562373095) {
    mantissa /= 2;
    ++exponent;
  }
  const double s = (mantissa - 1) / (mantissa + 1);
  double sum = 0;
  for (int term = kTerms; term >= 0; --term) {
    sum = sum * s * s + 1.0 / (2 * term + 1);
  }
  return static_cast<double>(exponent) * kLn2 + 2 * s * sum;
}

// Taylor's series for what is left of x after whole powers of two.
double exp(double x) {
  constexpr int kTerms = 15;
  const double halves = x / kLn2 + (x < 0 ? -0.5 : 0.5);
  const auto exponent = static_cast<std::int64_t>(halves);  // rounded to the nearest
  const double rest = x - static_cast<double>(exponent) * kLn2;
  double sum = 1;
  for (int term = kTerms; term > 0; --term) {
    sum = 1 + sum * rest / term;
  }
  return sum * power_of_two(exponent);
}

double normal_quantile(double p) {
  const double q = p - 0.5;
  if (q >= -0.425) {
    constexpr std::array kOver{3.3871328727963666080e0, 1.3314166789178437745e2,
                               1.9715909503065514427e3, 1.3731693765509461125e4,
                               4.5921953931549871457e4, 6.7265770927008700853e4,
                               3.3430575583588128105e4, 2.5090809287301226727e3};
    constexpr std::array kUnder{1.0,
                                4.2313330701600911252e1,
                                6.8718700749205790830e2,
                                5.3941960214247511077e3,
                                2.1213794301586595867e4,
                                3.9307895800092710610e4,
                                2.8729085735721942674e4,
                                5.2264952788528545610e3};
    const double r = 0.180625 - q * q;
    return q * polynomial(kOver, r) / polynomial(kUnder, r);
  }
  const double r = std::sqrt(-ln(p));
  if (r <= 5) {
    constexpr std::array kOver{1.42343711074968357734e0,  4.63033784615654529590e0,
                               5.76949722146069140550e0,  3.64784832476320460504e0,
                               1.27045825245236838258e0,  2.41780725177450611770e-1,
                               2.27238449892691845833e-2, 7.74545014278341407640e-4};
    constexpr std::array kUnder{1.0,
                                2.05319162663775882187e0,
                                1.67638483018380384940e0,
                                6.89767334985100004550e-1,
                                1.48103976427480074590e-1,
                                1.51986665636164571966e-2,
                                5.47593808499534494600e-4,
                                1.05075007164441684324e-9};
    return -polynomial(kOver, r - 1.6) / polynomial(kUnder, r - 1.6);
  }
  constexpr std::array kOver{6.65790464350110377720e0,  5.46378491116411436990e0,
                             1.78482653991729133580e0,  2.96560571828504891230e-1,
                             2.65321895265761230930e-2, 1.24266094738807843860e-3,
                             2.71155556874348757815e-5, 2.01033439929228813265e-7};
  constexpr std::array kUnder{1.0,
                              5.99832206555887937690e-1,
                              1.36929880922735805310e-1,
                              1.48753612908506148525e-2,
                              7.86869131145613259100e-4,
                              1.84631831751005468180e-5,
                              1.42151175831644588870e-7,
                              2.04426310338993978564e-15};
  return -polynomial(kOver, r - 5) / polynomial(kUnder, r - 5);
}

}  // namespace spate::fixed_math
