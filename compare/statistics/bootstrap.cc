#include "compare/statistics/bootstrap.h"

#include <algorithm>
#include <cmath>

#include "compare/statistics/order_statistics.h"

namespace spate::compare {
namespace {

// SplitMix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, OOPSLA 2014):
// mixed multiples of an odd constant, 2^64 divided by the golden ratio.
constexpr std::uint64_t kStep = 0x9e3779b97f4a7c15U;

std::uint64_t mix(std::uint64_t x) {
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9U;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebU;
  return x ^ (x >> 31);
}

}  // namespace

Resampler::Resampler(std::span<const double> sample, std::uint64_t seed, std::uint64_t stream)
    : sample_(sample), state_(mix(mix(seed + kStep) + stream)), drawn_(sample.size()) {}

std::span<double> Resampler::next() {
  for (double& value : drawn_) {
    state_ += kStep;
    value = sample_[((mix(state_) >> 32) * sample_.size()) >> 32];  // 32 random bits as a fraction
  }
  return drawn_;
}

std::optional<Interval> percentile_interval(std::vector<double> estimates, double level) {
  const auto places = static_cast<double>(estimates.size() + 1);
  const double order = std::floor(places * (1 - level) / 2 + 1e-9);  // 1 - 0.9 is less than 0.1
  const bool all_finite = std::all_of(estimates.begin(), estimates.end(),
                                      [](double value) { return std::isfinite(value); });
  if (order < 1 || !all_finite) {
    return std::nullopt;
  }
  return estimate_of(estimates, OrderBound{static_cast<std::size_t>(order), 1 - 2 * order / places})
      .interval;
}

std::optional<Interval> bootstrap_median_interval(std::span<const double> sample, double level,
                                                  const Resampling& how) {
  return bootstrap_interval(sample, median_in_place, level, how);
}

std::optional<Interval> bootstrap_median_ratio_interval(std::span<const double> x,
                                                        std::span<const double> y, double level,
                                                        const Resampling& how) {
  return bootstrap_ratio_interval(x, y, median_in_place, level, how);
}

}  // namespace spate::compare
