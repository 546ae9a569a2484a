// How long the mock takes: distributions of latency, drawn in integers.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "spate/alias_table.h"
#include "spate/latency_recorder.h"
#include "spate/quantile_table.h"
#include "spate/random.h"

namespace spate {

// No delay of any kind is longer: what the recorder can tell apart.
inline constexpr std::int64_t kMaxDelayNs = LatencyRecorder::kHighestNs;

// A distribution of latencies in nanoseconds, 0 to 1 h. A value: cheap to copy (copies share the
// tables, which never change), safe to draw from in any number of threads.
//
// Every machine, compiler and build type draws the same. uniform() is exact; the other analytic
// models are quantile tables (see QuantileTable for what their straight lines and ends cost), made
// by arithmetic that IEEE 754 fixes to the last bit; empirical() is an alias table of integers.
//
// The factories throw Error, one line, on parameters out of range, and where more than one latency
// in 2^40 would be above 1 h.
class LatencyModel {
 public:
  // The same model as uniform(ns, ns).
  static LatencyModel constant(std::int64_t ns);

  // Both ends included.
  static LatencyModel uniform(std::int64_t min_ns, std::int64_t max_ns);

  // Quantiles -mean ln(1 - u) (inverse transform: Devroye, "Non-Uniform Random Variate Generation",
  // 1986, II.2).
  static LatencyModel exponential(std::int64_t mean_ns);

  // Quantiles p50 exp(sigma z(u)), with z those of the normal distribution and sigma =
  // ln(p99 / p50) / z(0.99) (Johnson, Kotz, Balakrishnan, "Continuous Univariate Distributions" 1,
  // 1994, chapter 14).
  static LatencyModel lognormal(std::int64_t p50_ns, std::int64_t p99_ns);

  // The bounded Pareto distribution, quantiles min (1 - u (1 - (min / max)^alpha))^(-1 / alpha)
  // (Harchol-Balter, "Performance Modeling and Design of Computer Systems", 2013, 20.3).
  static LatencyModel pareto(std::int64_t min_ns, std::int64_t max_ns, double alpha);

  // As often from each bucket as it was recorded, evenly from all of the bucket.
  static LatencyModel empirical(const LatencyRecorder& recorded);

  // A pure function of the draw; analytic models never fall where it rises.
  std::int64_t draw_ns(std::uint64_t draw) const noexcept {
    if (quantiles_ != nullptr) {
      return quantiles_->at(draw);
    }
    if (alias_ != nullptr) {
      return alias_->at(draw);
    }
    const auto span = static_cast<std::uint64_t>(max_ns_ - min_ns_) + 1;
    return min_ns_ + static_cast<std::int64_t>(scaled(draw, span));
  }

  // The shortest and the longest that can be drawn.
  std::int64_t min_ns() const noexcept { return min_ns_; }
  std::int64_t max_ns() const noexcept { return max_ns_; }
  // All but one in a thousand are no longer, or there is no longer one; for sizing.
  std::int64_t usual_max_ns() const noexcept { return usual_max_ns_; }
  // For people, and for estimates of load.
  double mean_ns() const noexcept { return mean_ns_; }

  bool is_uniform() const noexcept { return quantiles_ == nullptr && alias_ == nullptr; }
  // Canonical, such as "exponential:mean=1ms"; two models of one text draw the same. An empirical
  // one goes by a digest of its counts: "from:0123456789abcdef".
  const std::string& text() const noexcept { return text_; }
  friend bool operator==(const LatencyModel& a, const LatencyModel& b) {
    return a.text_ == b.text_;
  }

 private:
  LatencyModel() = default;
  static LatencyModel of_quantiles(std::string text, const QuantileTable::Quantile& quantile);

  std::int64_t min_ns_ = 0;
  std::int64_t max_ns_ = 0;
  std::shared_ptr<const QuantileTable> quantiles_;
  std::shared_ptr<const AliasTable> alias_;
  std::int64_t usual_max_ns_ = 0;
  double mean_ns_ = 0;
  std::string text_;
};

}  // namespace spate
