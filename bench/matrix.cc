#include "matrix.h"

#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <new>

#include "cell_faults.h"
#include "faults_json.h"
#include "host.h"
#include "interrupt.h"
#include "spate/bench/modes.h"
#include "spate/error.h"
#include "spate/load_estimate.h"
#include "spate/simulation.h"
#include "spate/stress_run.h"

namespace spate::bench {
namespace {

RunPlan plan_for(const benchmark::State& state, const Cell& cell) {
  RunPlan plan = cell.plan;
  if (plan.rate == 0) {
    plan.messages = static_cast<std::uint64_t>(state.max_iterations);
  }
  return plan;
}

// Makes Time the mean response time: it will be divided by the iterations.
void set_mean_response(benchmark::State& state, const RunReport& report) {
  state.SetIterationTime(report.response.mean() * 1e-9 * static_cast<double>(state.max_iterations));
}

// Once per row; in a closed loop as often as Google Benchmark needs to find the length.
class CellRun {
 public:
  CellRun(benchmark::State& state, const RunPlan& plan, RunWatcher* watcher)
      : state_(state),
        plan_(plan),
        payloads_(payloads_for(plan_)),
        delivery_(mode_named(plan_.mode).make(plan_, payloads_)),
        faults_(plan_.chaos.faults.empty() ? nullptr : mode_named(plan_.mode).faults(plan_)),
        run_(plan_, delivery_, payloads_,
             {.stop = &interrupted(),
              .observed = watcher != nullptr ? Observed::yes : Observed::no,
              .faults = faults_.get()}),
        watcher_(watcher) {}

  // Google Benchmark's clock stands before and afterwards.
  RunReport run() {
    const Watch watch(watcher_, plan_, run_);
    if (plan_.rate == 0) {
      // Neither the start of threads nor the drain: on a busy machine a few messages would pass for
      // a long run, and end it.
      run_.execute({[&] { state_.ResumeTiming(); }, [&] { state_.PauseTiming(); }});
      return run_.report();
    }
    state_.ResumeTiming();
    run_.execute();
    state_.PauseTiming();
    RunReport report = run_.report();
    set_mean_response(state_, report);
    return report;
  }

 private:
  // The watcher looks on while this lives.
  class Watch {
   public:
    Watch(RunWatcher* watcher, const RunPlan& plan, const StressRun& run) : watcher_(watcher) {
      if (watcher_ != nullptr) {
        watcher_->run_begins(plan, run);
      }
    }
    ~Watch() {
      if (watcher_ != nullptr) {
        watcher_->run_ended();
      }
    }
    Watch(const Watch&) = delete;
    Watch& operator=(const Watch&) = delete;

   private:
    RunWatcher* watcher_;
  };

