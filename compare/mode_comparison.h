// What one cell has under two delivery modes, side by side: how like the mock is the real thing?
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "compare/statistics/interval.h"

namespace spate::compare {

inline constexpr std::array<double, 4> kQuantiles{0.5, 0.9, 0.99, 0.999};

// The confidence that every interval here asks for; the rank intervals reach more.
inline constexpr double kConfidence = 0.95;

// From so few values a bootstrap interval of their median cannot reach that: of 5 values even the
// whole range has the median in it in 94 of 100 samples, of 3 in 75.
inline constexpr std::size_t kMinResampled = 5;

// Medians over the runs that have the value.
struct SidePair {
  std::optional<double> reference;
  std::optional<double> other;
};

struct RatioPair : SidePair {
  std::optional<double> ratio;       // other / reference
  std::optional<Interval> interval;  // of the ratio, by bootstrap over the runs of each side
};

// A quantile of the response times: of each run by its histogram. Messages of several runs are
// never pooled: those of one run are not independent.
struct QuantilePair : RatioPair {
  // Of one run a side, `interval` is over the ten windows of each, where these have the quantile:
  // how much the run wavered. It is about the medians of the windows, so the ratio of the whole
  // runs need not lie in it.
  double quantile = 0;
};

// A run's success rate is one observation, however many messages it had.
struct SuccessPair : SidePair {
  std::optional<double> difference;  // other - reference, Hodges-Lehmann; 0.01 is a point
  std::optional<Interval> interval;  // of the difference, by ranks: takes 4 runs a side at least
};

struct ShapeDistance {
  double kolmogorov_smirnov = 0;
  double wasserstein_over_mean = 0;  // the reference's mean
};

// How far apart the response times lie: the median over all pairs of a run of one side and one of
// the other. Where the scale is removed, each run's times are divided by their own mean. A
// histogram's bucket counts at its middle, and without scale the buckets of two runs no longer
// meet: there, up to the share of the fullest bucket is no difference.
struct ShapePair {
  std::optional<ShapeDistance> measured;
  std::optional<ShapeDistance> scale_removed;
};

// (largest - smallest) / median over the agents that a row lists.
struct SpreadPair {
  SidePair response_ns_mean;
  SidePair delivered;
};

struct LedgerDifference : SidePair {
  std::string_view counter;
};

// Of runs that were as long as each other; others have attempted other messages.
enum class Digests : std::uint8_t { unknown, equal, different };

struct ModeComparison {
  std::array<std::size_t, 2> runs{};  // of the reference, of the other
  RatioPair throughput;
  RatioPair cpu_ns;   // of the process, a message
  RatioPair mean_ns;  // response
  SuccessPair success;
  std::vector<QuantilePair> quantiles;
  ShapePair shapes;
  SpreadPair agent_spread;
  std::vector<LedgerDifference> ledger;  // the counters that differ
  Digests digests = Digests::unknown;
};

// The runs of one mode in the cell, as their rows stand in the file; none of them failed.
using Runs = std::span<const nlohmann::json* const>;

// What a row lacks is left out. Throws Error, naming the row, where a member is of another type or
// a histogram is damaged.
ModeComparison compare_runs(Runs reference, Runs other,
                            std::span<const double> quantiles = kQuantiles);

}  // namespace spate::compare
