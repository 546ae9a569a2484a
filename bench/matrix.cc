#include "matrix.h"

#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <new>

#include "host.h"
#include "interrupt.h"
#include "modes.h"
#include "spate/error.h"
#include "spate/stress_run.h"

namespace spate::bench {
namespace {

// Once per row; in a closed loop as often as Google Benchmark needs to find the length.
class CellRun {
 public:
  CellRun(benchmark::State& state, const Cell& cell)
      : state_(state),
        plan_(plan_for(state, cell)),
        payloads_(payloads_for(plan_)),
        delivery_(mode_named(plan_.mode).make(plan_, payloads_)),
        run_(plan_, delivery_, payloads_, &interrupted()) {}

  // Google Benchmark's clock stands before and afterwards.
  RunReport run() {
    state_.ResumeTiming();
    if (plan_.rate == 0) {
      // Without the drain: otherwise a few spikes would pass for a long run, and end it.
      run_.execute([&] { state_.PauseTiming(); });
      return run_.report();
    }
    run_.execute();
    state_.PauseTiming();
    RunReport report = run_.report();
    // Spread over the iterations again, this makes Time the mean response time.
    state_.SetIterationTime(report.response.mean() * 1e-9 *
                            static_cast<double>(state_.max_iterations));
    return report;
  }

  const RunPlan& plan() const { return plan_; }

 private:
  static RunPlan plan_for(const benchmark::State& state, const Cell& cell) {
    RunPlan plan = cell.plan;
    if (plan.rate == 0) {
      plan.messages = static_cast<std::uint64_t>(state.max_iterations);
    }
    return plan;
  }

  benchmark::State& state_;
  RunPlan plan_;
  std::shared_ptr<const Payloads> payloads_;
  AnyDelivery delivery_;
  StressRun run_;
};

void run_cell(benchmark::State& state, const Cell& cell, RunStore& store, bool measure_memory) {
  const std::int64_t resident_before = measure_memory ? resident_bytes() : 0;
  CellRun run(state, cell);
  const RunReport report = run.run();
  if (measure_memory) {
    state.counters["memory_bytes_per_agent"] =
        static_cast<double>(resident_bytes() - resident_before) / run.plan().agents;
  }
  for (const auto& [name, value] : counters_of(run.plan(), report)) {
    state.counters[name] = value;
  }
  state.counters[RunStore::kRunCounter] = static_cast<double>(
      store.add(cell, static_cast<std::int64_t>(state.max_iterations),
                {spate_object(cell, report), report.clean(), report.interrupted}));
}

// The body that Google Benchmark calls. It can take no exception out of it, nor a body that never
// loops, nor an error that is told outside the loop; so all of it happens inside.
void run_body(benchmark::State& state, const Cell& cell, RunStore& store, bool measure_memory) {
  while (state.KeepRunningBatch(state.max_iterations)) {
    if (interrupted()) {
      state.SkipWithError("interrupted");
      break;
    }
    try {
      // Neither setting a run up nor writing its report is a part of what is measured.
      state.PauseTiming();
      run_cell(state, cell, store, measure_memory);
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
                                              RunStore& store, bool measure_memory = false) {
  auto* const registered = benchmark::RegisterBenchmark(
      name.c_str(), [cell, &store, measure_memory](benchmark::State& state) {
        run_body(state, cell, store, measure_memory);
      });
  registered->MeasureProcessCPUTime();
  if (cell.plan.rate > 0) {
    registered->Iterations(static_cast<benchmark::IterationCount>(cell.plan.messages));
    registered->UseManualTime();
  } else {
    registered->UseRealTime();
  }
  return registered;
}

}  // namespace

std::uint64_t messages_for(std::uint64_t rate, std::int64_t duration_ns) {
  const auto messages = static_cast<std::uint64_t>(
      Uint128{rate} * static_cast<std::uint64_t>(duration_ns) / 1'000'000'000U);
  return std::max<std::uint64_t>(messages, 1);
}

std::uint64_t RunStore::add(const Cell& cell, std::int64_t iterations, Entry entry) {
  std::erase_if(kept_, [&](const auto& run) {
    return run.second.cell == &cell && run.second.iterations < iterations && run.second.entry.clean;
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

std::size_t RunStore::unclean_left() const {
  return static_cast<std::size_t>(std::count_if(kept_.begin(), kept_.end(), [](const auto& run) {
    return !run.second.entry.clean && !run.second.entry.interrupted;
  }));
}

void register_cell(const std::string& name, const Cell& cell, RunStore& store,
                   bool measure_memory) {
  check(cell.plan);
  register_body(name, cell, store, measure_memory);
}

void register_matrix(const Options& options, RunStore& store) {
  for (const std::string& mode : options.modes) {
    for (const ChaosProfile& chaos : options.chaos) {
      for (const std::uint64_t rate : options.rates) {
        for (const std::uint32_t agents : options.agents) {
          Cell cell{options.plan, rate == 0 ? options.closed_loop_ns : options.duration_ns,
                    options.templates_name, ""};
          cell.plan.mode = mode;
          cell.plan.chaos = chaos;
          cell.plan.rate = rate;
          cell.plan.agents = agents;
          // A worker without agents would only wait, and be billed for it.
          cell.plan.workers = std::min(options.plan.workers, agents);
          cell.plan.messages = messages_for(rate, options.duration_ns);
          check(cell.plan);
          // Rate and agents are arguments, which Google Benchmark appends to the family's name.
          // Each cell is registered by itself all the same, because the iterations depend on the
          // rate.
          register_body(fmt::format("delivery/mode:{}/chaos:{}", mode, chaos.name), cell, store)
              ->ArgNames({"rate", "agents"})
              ->Args({static_cast<std::int64_t>(rate), static_cast<std::int64_t>(agents)});
        }
      }
    }
  }
}

}  // namespace spate::bench
