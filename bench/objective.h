// What a rate has to meet to hold, as people write it: "p99<20ms,lost=0".
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "spate/report.h"

namespace spate::bench {

// What a condition is about: a time (ns), a count, or a share (0 to 1).
struct Measure {
  enum class Kind : std::uint8_t { time, count, share };

  Kind kind = Kind::count;
  std::string name;  // "p99", "service_p99", "lost": the response time is meant where none is named
  // Of times only. The quantile of the mean is below 0, that of the maximum is 1.
  const LatencyRecorder RunReport::*latency = nullptr;
  double quantile = 0;
  // Of counts only.
  std::uint64_t (*count)(const RunReport& report) = nullptr;

  // Nothing where nothing was delivered: what took no time did not meet a limit.
  std::optional<double> value(const RunReport& report) const;
  // The value for people: "31.2 ms", "3", "99.31%".
  std::string show(double value) const;
};

struct Condition {
  enum class Sign : std::uint8_t { below, at_most, equal, at_least, above };

  Measure measure;
  Sign sign = Sign::below;
  double limit = 0;

  bool met_by(double value) const;
  // A value for people, in as many digits as tell it from the limit.
  std::string show(double value) const;
};

// One condition or more, each about something else. All must be met.
class Objective {
 public:
  // Throws Error whose line begins with `flag` and names the piece that is wrong.
  static Objective parse(std::string_view flag, std::string_view text);

  // One text for what may be written in many ways: names, units and the order of the conditions.
  const std::string& text() const { return text_; }
  const std::vector<Condition>& conditions() const { return conditions_; }
  bool mentions(std::string_view measure) const;
  // The smallest limit of a response time, ns.
  std::optional<double> shortest_response_limit_ns() const;
  // So many deliveries leave 100 beyond its highest quantile; 1 where there is none.
  std::uint64_t deliveries_needed() const;

 private:
  std::string text_;
  std::vector<Condition> conditions_;
};

// For --help.
std::string objective_usage();

}  // namespace spate::bench
