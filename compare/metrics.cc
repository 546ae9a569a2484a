#include "compare/metrics.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>

namespace spate::compare {
namespace {

// One iteration is one message, so cpu_time is CPU per message.
constexpr std::array<Metric, 6> kDelivery{{
    {kThroughput, "throughput", Unit::per_second},
    {"success_rate", "success", Unit::share},
    {"response_ns_mean", "mean resp", Unit::nanoseconds},
    {kResponseP50, "p50 resp", Unit::nanoseconds},
    {"response_ns_p99", "p99 resp", Unit::nanoseconds},
    {"cpu_time_ns", "cpu/message", Unit::nanoseconds},
}};
constexpr std::array<Metric, 2> kTimes{{
    {"real_time_ns", "real time", Unit::nanoseconds},
    {"cpu_time_ns", "cpu time", Unit::nanoseconds},
}};

}  // namespace

std::span<const Metric> metrics_of(const Cell& cell) {
  return cell.identity.is_null() ? std::span<const Metric>(kTimes)
                                 : std::span<const Metric>(kDelivery);
}

std::optional<double> median(std::vector<double> values) {
  if (values.empty()) {
    return std::nullopt;
  }
  std::sort(values.begin(), values.end());
  const std::size_t middle = values.size() / 2;
  if (values.size() % 2 == 1) {
    return values[middle];
  }
  return values[middle - 1] / 2 + values[middle] / 2;  // halved first: a sum might overflow
}

std::optional<double> measure(const Cell& cell, std::string_view key) {
  std::vector<double> values;
  for (const Row* row : measured_rows(cell)) {
    if (const std::optional<double> value = row->value(key); value && !row->error) {
      values.push_back(*value);
    }
  }
  return median(std::move(values));
}

std::optional<double> ratio(std::optional<double> reference, std::optional<double> other) {
  if (!reference || !other) {
    return std::nullopt;
  }
  const double quotient = *other / *reference;
  return std::isfinite(quotient) ? std::optional{quotient} : std::nullopt;
}

}  // namespace spate::compare
