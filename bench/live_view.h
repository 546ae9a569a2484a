// Shows a run on the console while it goes on.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <cstdio>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "live_line.h"
#include "matrix.h"
#include "spate/fault_plan.h"

namespace spate::bench {

// A thread of its own looks at the run a few times a second, and sleeps in between. Blocking.
class LiveView final : public RunWatcher {
 public:
  struct Shows {
    bool line = false;    // how far the run is, written over and over: `out` must be a terminal
    bool events = false;  // each chaos event, a line each
  };

  LiveView(std::FILE* out, Shows shows) : out_(out), shows_(shows) {}
  ~LiveView() override { run_ended(); }

  // What the line begins with from the next run on, such as which of several it is.
  void set_caption(std::string caption) { caption_ = std::move(caption); }

  // Of the run that goes on. Any thread.
  void say_fault(const ExecutedFault& executed);

  void run_begins(const RunPlan& plan, const StressRun& run) override;
  void run_ended() noexcept override;
  void run_simulated(const RunReport& report) override;

 private:
  void watch(const RunPlan& plan, const StressRun& run);
  std::string captioned(const LiveFigures& figures) const;
  void print_events(const LiveReport& report);
  void say_events(std::uint64_t missing, const char* why, const std::vector<ChaosEvent>& events);

  std::FILE* out_;
  Shows shows_;
  std::string caption_;
  std::thread thread_;
  std::mutex mutex_;
  std::condition_variable ended_changed_;
  bool ended_ = false;
};

}  // namespace spate::bench