  benchmark::State& state_;
  const RunPlan& plan_;
  std::shared_ptr<const Payloads> payloads_;
  AnyDelivery delivery_;
  std::unique_ptr<FaultInjector> faults_;
  StressRun run_;
  RunWatcher* watcher_;
};

// Google Benchmark's clock knows nothing of virtual time, so Time is set by hand, to what it is on
// the wall clock: in an open loop the mean response time, since the schedule says how long the run
// takes; in a closed loop, which goes as fast as it can, the time of sending, per message.
RunReport simulate_cell(benchmark::State& state, const RunPlan& plan) {
  state.ResumeTiming();
  RunReport report = simulate(plan, {.way = SimulationWay::best, .stop = &interrupted()});
  state.PauseTiming();
  if (plan.rate == 0) {
    state.SetIterationTime(static_cast<double>(report.send_ns) * 1e-9);
  } else {
    set_mean_response(state, report);
  }
  return report;
}

void run_cell(benchmark::State& state, const Cell& cell, RunStore& store,
              const CellExtras& extras) {
  const RunPlan plan = plan_for(state, cell);
  const std::int64_t resident_before = extras.measure_memory ? resident_bytes() : 0;
  std::optional<CellRun> run;  // holds its memory until it was measured
  const bool simulated = mode_named(plan.mode).simulated();
  RunReport report =
      simulated ? simulate_cell(state, plan) : run.emplace(state, plan, extras.watcher).run();
  if (extras.measure_memory) {
    state.counters["memory_bytes_per_agent"] =
        static_cast<double>(resident_bytes() - resident_before) / plan.agents;
  }
  if (simulated && extras.watcher != nullptr) {
    extras.watcher->run_simulated(report);
  }
  RunStore::Entry entry{spate_object(cell, report), report.clean(), report.interrupted,
                        counters_of(plan, report)};
  if (report.faults && !report.interrupted) {
    entry.fault_finding = fault_finding(*report.faults, plan.duration_ns());
  }
  if (extras.annotate && !report.interrupted) {
    extras.annotate(plan, report, entry.spate);
  }
  for (const auto& [name, value] : entry.counters) {
    state.counters[name] = value;
  }
  run.reset();  // the delivery may find trouble until its end
  if (const auto& troubles = mode_named(plan.mode).troubles) {
    entry.troubles = troubles();
  }
  state.counters[RunStore::kRunCounter] = static_cast<double>(
      store.add(cell, static_cast<std::int64_t>(state.max_iterations), std::move(entry)));
  if (extras.last_report != nullptr) {
    *extras.last_report = std::move(report);
  }
}

// The body that Google Benchmark calls. It can take no exception out of it, nor a body that never
// loops, nor an error that is told outside the loop; so all of it happens inside.
void run_body(benchmark::State& state, const Cell& cell, RunStore& store,
              const CellExtras& extras) {
  while (state.KeepRunningBatch(state.max_iterations)) {
    if (interrupted()) {
      state.SkipWithError("interrupted");
      break;
    }
    try {
      // Neither setting a run up nor writing its report is a part of what is measured.
      state.PauseTiming();
      run_cell(state, cell, store, extras);
      state.ResumeTiming();
    } catch (const std::bad_alloc&) {
      state.SkipWithError("out of memory; give fewer agents, workers or messages");
      break;
    } catch (const std::exception& exception) {
      state.SkipWithError(exception.what());
      break;
    }
  }
}

benchmark::internal::Benchmark* register_body(const std::string& name, const Cell& cell,
                                              RunStore& store, const CellExtras& extras) {
  auto* const registered = benchmark::RegisterBenchmark(
      name.c_str(),
      [cell, &store, extras](benchmark::State& state) { run_body(state, cell, store, extras); });
  registered->MeasureProcessCPUTime();
  const bool simulated = mode_named(cell.plan.mode).simulated();
  if (cell.plan.rate > 0 || cell.messages_given || simulated) {
    registered->Iterations(static_cast<benchmark::IterationCount>(cell.plan.messages));
  }
  if (cell.plan.rate > 0 || simulated) {
    registered->UseManualTime();
  } else {
    registered->UseRealTime();
  }
  return registered;
}

// About as many messages as a closed loop over the mock sends in so long. Google Benchmark cannot
// find out: it looks at the wall clock.
std::uint64_t closed_loop_messages(const RunPlan& plan, std::int64_t duration_ns) {
  constexpr double kMost = 10'000'000;  // where latencies are next to nothing
  const double per_second = mean_deliveries_per_second(plan) / plan.types.mean_fanout(plan.agents);
  const double messages = per_second * static_cast<double>(duration_ns) * 1e-9;
  return static_cast<std::uint64_t>(std::clamp(messages, 1.0, kMost));
}

void set_length(const Options& options, Cell& cell) {
  const std::uint64_t rate = cell.plan.rate;
  cell.messages_given = options.messages.has_value();
  cell.plan.messages = options.messages.value_or(messages_for(rate, options.duration_ns));
  if (rate == 0) {
    cell.duration_ns = options.closed_loop_ns;
    if (!options.messages && mode_named(cell.plan.mode).simulated()) {
      cell.plan.messages = closed_loop_messages(cell.plan, options.closed_loop_ns);
    }
  } else {
    cell.duration_ns = options.messages ? cell.plan.duration_ns() : options.duration_ns;
  }
}

}  // namespace

std::uint64_t messages_for(std::uint64_t rate, std::int64_t duration_ns) {
  const auto messages = static_cast<std::uint64_t>(
      Uint128{rate} * static_cast<std::uint64_t>(duration_ns) / 1'000'000'000U);
  return std::max<std::uint64_t>(messages, 1);
}

std::uint64_t RunStore::add(const Cell& cell, std::int64_t iterations, Entry entry) {
  std::erase_if(kept_, [&](const auto& run) {
    const Kept& shorter = run.second;
    const bool replaced =
        shorter.cell == &cell && shorter.iterations < iterations && shorter.entry.clean;
    if (replaced) {
      entry.troubles.lines.insert(entry.troubles.lines.begin(),
                                  shorter.entry.troubles.lines.begin(),
                                  shorter.entry.troubles.lines.end());
      entry.troubles.given_up = entry.troubles.given_up || shorter.entry.troubles.given_up;
    }
    return replaced;
  });
  kept_.emplace(next_, Kept{&cell, iterations, std::move(entry)});
  return next_++;
}

std::optional<RunStore::Entry> RunStore::take(std::uint64_t run) {
  const auto found = kept_.find(run);
  if (found == kept_.end()) {
    return std::nullopt;
  }
  Entry entry = std::move(found->second.entry);
  kept_.erase(found);
  return entry;
}

std::optional<RunStore::Entry> RunStore::take_interrupted() {
  const auto found = std::find_if(kept_.begin(), kept_.end(),
                                  [](const auto& run) { return run.second.entry.interrupted; });
  return found == kept_.end() ? std::nullopt : take(found->first);
}

std::size_t RunStore::unclean_left() const {
  return static_cast<std::size_t>(std::count_if(kept_.begin(), kept_.end(), [](const auto& run) {
    return !run.second.entry.clean && !run.second.entry.interrupted;
  }));
}

void register_cell(const std::string& name, const Cell& cell, RunStore& store,
                   const CellExtras& extras) {
  check(cell.plan);
  register_body(name, cell, store, extras);
}

void register_matrix(const Options& options, RunStore& store, const CellExtras& extras) {
  for (const std::string& mode : options.modes) {
    for (const ChaosProfile& chaos : options.chaos) {
      for (const std::uint64_t rate : options.rates) {
        for (const std::uint32_t agents : options.agents) {
          Cell cell;
          cell.plan = options.plan;
          cell.templates_name = options.templates_name;
          cell.plan.mode = mode;
          cell.plan.chaos = chaos;
          cell.plan.rate = rate;
          cell.plan.agents = agents;
          // A worker without agents would only wait, and be billed for it.
          cell.plan.workers = std::min(options.plan.workers, agents);
          set_length(options, cell);
          cell.plan.chaos.faults = faults_of(chaos, faulted_cell(mode, rate, options), options);
          check(cell.plan);
          // Rate and agents are arguments, which Google Benchmark appends to the family's name.
          // Each cell is registered by itself all the same, because the iterations depend on the
          // rate.
          register_body(fmt::format("delivery/mode:{}/chaos:{}", mode, chaos.name), cell, store,
                        extras)
              ->ArgNames({"rate", "agents"})
              ->Args({static_cast<std::int64_t>(rate), static_cast<std::int64_t>(agents)});
        }
      }
    }
  }
}

}  // namespace spate::bench
