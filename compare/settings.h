// What whoever asks for a comparison may decide.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "compare/mode_comparison.h"
#include "compare/schema.h"

namespace spate::compare {

enum class Form : std::uint8_t {
  files,  // the same cells of two sides
  modes,  // cells alike but for their mode
  exact,  // the same cells of two sides, held to what the seed fixes
  show,   // the cells of one side: nothing is compared
};

// Over what p values are adjusted.
enum class Family : std::uint8_t {
  cell,        // the metrics of each cell: alpha is a cell's rate of false alarms
  comparison,  // all that is judged: alpha is the rate of any false alarm at all
};

// A finding that is known and may stay for a while. Both patterns may hold `*`.
struct Acknowledgement {
  std::string cell;
  std::string metric;  // kVanished: that the cell, or a metric of it, is gone
  std::string reason;
  std::string expires;     // the last day on which it counts, YYYY-MM-DD
  std::string since = {};  // commit or day of a history's step; empty: whatever it is
};
inline constexpr std::string_view kVanished = "vanished";

// Which verdicts are findings.
struct FailOn {
  bool worse = true;
  bool better = false;
  bool cannot_tell = false;
  bool fresh = false;  // a cell that only the new side has
};

// A metric of a benchmark, by the name that the base's file has for it.
using Suspects = std::set<std::pair<std::string, std::string>>;

struct Settings {
  Schema schema;
  double alpha = 0.002;
  Family family = Family::cell;
  FailOn fail_on;
  std::optional<Suspects> suspects;  // judge these alone; all else is information
  bool paired = false;          // the k-th file of one side is of one round with the other's k-th
  bool advisory = false;        // judge also what is not comparable; no finding then fails
  bool allow_vanished = false;  // what only the base has is no loss
  std::vector<Acknowledgement> acknowledgements;
  std::string today;                                                    // YYYY-MM-DD
  std::vector<double> quantiles{kQuantiles.begin(), kQuantiles.end()};  // of Form::modes
};

// Dates of this form are ordered as their texts are.
inline bool has_expired(const Acknowledgement& known, const Settings& settings) {
  return known.expires < settings.today;
}

}  // namespace spate::compare
