// Runs in virtual time: what a delivery costs there, by the way that it goes, and how that grows.
#include "spate/simulation.h"

#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "host.h"
#include "micro.h"
#include "sim/event_queues.h"

namespace spate::bench {
namespace {

// One delivery a message, so that one iteration is one delivery.
RunPlan text_plan(std::uint32_t agents, std::uint64_t messages, std::uint64_t rate) {
  RunPlan plan;
  plan.agents = agents;
  plan.messages = messages;
  plan.rate = rate;
  plan.types = TypeMix(TypeMix::Weights{1, 0, 1, 1});
  plan.chaos = ChaosProfile::on();
  return plan;
}

void simulate_all(benchmark::State& state, const RunPlan& plan, SimulationWay way) {
  const auto deliveries = static_cast<benchmark::IterationCount>(plan.messages);
  while (keep_running(state, deliveries)) {
    const RunReport report = simulate(plan, {.way = way, .stop = &interrupted()});
    benchmark::DoNotOptimize(report.digest);
  }
}

void register_way(const std::string& name, const RunPlan& plan, SimulationWay way) {
  benchmark::RegisterBenchmark(
      ("micro/simulate/" + name).c_str(),
      [plan, way](benchmark::State& state) { simulate_all(state, plan, way); })
      ->UseRealTime()
      ->MeasureProcessCPUTime();
}

void register_ways() {
  // Ten agents, so that two workers have as much to do.
  RunPlan direct = text_plan(10, 4'000'000, 1'000'000);
  for (const std::uint32_t workers : {1U, 2U}) {
    direct.workers = workers;
    register_way(fmt::format("direct/workers:{}", workers), direct, SimulationWay::direct);
  }
  // As many servers as leave little waiting; about 1,900 deliveries are under way.
  RunPlan events = text_plan(2000, 1'000'000, 100'000);
  events.chaos.downtime_ns = 20'000'000;
  events.mock.station.servers = 700;
  register_way("in_order/agents:2000", events, SimulationWay::heap);
  // A closed loop, in which each end begins something: 2,000 deliveries are under way, then 128,000
  // of which all but 700 wait for a server, for far longer than any of them is served.
  events.rate = 0;
  events.chaos.downtime_ns = 0;  // in which a closed loop would make nearly all attempts
  for (const std::uint32_t window : {1U, 64U}) {
    events.window = window;
    register_way(fmt::format("closed/heap/agents:2000/window:{}", window), events,
                 SimulationWay::heap);
    register_way(fmt::format("closed/wheel/agents:2000/window:{}", window), events,
                 SimulationWay::wheel);
  }
}

// The run that spate_stress --sim --duration=60s makes, whole: one iteration is one run.
void one_minute(benchmark::State& state) {
  RunPlan plan;
  plan.messages = 6000;
  plan.chaos = ChaosProfile::on();
  while (keep_running(state, 1)) {
    benchmark::DoNotOptimize(simulate(plan).digest);
  }
}

// One event out, a later one in, while so many are pending, at least one.
template <class Queue>
void hold(benchmark::State& state, Queue queue, std::uint64_t pending) {
  constexpr std::uint64_t kBlock = 1024;
  constexpr std::uint64_t kHorizonNs = 10'000'000;
  PendingEnd end;
  const auto push = [&](std::int64_t now_ns) {
    ++end.sequence;
    const auto delay = static_cast<std::int64_t>(scaled(mix64(end.sequence), kHorizonNs));
    queue.push(now_ns, now_ns + delay, end);
  };
  for (std::uint64_t i = 0; i < pending; ++i) {
    push(0);
  }
  // So long that about a block of events is due.
  const auto step_ns =
      static_cast<std::int64_t>(kHorizonNs / 2 * kBlock / std::max<std::uint64_t>(pending, 1));
  std::int64_t until_ns = 0;
  std::uint64_t handled = 0;
  std::uint64_t wanted = 0;
  const auto out_and_in = [&](const PendingEnd&, std::int64_t now_ns) {
    ++handled;
    push(now_ns);
  };
  const auto behind = [&] { return handled < wanted; };
  while (keep_running(state, kBlock)) {
    for (wanted += kBlock; behind();) {
      until_ns += std::max<std::int64_t>(step_ns / 16, 1);
      while (queue.pop(until_ns, out_and_in)) {
      }
    }
  }
  benchmark::DoNotOptimize(handled);
}

void register_queues() {
  for (const std::uint64_t pending : {16U, 64U, 256U, 1024U, 16'384U, 1'048'576U}) {
    benchmark::RegisterBenchmark(
        fmt::format("micro/event_queue/heap/pending:{}", pending).c_str(),
        [pending](benchmark::State& state) { hold(state, EndHeap(), pending); });
    benchmark::RegisterBenchmark(
        fmt::format("micro/event_queue/wheel/pending:{}", pending).c_str(),
        [pending](benchmark::State& state) {
          hold(state, EndWheel(static_cast<std::uint32_t>(pending), 10'000'000), pending);
        });
  }
}

// One run; an iteration is a delivery.
void grow(benchmark::State& state, const RunPlan& plan) {
  reset_peak_resident();
  simulate_all(state, plan, SimulationWay::best);
  state.counters["peak_bytes"] = static_cast<double>(peak_resident_bytes());
}

void register_growth() {
  for (const std::uint32_t agents : {10U, 1000U, 100'000U, 1'000'000U}) {
    for (const std::uint64_t deliveries : {10'000U, 1'000'000U, 100'000'000U}) {
      RunPlan plan = text_plan(agents, deliveries, 1'000'000);
      plan.workers = 2;
      benchmark::RegisterBenchmark(
          fmt::format("scale/sim/agents:{}/deliveries:{}", agents, deliveries).c_str(),
          [plan](benchmark::State& state) { grow(state, plan); })
          ->Iterations(static_cast<benchmark::IterationCount>(deliveries))
          ->UseRealTime()
          ->MeasureProcessCPUTime();
    }
  }
}

}  // namespace

void register_simulation() {
  register_ways();
  benchmark::RegisterBenchmark("micro/simulate/one_minute", one_minute);
  register_queues();
  register_growth();
}

}  // namespace spate::bench
