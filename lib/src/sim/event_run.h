// A simulation in the order of time, for plans whose deliveries influence each other.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <deque>
#include <utility>
#include <vector>

#include "event_queues.h"
#include "order_in_flight.h"
#include "record.h"
#include "spate/agents.h"
#include "spate/chaos_judge.h"
#include "spate/chaos_marks.h"
#include "spate/digest.h"
#include "spate/mock_delivery.h"
#include "spate/run_plan.h"
#include "spate/schedule.h"
#include "spate/station.h"

namespace spate {

// Queue: of event_queues.h. One thread.
template <class Queue>
class EventRun {
 public:
  EventRun(const RunPlan& plan, Queue queue, const std::atomic<bool>& stop)
      : plan_(plan),
        stop_(stop),
        agents_(plan.seed, plan.agents, plan.types),
        most_in_flight_(std::max<std::uint64_t>(plan.in_flight_limit, plan.agents - 1)),
        queue_(std::move(queue)),
        judge_(plan.chaos, plan.seed, plan.agents),
        station_(plan.mock.station),
        order_(plan.agents),
        record_(plan, 0, 1),
        senders_(plan.rate == 0 ? plan.agents : 0) {}

  void run() {
    if (plan_.rate == 0) {
      run_closed_loop();
    } else {
      run_open_loop();
    }
    record_.sent.close(next_ordinal_);
  }

  const SimulationRecord& record() const { return record_; }

 private:
  // Of a closed loop, by agent.
  struct Sender {
    std::uint64_t messages = 0;
    std::uint64_t deliveries = 0;
    std::uint64_t ended = 0;  // of these
    bool waits = false;       // for room below the in-flight limit
  };

  void run_open_loop() {
    OpenSchedule schedule(DueTimes(plan_.arrivals, plan_.rate, plan_.seed, plan_.agents),
                          plan_.agents, plan_.messages, 0, 1);
    for (; !schedule.finished() && !stop_.load(std::memory_order_relaxed); schedule.advance()) {
      record_.last_due_ns = schedule.due_ns();
      run_until(schedule.due_ns());
      begin_message(schedule.sender(), schedule.sequence(), schedule.due_ns());
      if (has_room_for(fanout_)) {
        send_message();
      } else {
        shed_message();
      }
    }
    run_until(kNever);
  }

  void run_closed_loop() {
    for (AgentId sender = 0; sender < plan_.agents; ++sender) {
      fill_window(sender, 0);
    }
    run_until(kNever);
  }

  void run_until(std::int64_t limit_ns) {
    queue_.run_until(limit_ns, [this](const PendingEvent& event, std::int64_t now_ns) {
      handle(event, now_ns);
    });
  }

  void handle(const PendingEvent& event, std::int64_t now_ns) {
    const Message& message = event.message;
    if (event.kind == PendingEvent::Kind::released) {
      pass_on(message, agents_.draws(message.sender, message.sequence), now_ns);
      return;
    }
    record_.end_ns = now_ns;
    if (is_copy(message.ordinal)) {
      return;  // it was counted when it was made, and is nobody's delivery
    }
    if (event.kind == PendingEvent::Kind::failed) {
      order_.leave(message);
      refuse(message, Outcome::failed);
    } else {
      receive(message, now_ns);
    }
    ended(message.sender);
    if (plan_.rate == 0) {
      fill_windows_after(message.sender, now_ns);
    }
  }

  void receive(const Message& message, std::int64_t now_ns) {
    const bool ack_dropped = (message.ordinal & kDropAckMark) != 0;
    const std::uint64_t ordinal = ordinal_of(message.ordinal);
    record_.chaos.acks_dropped += ack_dropped ? 1U : 0U;
    record_.sent.settle(ordinal, ack_dropped ? Outcome::unknown : Outcome::acked);
    record_.seen.mark(0, ordinal);
    record_.reordered += order_.receive(message) ? 1U : 0U;
    record_.receipts.record(message, now_ns);
  }

  // --- sending ---

  void begin_message(AgentId sender, std::uint64_t sequence, std::int64_t now_ns) {
    draws_ = agents_.draws(sender, sequence);
    const Intent intent = agents_.intent(sender, draws_);
    current_.intended_ns = now_ns;
    current_.sent_ns = now_ns;
    current_.sequence = sequence;
    current_.sender = sender;
    current_.recipient = intent.recipient;
    current_.type = intent.type;
    fanout_ = agents_.fanout(intent.type);
  }

  void send_message() {
    record_.sends.taken(record_.sends.of(current_.sender), current_.type, 1, fanout_,
                        current_.sent_ns);
    for (; fanout_ > 0; --fanout_) {
      current_.ordinal = next_ordinal_++;
      send(current_);
      current_.recipient = agents_.next_recipient(current_.sender, current_.recipient + 1);
    }
  }

