#include "compare/mode_comparison.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "compare/error.h"
#include "compare/fields.h"
#include "compare/hdr_histogram.h"
#include "compare/metrics.h"
#include "compare/schema.h"
#include "compare/statistics/bootstrap.h"
#include "compare/statistics/distance.h"
#include "compare/statistics/rank_sum.h"

namespace spate::compare {
namespace {

constexpr std::array<std::string_view, 14> kLedger{
    "expected",   "delivered", "failed",    "crashed", "rejected",  "unknown", "lost",
    "duplicated", "reordered", "recovered", "aliens",  "anomalies", "spiked",  "shed"};

struct Run {
  Fields row;
  std::optional<Fields> spate;
  std::optional<HdrHistogram> response_ns;
};
using Side = std::vector<Run>;

std::optional<HdrHistogram> response_histogram(const Fields& row, const Fields& spate) {
  const std::optional<std::string> text = spate.text("response_histogram");
  if (!text) {
    return std::nullopt;
  }
  try {
    HdrHistogram histogram = decode_hdr(*text);
    if (const std::optional<double> max_ns = row.count("response_ns_max")) {
      histogram.set_max(static_cast<std::int64_t>(*max_ns));
    }
    return histogram;
  } catch (const Error& error) {
    throw Error(fmt::format("{}: {}", spate.where(), error.what()));
  }
}

Run read_run(const nlohmann::json& json) {
  const Fields unnamed(json, "a row");
  const Fields row(json, fmt::format("row '{}'", unnamed.text("name").value_or("")));
  Run run{row, row.object("spate"), std::nullopt};
  if (run.spate) {
    run.response_ns = response_histogram(row, *run.spate);
  }
  return run;
}

Side read_runs(Runs rows) {
  Side side;
  for (const nlohmann::json* const row : rows) {
    side.push_back(read_run(*row));
  }
  return side;
}

// The values that exist.
template <class Range, class Get>
std::vector<double> values_of(const Range& range, Get get) {
  std::vector<double> values;
  for (const auto& element : range) {
    if (const std::optional<double> value = get(element)) {
      values.push_back(*value);
    }
  }
  return values;
}

auto number_of(std::string_view name) {
  return [name](const Run& run) { return run.row.number(name); };
}

std::optional<double> cpu_ns_of(const Run& run) {
  const std::optional<double> time = run.row.number(kCpuTime);
  const std::optional<double> factor = ns_per(run.row.text("time_unit").value_or("ns"));
  return time && factor ? std::optional{*time * *factor} : std::nullopt;
}

template <class Get>
SidePair medians(const Side& reference, const Side& other, Get get) {
  return {median(values_of(reference, get)), median(values_of(other, get))};
}

std::optional<Interval> ratio_interval(const std::vector<double>& reference,
                                       const std::vector<double>& other) {
  if (std::min(reference.size(), other.size()) < kMinResampled) {
    return std::nullopt;
  }
  return bootstrap_median_ratio_interval(reference, other, kConfidence);
}

template <class Get>
RatioPair ratio_pair(const Side& reference, const Side& other, Get get) {
  const SidePair values = medians(reference, other, get);
  return {values, ratio(values.reference, values.other),
          ratio_interval(values_of(reference, get), values_of(other, get))};
}

// The objects in the array `name` of what a row says in `spate`.
std::vector<Fields> elements(const Run& run, std::string_view name) {
  std::vector<Fields> result;
  if (!run.spate) {
    return result;
  }
  const nlohmann::json& object = run.spate->json();
  const auto array = object.find(name);
  if (array == object.end() || array->is_null()) {
    return result;
  }
  const std::string where = fmt::format("{}: '{}'", run.spate->where(), name);
  if (!array->is_array()) {
    throw Error(fmt::format("{} is of type {}; expected an array", where, array->type_name()));
  }
  for (const nlohmann::json& element : *array) {
    result.emplace_back(element, where);
  }
  return result;
}

std::vector<double> numbers_in(const Run& run, std::string_view array, std::string_view name) {
  return values_of(elements(run, array), [&](const Fields& f) { return f.number(name); });
}

// The quantiles that a row keeps of each window, by their names there.
std::string_view window_key(double quantile) {
  if (quantile == 0.5) {
    return "response_ns_p50";
  }
  return quantile == 0.99 ? "response_ns_p99" : "";
}

QuantilePair quantile_pair(const Side& reference, const Side& other, double quantile) {
  const auto of_run = [quantile](const Run& run) -> std::optional<double> {
    const auto ns = run.response_ns ? run.response_ns->quantile(quantile) : std::nullopt;
    return ns ? std::optional(static_cast<double>(*ns)) : std::nullopt;
  };
  QuantilePair pair{ratio_pair(reference, other, of_run), quantile};
  const std::string_view key = window_key(quantile);
  if (reference.size() == 1 && other.size() == 1 && !key.empty()) {
    pair.interval = ratio_interval(numbers_in(reference.front(), "windows", key),
                                   numbers_in(other.front(), "windows", key));
  }
  return pair;
}

SuccessPair success_pair(const Side& reference, const Side& other) {
  const auto get = number_of("success_rate");
  SuccessPair pair{medians(reference, other, get), std::nullopt, std::nullopt};
  if (pair.reference && pair.other) {
    const Estimate estimate = shift(values_of(reference, get), values_of(other, get), kConfidence);
    pair.difference = estimate.value;
    pair.interval = estimate.interval;
  }
  return pair;
}

// A run's response times as a distribution, as they are and in units of their mean.
struct Shape {
  double mean_ns = 0;
  std::vector<ValueCount> measured;
  std::vector<ValueCount> scale_removed;
};

std::vector<Shape> shapes_of(const Side& side) {
  std::vector<Shape> shapes;
  for (const Run& run : side) {
    const std::optional<double> mean_ns = run.response_ns ? run.response_ns->mean() : std::nullopt;
    if (!mean_ns || *mean_ns == 0) {
      continue;  // nothing came, or all of it in no time: there is no shape
    }
    Shape& shape = shapes.emplace_back();
    shape.mean_ns = *mean_ns;
    for (const HdrBucket& bucket : run.response_ns->buckets()) {
      const auto ns = static_cast<double>(bucket.middle_ns());
      shape.measured.push_back({ns, bucket.count});
      shape.scale_removed.push_back({ns / *mean_ns, bucket.count});
    }
  }
  return shapes;
}

class DistanceMedian {
 public:
  void add(std::span<const ValueCount> reference, std::span<const ValueCount> other, double mean) {
    kolmogorov_smirnov_.push_back(*kolmogorov_smirnov(reference, other));
    wasserstein_over_mean_.push_back(*wasserstein(reference, other) / mean);
  }

