// What is compared of a cell, and how repetitions and pairs become one number.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "compare/cells.h"

namespace spate::compare {

enum class Unit : std::uint8_t { nanoseconds, per_second, share };

struct Metric {
  std::string_view key;    // in Row::numbers and in the JSON report
  std::string_view title;  // for people
  Unit unit = Unit::nanoseconds;
};

inline constexpr std::string_view kThroughput = "messages_per_second";
inline constexpr std::string_view kResponseP50 = "response_ns_p50";

// A delivery's cells have their counters; any other benchmark has Google Benchmark's two times.
std::span<const Metric> metrics_of(const Cell& cell);

// Of an even number of values, the mean of the middle two; nothing of none.
std::optional<double> median(std::vector<double> values);

// The median over the cell's repetitions that did not fail and have the value.
std::optional<double> measure(const Cell& cell, std::string_view key);

// other / reference; nothing where either is missing or the quotient is not finite.
std::optional<double> ratio(std::optional<double> reference, std::optional<double> other);

}  // namespace spate::compare
