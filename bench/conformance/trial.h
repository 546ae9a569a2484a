// One delivery on trial, in a process of its own: what a stage works with, and where it says what
// it has found.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "conformance/call_board.h"
#include "conformance/clauses.h"
#include "conformance/watched_delivery.h"
#include "spate/bench/modes.h"
#include "spate/clock.h"
#include "spate/payload.h"
#include "spate/run_plan.h"

namespace spate::bench {

inline constexpr std::int64_t kMillisecondNs = 1'000'000;
inline constexpr std::int64_t kSecondNs = 1'000'000'000;
// What does not come within so long, while nothing else does, does not come.
inline constexpr std::int64_t kPatienceNs = 2 * kSecondNs;

class Trial {
 public:
  using Tell = std::function<void(Clause clause, const std::string& finding)>;

  // `ordered`: whether the delivery promises order.
  Trial(const Mode& mode, bool ordered, CallBoard& board, Tell tell)
      : mode_(mode), ordered_(ordered), board_(board), tell_(std::move(tell)) {}

  CallBoard& board() const { return board_; }
  bool ordered() const { return ordered_; }
  void found(Clause clause, const std::string& finding) const { tell_(clause, finding); }

  // For the mock: what it takes arrives, at once.
  static RunPlan plan_of(std::uint32_t workers, std::uint64_t messages) {
    RunPlan plan;
    plan.messages = messages;
    plan.rate = 0;
    plan.workers = workers;
    plan.mock = {.latency = LatencyModel::constant(0), .success = Probability(1.0)};
    plan.in_flight_limit = 1 << 16;
    plan.drain_limit_ns = kPatienceNs;
    return plan;
  }
  WatchedDelivery::Make maker(const RunPlan& plan,
                              const std::shared_ptr<const Payloads>& payloads) const {
    return [this, &plan, payloads] { return mode_.make(plan, payloads); };
  }

 private:
  const Mode& mode_;
  bool ordered_;
  CallBoard& board_;
  Tell tell_;
};

// Says which calls answered that they did more than they were asked for.
void tell_too_much(const Trial& trial, const CallCounts& counts, std::string_view where);

struct Stage {
  std::string_view what;  // "by hand, …": how its findings begin
  void (*run)(Trial& trial);
  // That are looked at in few stages, and in this one; all others are in each.
  std::vector<Clause> clauses;
};

// by_hand_stages.cc, run_stages.cc: from what is simple to what is not.
std::vector<Stage> by_hand_stages();
std::vector<Stage> run_stages();

}  // namespace spate::bench