  std::optional<ShapeDistance> result() && {
    if (kolmogorov_smirnov_.empty()) {
      return std::nullopt;
    }
    return ShapeDistance{*median(std::move(kolmogorov_smirnov_)),
                         *median(std::move(wasserstein_over_mean_))};
  }

 private:
  std::vector<double> kolmogorov_smirnov_;
  std::vector<double> wasserstein_over_mean_;
};

ShapePair shape_pair(const Side& reference, const Side& other) {
  DistanceMedian measured;
  DistanceMedian scale_removed;
  const std::vector<Shape> others = shapes_of(other);
  for (const Shape& x : shapes_of(reference)) {
    for (const Shape& y : others) {
      measured.add(x.measured, y.measured, x.mean_ns);
      scale_removed.add(x.scale_removed, y.scale_removed, 1);
    }
  }
  return {std::move(measured).result(), std::move(scale_removed).result()};
}

SidePair spread_pair(const Side& reference, const Side& other, std::string_view name) {
  return medians(reference, other, [name](const Run& run) -> std::optional<double> {
    const std::vector<double> values = numbers_in(run, "agents", name);
    if (values.size() < 2) {
      return std::nullopt;
    }
    const auto [least, most] = std::minmax_element(values.begin(), values.end());
    return ratio(median(values), *most - *least);
  });
}

std::vector<LedgerDifference> ledger_differences(const Side& reference, const Side& other) {
  std::vector<LedgerDifference> differences;
  for (const std::string_view counter : kLedger) {
    const SidePair counts = medians(reference, other, number_of(counter));
    if (counts.reference != counts.other) {
      differences.push_back({counts, counter});
    }
  }
  return differences;
}

// By how many messages their runs sent.
using DigestsByLength = std::map<double, std::set<std::string>>;

DigestsByLength digests_of(const Side& side) {
  DigestsByLength digests;
  for (const Run& run : side) {
    const std::optional<double> length = run.row.number("iterations");
    const std::optional<std::string> digest = run.spate ? run.spate->text("digest") : std::nullopt;
    if (length && digest) {
      digests[*length].insert(*digest);
    }
  }
  return digests;
}

Digests compare_digests(const Side& reference, const Side& other) {
  const DigestsByLength others = digests_of(other);
  Digests result = Digests::unknown;
  for (auto [length, digests] : digests_of(reference)) {
    const auto same_length = others.find(length);
    if (same_length == others.end()) {
      continue;
    }
    digests.insert(same_length->second.begin(), same_length->second.end());
    if (digests.size() > 1) {
      return Digests::different;
    }
    result = Digests::equal;
  }
  return result;
}

}  // namespace

ModeComparison compare_runs(Runs reference_rows, Runs other_rows,
                            std::span<const double> quantiles) {
  const Side reference = read_runs(reference_rows);
  const Side other = read_runs(other_rows);
  ModeComparison result;
  result.runs = {reference.size(), other.size()};
  result.throughput = ratio_pair(reference, other, number_of(kThroughput));
  result.cpu_ns = ratio_pair(reference, other, cpu_ns_of);
  result.mean_ns = ratio_pair(reference, other, number_of("response_ns_mean"));
  result.success = success_pair(reference, other);
  for (const double quantile : quantiles) {
    result.quantiles.push_back(quantile_pair(reference, other, quantile));
  }
  result.shapes = shape_pair(reference, other);
  result.agent_spread = {spread_pair(reference, other, "response_ns_mean"),
                         spread_pair(reference, other, "delivered")};
  result.ledger = ledger_differences(reference, other);
  result.digests = compare_digests(reference, other);
  return result;
}

}  // namespace spate::compare
