// The matrix: each cell is registered as a benchmark, and keeps its reports until they are written.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>

#include "options.h"
#include "result_json.h"
#include "spate/bench/modes.h"
#include "spate/stress_run.h"

namespace spate::bench {

// What a cell's run leaves for the reporter. Google Benchmark carries nothing but numbers from a
// benchmark to a reporter; so a number, in the counter kRunCounter, refers to the entry here.
class RunStore {
 public:
  static constexpr const char* kRunCounter = "spate_run";

  struct Entry {
    Json spate;
    bool clean = true;
    bool interrupted = false;
    Counters counters = {};
    DeliveryTroubles troubles = {};
    std::string fault_finding = {};  // what is wrong for its real faults; empty: nothing
  };

  // `cell` and `iterations`: of the benchmark that ran. Google Benchmark runs a closed loop with
  // ever more iterations until it lasts long enough, and reports only the last; so a longer run of
  // the same cell replaces the shorter ones, unless their ledger is broken. Their troubles it
  // keeps.
  std::uint64_t add(const Cell& cell, std::int64_t iterations, Entry entry);
  // Once per run; nothing where there is no such run.
  std::optional<Entry> take(std::uint64_t run);
  // The run that a signal cut short, if there is one that was not taken: Google Benchmark may take
  // it for a trial, and never report it.
  std::optional<Entry> take_interrupted();
  // Runs with a broken ledger that nobody asked for: trials of Google Benchmark's, or repetitions
  // of which only the aggregates were reported.
  std::size_t unclean_left() const;

 private:
  struct Kept {
    const Cell* cell;
    std::int64_t iterations;
    Entry entry;
  };

  std::uint64_t next_ = 1;
  std::map<std::uint64_t, Kept> kept_;
};

// How many messages a cell sends: at least 1. In a closed loop (rate 0) Google Benchmark decides.
std::uint64_t messages_for(std::uint64_t rate, std::int64_t duration_ns);

// Looks on while the runs of cells go on, from a thread of its own if it likes.
class RunWatcher {
 public:
  RunWatcher() = default;
  RunWatcher(const RunWatcher&) = delete;
  RunWatcher& operator=(const RunWatcher&) = delete;
  virtual ~RunWatcher() = default;

  // `plan` and `run` live until run_ended() has returned; run.observe() may be called till then.
  virtual void run_begins(const RunPlan& plan, const StressRun& run) = 0;
  virtual void run_ended() noexcept = 0;
  // In place of the two: a run in virtual time is over before anybody could look.
  virtual void run_simulated(const RunReport& report) = 0;
};

// What its pointers lead to must outlive the benchmarks.
struct CellExtras {
  bool measure_memory =
      false;  // a counter says by how much the process grew for the run, per agent
  RunWatcher* watcher = nullptr;
  // Becomes the report of the latest run, be it a trial.
  std::optional<RunReport>* last_report = nullptr;
  // May add to the row's `spate` object what it sees in the report of a run that was not cut short.
  std::function<void(const RunPlan& plan, const RunReport& report, Json& spate)> annotate = nullptr;
};

// Registers every cell of the axes. `store` must outlive the benchmarks.
void register_matrix(const Options& options, RunStore& store, const CellExtras& extras = {});

// Registers one cell under a name of its own.
void register_cell(const std::string& name, const Cell& cell, RunStore& store,
                   const CellExtras& extras = {});

}  // namespace spate::bench
