// The line that tells how far a run is.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>

#include "spate/live_report.h"
#include "spate/run_plan.h"

namespace spate::bench {

// What the line says. Times of nothing are unset.
struct LiveFigures {
  std::int64_t elapsed_ns = 0;
  std::uint64_t sent = 0;
  double rate = 0.0;  // messages per second, of the last second
  std::uint64_t in_flight = 0;
  std::optional<double> success_rate;
  std::optional<std::int64_t> response_p50_ns;  // of the last second
  std::optional<std::int64_t> response_p99_ns;  // likewise
  std::uint64_t chaos_events = 0;
  std::optional<std::int64_t> left_ns;  // of the schedule; negative: it is overrun
  bool all_sent = false;                // only the drain is left
};

// Turns looks at a run into figures; remembers those of the last second. One thread, one run.
class LiveHistory {
 public:
  explicit LiveHistory(const RunPlan& plan) : plan_(plan) {}

  LiveFigures add(const LiveReport& report);

 private:
  struct Look {
    std::int64_t elapsed_ns;
    std::uint64_t sent;
    LatencyRecorder response;
  };
  std::optional<std::int64_t> left_ns(const LiveFigures& figures) const;

  const RunPlan& plan_;
  std::deque<Look> looks_;
};

// At most `columns` wide: where that is too narrow, whole figures are left out from the end.
std::string live_line(const LiveFigures& figures, std::size_t columns);

// "    1.234 s  Agent-3   message 17: crash": an event as --verbose says it.
std::string event_line(const ChaosEvent& event);

}  // namespace spate::bench
