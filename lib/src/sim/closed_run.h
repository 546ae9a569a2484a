// A simulation of a closed loop, in which each end may begin something.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <utility>
#include <vector>

#include "attempts.h"
#include "event_queues.h"
#include "spate/run_plan.h"

namespace spate {

// Ends: EndHeap or EndWheel. One thread.
template <class Ends>
class ClosedRun {
 public:
  ClosedRun(const RunPlan& plan, Ends ends, const std::atomic<bool>& stop)
      : plan_(plan),
        stop_(stop),
        ends_(std::move(ends)),
        senders_(plan.agents),
        attempts_(plan, *this) {}

  void run() {
    for (AgentId sender = 0; sender < plan_.agents; ++sender) {
      fill_window(sender, 0);
    }
    const auto end = [this](const PendingEnd& pending, std::int64_t now_ns) {
      end_now(pending.sender);
      fill_windows_after(pending.sender, now_ns);
    };
    // At one moment, first what ends, then what chaos releases.
    while (ends_.pop(attempts_.next_release_ns(), end) || attempts_.release(kNever)) {
    }
    attempts_.close();
  }

  const SimulationRecord& record() const { return attempts_.record(); }

  // For Attempts.
  void end_now(AgentId sender) {
    ++ended_;
    ++senders_[sender].ended;
  }
  void end_at(std::int64_t now_ns, std::int64_t end_ns, const Message& message) {
    ends_.push(now_ns, end_ns, {message.sequence, message.sender, message.recipient});
  }

 private:
  struct Sender {
    std::uint64_t messages = 0;
    std::uint64_t deliveries = 0;
    std::uint64_t ended = 0;  // of these
    bool waits = false;       // for room below the in-flight limit
  };

  bool has_room() const { return attempts_.has_room_for(plan_.agents - 1, ended_); }

  // Those that wait for room come first, in the order in which they began to.
  void fill_windows_after(AgentId sender, std::int64_t now_ns) {
    while (!waiting_.empty() && has_room()) {
      const AgentId first = waiting_.front();
      waiting_.pop_front();
      senders_[first].waits = false;
      fill_window(first, now_ns);
    }
    fill_window(sender, now_ns);
  }

  void fill_window(AgentId agent, std::int64_t now_ns) {
    Sender& sender = senders_[agent];
    const std::uint64_t quota = plan_.messages_of(agent);
    while (!sender.waits && sender.messages < quota &&
           sender.deliveries < sender.ended + plan_.window &&
           !stop_.load(std::memory_order_relaxed)) {
      if (!has_room()) {
        sender.waits = true;
        waiting_.push_back(agent);
        return;
      }
      sender.deliveries += attempts_.begin(agent, sender.messages++, now_ns);
      attempts_.send();
    }
  }

  const RunPlan& plan_;
  const std::atomic<bool>& stop_;
  Ends ends_;
  std::vector<Sender> senders_;
  std::deque<AgentId> waiting_;
  std::uint64_t ended_ = 0;  // of the attempts
  Attempts<ClosedRun> attempts_;
};

}  // namespace spate
