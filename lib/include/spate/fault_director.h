// Executes a fault plan against what it strikes.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "spate/fault_plan.h"

namespace spate {

// What faults of one sort strike: the way to a broker, the broker's process, or the load. Called by
// one thread at a time. Both functions throw Error when it cannot be done, and return when it is
// done.
class FaultTarget {
 public:
  FaultTarget() = default;
  FaultTarget(const FaultTarget&) = delete;
  FaultTarget& operator=(const FaultTarget&) = delete;
  virtual ~FaultTarget() = default;

  virtual void begin(const Fault& fault) = 0;
  // Once after each begin(), also one that failed, when its time is over or the run is.
  virtual void end(const Fault& fault) = 0;
};

// One thread for each sort, so that a server which takes its time to come back keeps no other fault
// waiting. They sleep until the next fault is due.
class FaultDirector final : public FaultInjector {
 public:
  struct Targets {
    FaultTarget* way = nullptr;  // null: the plan has no fault of that sort; so are the others
    FaultTarget* process = nullptr;
    FaultTarget* load = nullptr;
  };
  // Told what has just happened, by the threads of all sorts; must not throw. May be null.
  using Listener = std::function<void(const ExecutedFault& fault)>;

  // `schedule`: as scheduled() gives it; a target is there for each sort that it has. The targets
  // must outlive this.
  FaultDirector(const std::vector<Fault>& schedule, const Targets& targets,
                const Listener& listener = {});
  ~FaultDirector() override;

  void start(std::int64_t start_ns) override;
  std::vector<ExecutedFault> stop() override;

 private:
  class Lane;
  std::vector<std::unique_ptr<Lane>> lanes_;
};

}  // namespace spate
