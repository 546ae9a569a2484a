#include "spate/load_estimate.h"

#include <algorithm>
#include <limits>

namespace spate {
namespace {

double mean_latency_ns(const RunPlan& plan) {
  const double to_slow = std::min(1.0, plan.mock.slow_agents / static_cast<double>(plan.agents));
  const double slower = plan.mock.slow_thousandths / 1000.0 - 1;
  return plan.mock.latency.mean_ns() * (1 + to_slow * slower);
}

// What the station can serve; infinity without a capacity.
double capacity_per_second(const RunPlan& plan) {
  return plan.mock.station.servers == 0
             ? std::numeric_limits<double>::infinity()
             : plan.mock.station.servers * 1e9 / std::max(1.0, mean_latency_ns(plan));
}

}  // namespace

double mean_delay_ns(const RunPlan& plan) {
  const ChaosProfile& chaos = plan.chaos;
  const double held_ns = (chaos.spike.value() * static_cast<double>(chaos.spike_max_ns) +
                          chaos.reorder.value() * static_cast<double>(chaos.reorder_max_ns)) /
                         2;
  return mean_latency_ns(plan) + held_ns;
}

double mean_deliveries_per_second(const RunPlan& plan) {
  if (plan.rate > 0) {
    return static_cast<double>(plan.rate) * plan.types.mean_fanout(plan.agents);
  }
  const double in_flight = static_cast<double>(plan.agents) * plan.window;
  return std::min(in_flight * 1e9 / std::max(1.0, mean_delay_ns(plan)), capacity_per_second(plan));
}

double mean_in_flight(const RunPlan& plan) {
  return plan.rate == 0 ? static_cast<double>(plan.agents) * plan.window
                        : mean_deliveries_per_second(plan) * mean_delay_ns(plan) * 1e-9;
}

double offered_load(const RunPlan& plan) {
  // What crashes never comes to a server, and a copy does so too.
  const double served = (1 - plan.chaos.crash.value()) * (1 + plan.chaos.duplicate.value());
  return plan.rate == 0 ? 0.0
                        : mean_deliveries_per_second(plan) * served / capacity_per_second(plan);
}

}  // namespace spate
