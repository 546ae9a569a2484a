// Where a statistic lies of which no theory tells the distribution: its values over resamples of
// the data, drawn with replacement, and the percentiles of these as the interval's ends. (Efron,
// Tibshirani: An Introduction to the Bootstrap, 1993, 13.3; two samples: 8.3.)
//
// For ten values or fewer the interval is too narrow; prefer the rank intervals where they answer
// the question. An interval of 20 values costs a millisecond: for few, not for all.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "compare/statistics/interval.h"

namespace spate::compare {

// The defaults give every run of the program the same interval.
struct Resampling {
  std::uint64_t seed = 1;
  std::size_t resamples = 1999;  // and the sample itself make 2000: percentiles without rounding
};

// Resample after resample of one sample, a pure function of it, the seed and the stream.
class Resampler {
 public:
  // Refers to `sample`: not empty, and fewer than 2^32 values. Streams of one seed are independent.
  Resampler(std::span<const double> sample, std::uint64_t seed, std::uint64_t stream);

  // As large as the sample; the caller may reorder it, and has it until the next call.
  std::span<double> next();

 private:
  std::span<const double> sample_;
  std::uint64_t state_;
  std::vector<double> drawn_;
};

// The interval that leaves out as many of the estimates at each end as the level allows. Nothing
// where that is none of them, or where an estimate is not finite.
std::optional<Interval> percentile_interval(std::vector<double> estimates, double level);

// `statistic` takes a std::span<double>, which it may reorder, and returns a double. Nothing of an
// empty sample.
template <class Statistic>
std::optional<Interval> bootstrap_interval(std::span<const double> sample,
                                           const Statistic& statistic, double level,
                                           const Resampling& how = {}) {
  if (sample.empty()) {
    return std::nullopt;
  }
  Resampler resampler(sample, how.seed, 0);
  std::vector<double> estimates(how.resamples);
  for (double& estimate : estimates) {
    estimate = statistic(resampler.next());
  }
  return percentile_interval(std::move(estimates), level);
}

// Of statistic(y) / statistic(x), where x is the reference. Nothing where one of these ratios does
// not exist, or where a sample is empty.
template <class Statistic>
std::optional<Interval> bootstrap_ratio_interval(std::span<const double> x,
                                                 std::span<const double> y,
                                                 const Statistic& statistic, double level,
                                                 const Resampling& how = {}) {
  if (x.empty() || y.empty()) {
    return std::nullopt;
  }
  Resampler of_x(x, how.seed, 0);
  Resampler of_y(y, how.seed, 1);
  std::vector<double> ratios(how.resamples);
  for (double& ratio : ratios) {
    ratio = statistic(of_y.next()) / statistic(of_x.next());
  }
  return percentile_interval(std::move(ratios), level);
}

// The two with the median.
std::optional<Interval> bootstrap_median_interval(std::span<const double> sample, double level,
                                                  const Resampling& how = {});
std::optional<Interval> bootstrap_median_ratio_interval(std::span<const double> x,
                                                        std::span<const double> y, double level,
                                                        const Resampling& how = {});

}  // namespace spate::compare
