#include "result_json.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <span>

#include "fault_text.h"
#include "faults_json.h"
#include "spate/bench/modes.h"
#include "spate/hdr_encoding.h"
#include "spate/load_estimate.h"

namespace spate::bench {
namespace {

// As many chaos events as a row carries; the rest are counted. No more than one worker's log holds.
constexpr std::size_t kMaxEvents = 1000;

double number(std::uint64_t count) { return static_cast<double>(count); }
double number(std::int64_t ns) { return static_cast<double>(ns); }

// What nobody received took no time, not even 0: NaN, which is null in the file.
constexpr double kNothing = std::numeric_limits<double>::quiet_NaN();

double quantile(const LatencyRecorder& latency, double q) {
  return latency.count() == 0 ? kNothing : number(latency.quantile(q));
}

void add_latencies(Counters& counters, const std::string& name, const LatencyRecorder& latency) {
  counters.emplace_back(name + "_mean", latency.count() == 0 ? kNothing : latency.mean());
  counters.emplace_back(name + "_p50", quantile(latency, 0.5));
  counters.emplace_back(name + "_p90", quantile(latency, 0.9));
  counters.emplace_back(name + "_p99", quantile(latency, 0.99));
  counters.emplace_back(name + "_p999", quantile(latency, 0.999));
  counters.emplace_back(name + "_max", quantile(latency, 1.0));
}

// A time of `count` deliveries.
Json time_of(std::uint64_t count, Json ns) { return count == 0 ? Json(nullptr) : std::move(ns); }

Json chaos_cell(const ChaosProfile& chaos) {
  Json cell{{"profile", chaos.name},
            {"crash_rate", chaos.crash.value()},
            {"spike_rate", chaos.spike.value()},
            {"spike_max_ns", chaos.spike_max_ns},
            {"downtime_ns", chaos.downtime_ns}};
  // Cells that were stored before there were more faults than these have none of them.
  if (!chaos.bursts.never()) {
    cell["burst_enter"] = chaos.bursts.enter.value();
    cell["burst_leave"] = chaos.bursts.leave.value();
    cell["burst_fail"] = chaos.bursts.fail.value();
  }
  if (!chaos.reorder.never()) {
    cell["reorder_rate"] = chaos.reorder.value();
    cell["reorder_max_ns"] = chaos.reorder_max_ns;
  }
  if (!chaos.duplicate.never()) {
    cell["duplicate_rate"] = chaos.duplicate.value();
  }
  if (!chaos.drop_ack.never()) {
    cell["drop_ack_rate"] = chaos.drop_ack.value();
  }
  return cell;
}

// What the profile can do beyond crashes and spikes, so that rows of others stay as they are.
void add_injected(Counters& counters, const ChaosProfile& chaos, const RunReport& report) {
  const auto add = [&](const char* name, bool never, std::uint64_t count) {
    if (!never) {
      counters.emplace_back(name, number(count));
    }
  };
  add("burst_failures", chaos.bursts.never(), report.burst_failures);
  add("reorders_injected", chaos.reorder.never(), report.reorders_injected);
  add("duplicates_injected", chaos.duplicate.never(), report.duplicates_injected);
  add("acks_dropped", chaos.drop_ack.never(), report.acks_dropped);
}

// Cells that were stored before there was a choice are uniform, and of agents that are equal.
Json mock_cell(const MockSettings& mock) {
  Json object;
  if (mock.latency.is_uniform()) {
    object["latency_min_ns"] = mock.latency.min_ns();
    object["latency_max_ns"] = mock.latency.max_ns();
  } else {
    object["latency"] = mock.latency.text();
  }
  object["success_rate"] = mock.success.value();
  if (mock.station.servers > 0) {
    object["servers"] = mock.station.servers;
  }
  if (mock.station.fifo) {
    object["fifo"] = true;
  }
  if (mock.slow_agents > 0) {
    object["slow_agents"] = mock.slow_agents;
    object["slow_factor"] = static_cast<double>(mock.slow_thousandths) / 1000;
  }
  return object;
}

Json type_weights(const TypeMix& types) {
  Json weights;
  for (std::size_t type = 0; type < kMessageTypes; ++type) {
    weights[std::string(kMessageTypeNames[type])] = types.weights()[type];
  }
  return weights;
}

Json fault_plan(const RunPlan& plan) {
  Json texts = Json::array();
  for (const Fault& fault : plan.chaos.faults) {
    texts.push_back(fault_text(fault));
  }
  return {{"plan", std::move(texts)}, {"recover_within_ns", plan.recover_within_ns}};
}

Json cell_object(const Cell& cell) {
  const RunPlan& plan = cell.plan;
  const bool by_number = plan.rate == 0 && cell.messages_given;
  Json object{{"mode", plan.mode},
              {"chaos", chaos_cell(plan.chaos)},
              {"rate", plan.rate},
              {"agents", plan.agents},
              {"seed", plan.seed},
              {"duration_ns", by_number ? Json(nullptr) : Json(cell.duration_ns)},
              {"window", plan.window},
              {"payload_bytes", plan.payload_bytes ? Json(*plan.payload_bytes) : Json(nullptr)},
              {"templates", cell.templates_name},
              {"types", type_weights(plan.types)},
              {"workers", plan.workers},
              {"in_flight_limit", plan.in_flight_limit},
              {"mock", mock_cell(plan.mock)}};
  // Cells that were stored before there was a choice are of constant arrivals.
  if (plan.rate > 0 && plan.arrivals != Arrivals::constant) {
    object["arrivals"] = name_of(plan.arrivals);
  }
  if (!plan.chaos.faults.empty()) {
    object["faults"] = fault_plan(plan);
  }
  if (by_number) {
    object["messages"] = plan.messages;
  }
  if (!cell.claim.empty()) {
    object["claim"] = cell.claim;
  }
  return object;
}

Json group_object(std::string name, const GroupReport& group) {
  return {{"name", std::move(name)},
          {"sent", group.tally.sent},
          {"expected", group.tally.expected},
          {"delivered", group.tally.delivered},
          {"failed", group.tally.refused},
          {"success_rate", group.tally.success_rate()},
          {"response_ns_mean", time_of(group.tally.delivered, group.response_mean_ns)},
          {"response_ns_p99", time_of(group.tally.delivered, group.response_p99_ns)},
          {"last_activity_ns", group.last_activity_ns}};
}

Json event_object(const ChaosEvent& event) {
  return {{"t_ns", event.t_ns},
          {"agent", event.agent + 1},
          {"sequence", event.sequence},
          {"kind", name_of(event.kind)},
          {"extra_ns", event.extra_ns}};
}

Json events_object(const RunReport& report) {
  // The latest, as the workers' own logs keep those.
  const std::size_t kept = std::min(kMaxEvents, report.chaos_events.size());
  Json events = Json::array();
  for (const ChaosEvent& event : std::span(report.chaos_events).last(kept)) {
    events.push_back(event_object(event));
  }
  const std::uint64_t left_out =
      report.chaos_events_left_out + report.chaos_events.size() - events.size();
  return {{"events", std::move(events)}, {"left_out", left_out}};
}

// 64 bits do not fit into a JSON number.
std::string digest_text(std::uint64_t digest) { return fmt::format("{:016x}", digest); }

}  // namespace

Counters counters_of(const RunPlan& plan, const RunReport& report) {
  const Account& account = report.account;
  Counters counters{
      {"sent", number(report.total.sent)},
      {"expected", number(report.total.expected)},
      {"delivered", number(report.total.delivered)},
      {"failed", number(report.failed)},
      {"crashed", number(report.crashed)},
      {"rejected", number(report.rejected)},
      {"unknown", number(account.unknown)},
      {"lost", number(account.lost)},
      {"spiked", number(report.spiked)},
      {"recovered", number(account.recovered)},
      {"duplicated", number(account.duplicated)},
      {"reordered", number(account.reordered)},
      {"aliens", number(account.aliens)},
      {"anomalies", number(account.anomalies)},
      {"corrupted", number(account.corrupted)},
      {"misreported", number(account.misreported)},
      {"shed", number(report.shed)},
      {"saturated", report.saturated ? 1.0 : 0.0},
      {"success_rate", report.total.success_rate()},
      {"messages_per_second", report.rate_achieved},
      {"rate_asked", number(plan.rate)},
      {"rate_achieved", report.rate_achieved},
  };
  add_injected(counters, plan.chaos, report);
  // A real delivery has none of the plan's servers.
  const double load = mode_named(plan.mode).mocked() ? offered_load(plan) : 0;
  if (load > 0) {
    counters.emplace_back("offered_load", load);
  }
  add_latencies(counters, "response_ns", report.response);
  add_latencies(counters, "service_ns", report.service);
  counters.emplace_back("send_lateness_ns_p50", quantile(report.lateness, 0.5));
  counters.emplace_back("send_lateness_ns_p99", quantile(report.lateness, 0.99));
  counters.emplace_back("send_lateness_ns_max", quantile(report.lateness, 1.0));
  return counters;
}

Json spate_object(const Cell& cell, const RunReport& report) {
  Json agents = Json::array();
  for (AgentId agent = 0; agent < std::min(report.agents.size(), kMaxAgentRows); ++agent) {
    agents.push_back(group_object(agent_name(agent), report.agents[agent]));
  }
  Json types = Json::array();
  for (std::size_t type = 0; type < kMessageTypes; ++type) {
    types.push_back(group_object(std::string(kMessageTypeNames[type]), report.types[type]));
  }
  Json windows = Json::array();
  for (const WindowReport& window : report.windows) {
    windows.push_back({{"response_ns_p50", time_of(window.delivered, window.response_p50_ns)},
                       {"response_ns_p99", time_of(window.delivered, window.response_p99_ns)}});
  }
  Json object{{"cell", cell_object(cell)},
              {"digest", digest_text(report.digest)},
              {"mock_digest", digest_text(report.mock_digest)},
              {"agents_left_out", report.agents.size() - agents.size()},
              {"agents", std::move(agents)},
              {"types", std::move(types)},
              {"windows", std::move(windows)},
              {"response_histogram", encode_hdr(report.response)},
              {"chaos_events", events_object(report)}};
  if (report.faults) {
    object["faults"] = faults_object(*report.faults, {cell.plan.duration_ns(), report.interrupted});
    object["timeline"] = timeline_object(*report.timeline);
  }
  return object;
}

}  // namespace spate::bench
