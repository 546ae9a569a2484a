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

// From the send to the end of a delivery that waits for nobody: latency, and what chaos adds.
double mean_delay_ns(const RunPlan& plan) {
  const ChaosProfile& chaos = plan.chaos;
  const double held_ns = (chaos.spike.value() * static_cast<double>(chaos.spike_max_ns) +
                          chaos.reorder.value() * static_cast<double>(chaos.reorder_max_ns)) /
                         2;
  return mean_latency_ns(plan) + held_ns;
}

// The share of attempts that come to the mock at all.
double passed_on(const ChaosProfile& chaos) {
  const FailureBursts& bursts = chaos.bursts;
  const double bad =
      bursts.never() ? 0.0 : bursts.enter.value() / (bursts.enter.value() + bursts.leave.value());
  return (1 - chaos.crash.value()) * (1 - bad * bursts.fail.value());
}

}  // namespace

double mean_deliveries_per_second(const RunPlan& plan) {
  if (plan.rate > 0) {
    return static_cast<double>(plan.rate) * plan.types.mean_fanout(plan.agents);
  }
  const double passed = passed_on(plan.chaos);
  const double in_flight = static_cast<double>(plan.agents) * plan.window;
  return std::min(in_flight * 1e9 / std::max(1.0, mean_delay_ns(plan) * passed),
                  capacity_per_second(plan) / (passed * (1 + plan.chaos.duplicate.value())));
}

double offered_load(const RunPlan& plan) {
  const double served = passed_on(plan.chaos) * (1 + plan.chaos.duplicate.value());
  return plan.rate == 0 ? 0.0
                        : mean_deliveries_per_second(plan) * served / capacity_per_second(plan);
}

}  // namespace spate
