#include "spate/latency_model.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "fixed_math.h"
#include "spate/error.h"

namespace spate {
namespace {

using End = QuantileTable::End;

constexpr double kMinAlpha = 0.1;
constexpr double kMaxAlpha = 100.0;

// The draw of the quantile 0.999.
constexpr auto kUsualDraw = static_cast<std::uint64_t>(0.999 * 0x1p64);

// Whole numbers of the largest unit in which it is one.
std::string duration_text(std::int64_t ns) {
  struct Unit {
    std::int64_t ns;
    const char* name;
  };
  for (const Unit& unit : {Unit{1'000'000'000, "s"}, Unit{1'000'000, "ms"}, Unit{1000, "us"}}) {
    if (ns >= unit.ns && ns % unit.ns == 0) {
      return fmt::format("{}{}", ns / unit.ns, unit.name);
    }
  }
  return fmt::format("{}ns", ns);
}

void check_delay(const char* name, std::int64_t ns, std::int64_t least_ns) {
  if (ns < least_ns || ns > kMaxDelayNs) {
    throw Error(fmt::format("{} {}: out of range; give {} to 1 h", name, duration_text(ns),
                            least_ns == 0 ? "0" : duration_text(least_ns)));
  }
}

// Rounded to the nearest; at most what QuantileTable takes.
std::int64_t whole(double ns) { return std::llround(std::min(ns, 0x1p62)); }

// Counts that differ make another number, but for chance.
std::uint64_t digest_of(const LatencyRecorder& recorded) {
  std::uint64_t digest = 0;
  for (std::size_t bucket = 0; bucket < LatencyRecorder::kBuckets; ++bucket) {
    digest = mix64(digest + mix64(bucket) + recorded.counts()[bucket]);
  }
  return digest;
}

}  // namespace

LatencyModel LatencyModel::constant(std::int64_t ns) {
  check_delay("constant latency", ns, 0);
  return uniform(ns, ns);
}

LatencyModel LatencyModel::uniform(std::int64_t min_ns, std::int64_t max_ns) {
  check_delay("min latency", min_ns, 0);
  check_delay("max latency", max_ns, 0);
  if (min_ns > max_ns) {
    throw Error(
        fmt::format("min latency {} is above max latency {}; lower the one or raise the other",
                    duration_text(min_ns), duration_text(max_ns)));
  }
  LatencyModel model;
  model.min_ns_ = min_ns;
  model.max_ns_ = max_ns;
  model.usual_max_ns_ = max_ns;
  model.mean_ns_ = static_cast<double>(min_ns + max_ns) / 2;
  model.text_ = min_ns == max_ns ? fmt::format("constant:{}", duration_text(min_ns))
                                 : fmt::format("uniform:min={},max={}", duration_text(min_ns),
                                               duration_text(max_ns));
  return model;
}

LatencyModel LatencyModel::exponential(std::int64_t mean_ns) {
  check_delay("mean latency", mean_ns, 1);
  const auto mean = static_cast<double>(mean_ns);
  return of_quantiles(fmt::format("exponential:mean={}", duration_text(mean_ns)),
                      [=](End end, double distance) {
                        const double above = end == End::upper ? distance : 1 - distance;
                        return whole(-mean * fixed_math::ln(above));
                      });
}

LatencyModel LatencyModel::lognormal(std::int64_t p50_ns, std::int64_t p99_ns) {
  check_delay("p50 latency", p50_ns, 1);
  check_delay("p99 latency", p99_ns, 1);
  if (p99_ns <= p50_ns) {
    throw Error(
        fmt::format("p99 latency {} is not above p50 latency {}; lower the one or raise the other",
                    duration_text(p99_ns), duration_text(p50_ns)));
  }
  const auto p50 = static_cast<double>(p50_ns);
  const double sigma =
      fixed_math::ln(static_cast<double>(p99_ns) / p50) / -fixed_math::normal_quantile(0.01);
  return of_quantiles(
      fmt::format("lognormal:p50={},p99={}", duration_text(p50_ns), duration_text(p99_ns)),
      [=](End end, double distance) {
        const double z = fixed_math::normal_quantile(distance);
        return whole(p50 * fixed_math::exp(sigma * (end == End::upper ? -z : z)));
      });
}

LatencyModel LatencyModel::pareto(std::int64_t min_ns, std::int64_t max_ns, double alpha) {
  check_delay("min latency", min_ns, 1);
  check_delay("max latency", max_ns, 1);
  if (min_ns >= max_ns) {
    throw Error(
        fmt::format("max latency {} is not above min latency {}; lower the one or raise the other",
                    duration_text(max_ns), duration_text(min_ns)));
  }
  if (!(alpha >= kMinAlpha && alpha <= kMaxAlpha)) {
    throw Error(fmt::format("alpha {}: out of range; give {} to {}", alpha, kMinAlpha, kMaxAlpha));
  }
  const auto min = static_cast<double>(min_ns);
  const double rest =  // (min / max)^alpha: what an unbounded one would have above max
      fixed_math::exp(std::max(alpha * fixed_math::ln(min / static_cast<double>(max_ns)), -690.0));
  return of_quantiles(fmt::format("pareto:min={},max={},alpha={}", duration_text(min_ns),
                                  duration_text(max_ns), alpha),
                      [=](End end, double distance) {
                        const double above = end == End::upper ? rest + distance * (1 - rest)
                                                               : 1 - distance * (1 - rest);
                        return whole(min * fixed_math::exp(-fixed_math::ln(above) / alpha));
                      });
}

LatencyModel LatencyModel::empirical(const LatencyRecorder& recorded) {
  // By its counts alone, as they are the model's name.
  const LatencyRecorder counted = LatencyRecorder::from_counts(recorded.counts());
  if (counted.count() == 0) {
    throw Error("latency histogram: it is empty; give one of a run that delivered something");
  }
  if (counted.overflow() > 0) {
    throw Error(fmt::format("latency histogram: {} of its {} latencies are above 1 h; give another",
                            counted.overflow(), counted.count()));
  }
  LatencyModel model;
  model.min_ns_ = counted.min();
  model.max_ns_ = std::min(counted.max(), kMaxDelayNs);
  model.usual_max_ns_ = std::min(counted.quantile(0.999), kMaxDelayNs);
  model.mean_ns_ = counted.mean();
  model.text_ = fmt::format("from:{:016x}", digest_of(counted));
  model.alias_ = std::make_shared<const AliasTable>(counted);
  return model;
}

LatencyModel LatencyModel::of_quantiles(std::string text, const QuantileTable::Quantile& quantile) {
  auto table = std::make_shared<const QuantileTable>(quantile);
  if (table->max() > kMaxDelayNs) {
    throw Error(fmt::format(
        "latency {}: more than one in 2^40 would be above 1 h; lower or narrow it", text));
  }
  LatencyModel model;
  model.min_ns_ = table->min();
  model.max_ns_ = table->max();
  model.usual_max_ns_ = table->at(kUsualDraw);
  model.mean_ns_ = table->mean();
  model.text_ = std::move(text);
  model.quantiles_ = std::move(table);
  return model;
}

}  // namespace spate
