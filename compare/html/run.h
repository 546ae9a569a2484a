// What a report draws of one delivery's rows: read from their JSON, which has more than a
// comparison needs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "compare/hdr_histogram.h"
#include "compare/load.h"

namespace spate::compare::html {

struct AgentValues {
  std::string name;
  std::optional<double> success_rate;
  std::optional<double> response_ns_mean;
  std::optional<double> response_ns_p99;
};

struct Event {
  double t_ns = 0;
  std::string kind;
};

struct RealFault {
  std::string what;
  std::optional<double> begun_ns;  // none: it did not
  std::optional<double> ended_ns;
  std::optional<double> detected_after_ns;
  std::optional<double> recovered_after_ns;
};

// p50 and p99 of the responses in slices of the run.
struct Slice {
  double begin_ns = 0;
  double end_ns = 0;
  std::optional<double> p50_ns;
  std::optional<double> p99_ns;
};

struct Run {
  const Row* row = nullptr;
  std::optional<HdrHistogram> response_ns;
  std::vector<AgentValues> agents;
  std::size_t agents_left_out = 0;  // by the file
  std::vector<Slice> slices;        // ascending; of the timeline, where the row has one
  std::vector<Event> events;
  std::size_t events_left_out = 0;  // earlier ones
  std::vector<RealFault> faults;
  std::vector<std::string> troubles;  // what the delivery said
};

// Of a row of a delivery. Throws Error, naming the row, where a member is of another type or the
// histogram is damaged.
Run read_run(const Row& row);

}  // namespace spate::compare::html
