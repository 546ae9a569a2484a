// A simulation of an open loop in the order of time.
#pragma once

#include <atomic>
#include <cstdint>

#include "attempts.h"
#include "end_count.h"
#include "spate/run_plan.h"
#include "spate/schedule.h"

namespace spate {

// The schedule goes on whatever happens, and what ends makes nothing happen but room below the
// in-flight limit. So there is no queue for the ends. One thread.
class OpenRun {
 public:
  OpenRun(const RunPlan& plan, const std::atomic<bool>& stop)
      : plan_(plan), stop_(stop), attempts_(plan, *this) {}

  void run() {
    OpenSchedule schedule(DueTimes(plan_.arrivals, plan_.rate, plan_.seed, plan_.agents),
                          plan_.agents, plan_.messages, 0, 1);
    for (; !schedule.finished() && !stop_.load(std::memory_order_relaxed); schedule.advance()) {
      release_until(schedule.due_ns());
      const std::uint32_t deliveries =
          attempts_.begin(schedule.sender(), schedule.sequence(), schedule.due_ns());
      if (has_room_for(deliveries, schedule.due_ns())) {
        attempts_.send();
      } else {
        attempts_.shed();
      }
    }
    release_until(kNever);
    attempts_.close();
  }

  const SimulationRecord& record() const { return attempts_.record(); }

  // For Attempts.
  void end_now(AgentId /*sender*/) { ended_.end_now(); }
  void end_at(std::int64_t now_ns, std::int64_t end_ns, const Message& /*message*/) {
    ended_.end_at(now_ns, end_ns);
  }

 private:
  void release_until(std::int64_t limit_ns) {
    while (attempts_.release(limit_ns)) {
    }
  }

  bool has_room_for(std::uint64_t deliveries, std::int64_t now_ns) {
    return attempts_.has_room_for(deliveries, ended_.at_least()) ||
           attempts_.has_room_for(deliveries, ended_.by(now_ns));
  }

  const RunPlan& plan_;
  const std::atomic<bool>& stop_;
  EndCount ended_;
  Attempts<OpenRun> attempts_;
};

}  // namespace spate
