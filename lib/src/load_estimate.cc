#include "spate/load_estimate.h"

#include <algorithm>
#include <limits>

namespace spate {
namespace {

double mean_latency_ns(const MockSettings& mock) {
  return static_cast<double>(mock.latency_min_ns + mock.latency_max_ns) / 2;
}

// What the station can serve; infinity without a capacity.
double capacity_per_second(const MockSettings& mock) {
  return mock.station.servers == 0
             ? std::numeric_limits<double>::infinity()
             : mock.station.servers * 1e9 / std::max(1.0, mean_latency_ns(mock));
}

}  // namespace

double mean_delay_ns(const RunPlan& plan) {
  return mean_latency_ns(plan.mock) +
         plan.chaos.spike.value() * static_cast<double>(plan.chaos.spike_max_ns) / 2;
}

double mean_deliveries_per_second(const RunPlan& plan) {
  if (plan.rate > 0) {
    return static_cast<double>(plan.rate) * plan.types.mean_fanout(plan.agents);
  }
  const double in_flight = static_cast<double>(plan.agents) * plan.window;
  return std::min(in_flight * 1e9 / std::max(1.0, mean_delay_ns(plan)),
                  capacity_per_second(plan.mock));
}

double mean_in_flight(const RunPlan& plan) {
  return plan.rate == 0 ? static_cast<double>(plan.agents) * plan.window
                        : mean_deliveries_per_second(plan) * mean_delay_ns(plan) * 1e-9;
}

double offered_load(const RunPlan& plan) {
  // What crashes never comes to a server.
  return plan.rate == 0 ? 0.0
                        : mean_deliveries_per_second(plan) * (1 - plan.chaos.crash.value()) /
                              capacity_per_second(plan.mock);
}

}  // namespace spate
