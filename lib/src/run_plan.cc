#include "spate/run_plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>

#include "spate/error.h"
#include "spate/schedule.h"

namespace spate {
namespace {

template <class T>
void check_range(const char* name, T value, T least, T most) {
  // Written so that NaN fails.
  if (!(value >= least && value <= most)) {
    throw Error(fmt::format("{} {}: out of range; give {} to {}", name, value, least, most));
  }
}

void check_delay(const char* name, std::int64_t ns) {
  if (ns < 0 || ns > kMaxDelayNs) {
    throw Error(fmt::format("{} {} ns: out of range; give 0 to 1 h", name, ns));
  }
}

void check(const FailureBursts& bursts) {
  check_range("burst enter probability", bursts.enter.value(), 0.0, 1.0);
  check_range("burst leave probability", bursts.leave.value(), 0.0, 1.0);
  check_range("burst fail probability", bursts.fail.value(), 0.0, 1.0);
  if (!bursts.enter.never() && bursts.leave.never()) {
    throw Error(
        "burst leave probability 0: a burst would never end; raise it or set the enter "
        "probability to 0");
  }
}

}  // namespace

std::int64_t RunPlan::duration_ns() const { return rate == 0 ? 0 : due_offset_ns(messages, rate); }

std::uint64_t RunPlan::messages_of_worker(WorkerId worker) const {
  std::uint64_t sum = 0;
  for (AgentId agent = worker; agent < agents; agent += workers) {
    sum += messages_of(agent);
  }
  return sum;
}

std::uint64_t RunPlan::in_flight_limit_per_worker() const {
  return std::max<std::uint64_t>(in_flight_limit / workers, agents - 1);
}

void check_agents(std::uint32_t agents) {
  if (agents < 2) {
    throw Error(fmt::format(
        "agents {}: a recipient is drawn among the others; give at least 2 agents", agents));
  }
  check_range("agents", agents, 2U, kMaxAgents);
}

void check(const MockSettings& mock) {
  check_range("servers", mock.station.servers, 0U, kMaxServers);
  check_range("success rate", mock.success.value(), 0.0, 1.0);
  check_range("slow factor in thousandths", mock.slow_thousandths, kMinSlowThousandths,
              kMaxSlowThousandths);
}

void check_slow_agents(const MockSettings& mock, std::uint32_t agents) {
  check_range("slow agents", mock.slow_agents, 0U, agents);
}

void check(const ChaosProfile& chaos) {
  check_range("crash rate", chaos.crash.value(), 0.0, 1.0);
  check_range("spike rate", chaos.spike.value(), 0.0, 1.0);
  check_delay("spike max", chaos.spike_max_ns);
  check_delay("crash downtime", chaos.downtime_ns);
  check(chaos.bursts);
  check_range("reorder rate", chaos.reorder.value(), 0.0, 1.0);
  check_delay("reorder max", chaos.reorder_max_ns);
  check_range("duplicate rate", chaos.duplicate.value(), 0.0, 1.0);
  check_range("drop-ack rate", chaos.drop_ack.value(), 0.0, 1.0);
  if (!chaos.spike.never() && chaos.spike_max_ns == 0) {
    throw Error("spike max 0 ns: a spike adds at least 1 ns; raise it or set the spike rate to 0");
  }
  if (!chaos.reorder.never() && chaos.reorder_max_ns == 0) {
    throw Error(
        "reorder max 0 ns: reordering takes at least 1 ns; raise it or set the reorder rate to 0");
  }
}

void check(const RunPlan& plan) {
  check_agents(plan.agents);
  check_range("workers", plan.workers, 1U, kMaxWorkers);
  check_range("rate", plan.rate, std::uint64_t{0}, kMaxRate);
  check_range("messages", plan.messages, std::uint64_t{1}, kMaxMessages);
  check_range("window", plan.window, 1U, kMaxWindow);
  check_range("payload bytes", plan.payload_bytes.value_or(0), 0U, kMaxPayloadBytes);
  check_range("in-flight limit", plan.in_flight_limit, std::uint64_t{1}, kMaxInFlight);
  check_range("traced deliveries", plan.traced_deliveries, 0U, kMaxTraced);
  if (plan.ledger_window && !std::has_single_bit(plan.ledger_window->segments)) {
    throw Error(fmt::format("ledger window of {} segments: it must be a power of two",
                            plan.ledger_window->segments));
  }
  check(plan.mock);
  check_slow_agents(plan.mock, plan.agents);
  check(plan.chaos);
}

}  // namespace spate