  void shed_message() {
    for (; fanout_ > 0; --fanout_) {
      record_.digest += digest_term(current_, judge_.judge(current_, draws_).code());
      ++record_.shed;
      current_.recipient = agents_.next_recipient(current_.sender, current_.recipient + 1);
    }
  }

  // The current message through chaos, as BasicChaosProducer does it.
  void send(const Message& message) {
    const ChaosVerdict verdict = judge_.judge(message, draws_);
    record_.digest += digest_term(message, verdict.code());
    if (verdict.burst_begins) {
      record_.log(message, ChaosEvent::Kind::burst);
    }
    if (judge_.down(message)) {
      refuse_at_once(message, Outcome::crashed);
    } else if (verdict.crash) {
      judge_.crashed(message);
      record_.log(message, ChaosEvent::Kind::crash, plan_.chaos.downtime_ns);
      refuse_at_once(message, Outcome::crashed);
    } else if (verdict.burst_failure) {
      ++record_.chaos.burst_failures;
      refuse_at_once(message, Outcome::failed);
    } else {
      order_.enter(message);
      hand_over(message, verdict);
    }
  }

  void hand_over(Message message, const ChaosVerdict& verdict) {
    note(message, verdict);
    const std::uint64_t ordinal = message.ordinal;
    message.ordinal = ordinal | (verdict.drop_ack ? kDropAckMark : 0);
    hand_over_after(verdict.held_ns(), message);
    if (verdict.duplicate) {
      message.ordinal = ordinal | kCopyMark;
      hand_over_after(verdict.held_ns(), message);
    }
  }

  void hand_over_after(std::int64_t held_ns, const Message& message) {
    if (held_ns == 0) {
      pass_on(message, draws_, message.sent_ns);
    } else {
      queue_.push(message.sent_ns, message.sent_ns + held_ns,
                  {message, PendingEvent::Kind::released});
    }
  }

  void note(const Message& message, const ChaosVerdict& verdict) {
    record_.note_hold(message, verdict);
    if (verdict.duplicate) {
      ++record_.chaos.duplicates;
      record_.log(message, ChaosEvent::Kind::duplicate);
    }
    if (verdict.drop_ack) {
      record_.log(message, ChaosEvent::Kind::dropped_ack);
    }
  }

  // To the mock.
  void pass_on(const Message& message, const MessageDraws& draws, std::int64_t now_ns) {
    const MockVerdict verdict = mock_verdict(plan_.mock, draws, message.recipient);
    record_.mock_digest += digest_term(message, verdict.code());
    const std::int64_t served_ns = station_.serve(now_ns, verdict.latency_ns);
    if (verdict.success) {
      queue_.push(now_ns, station_.hand_out(served_ns, message.recipient, lane_of(message.type)),
                  {message, PendingEvent::Kind::received});
    } else {
      queue_.push(now_ns, served_ns, {message, PendingEvent::Kind::failed});
    }
  }

  void refuse(const Message& message, Outcome outcome) {
    record_.sent.settle(ordinal_of(message.ordinal), outcome);
    record_.sends.refused(record_.sends.of(message.sender), message.type, outcome);
  }
  void refuse_at_once(const Message& message, Outcome outcome) {
    refuse(message, outcome);
    ended(message.sender);
  }

  bool has_room_for(std::uint64_t deliveries) const {
    return next_ordinal_ + deliveries <= ended_ + most_in_flight_;
  }

  // --- a closed loop ---

  void ended(AgentId sender) {
    ++ended_;
    if (plan_.rate == 0) {
      ++senders_[sender].ended;
    }
  }

  // Those that wait for room come first, in the order in which they began to.
  void fill_windows_after(AgentId sender, std::int64_t now_ns) {
    while (!waiting_.empty() && has_room_for(plan_.agents - 1)) {
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
      if (!has_room_for(plan_.agents - 1)) {
        sender.waits = true;
        waiting_.push_back(agent);
        return;
      }
      begin_message(agent, sender.messages++, now_ns);
      sender.deliveries += fanout_;
      send_message();
    }
  }

  const RunPlan& plan_;
  const std::atomic<bool>& stop_;
  Agents agents_;
  std::uint64_t most_in_flight_;
  Queue queue_;
  ChaosJudge judge_;
  Station station_;
  OrderInFlight order_;
  SimulationRecord record_;
  std::vector<Sender> senders_;
  std::deque<AgentId> waiting_;

  Message current_;              // the message that is being fanned out; recipient: the next one
  MessageDraws draws_{0, 0, 0};  // of the same
  std::uint32_t fanout_ = 0;
  std::uint64_t next_ordinal_ = 0;
  std::uint64_t ended_ = 0;  // of these deliveries
};

}  // namespace spate
