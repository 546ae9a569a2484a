// What happens to each attempt in a simulation in the order of time, from its intended send to the
// mock.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>

#include "delay_line.h"
#include "event_queues.h"
#include "order_in_flight.h"
#include "record.h"
#include "spate/agents.h"
#include "spate/chaos_judge.h"
#include "spate/chaos_marks.h"
#include "spate/digest.h"
#include "spate/error.h"
#include "spate/ledger.h"
#include "spate/mock_delivery.h"
#include "spate/run_plan.h"
#include "spate/station.h"

namespace spate {

// What becomes of an attempt, and when, is known and written down as soon as it reaches the mock:
// the station tells how long it will wait. So nothing is left for its end but what Ends makes of
// it: `end_now(sender)` or, with now_ns <= end_ns, `end_at(now_ns, end_ns, message)`.
//
// One thread. Times of begin() and release() never fall from call to call.
template <class Ends>
class Attempts {
 public:
  // `plan` and `ends` must outlive this.
  Attempts(const RunPlan& plan, Ends& ends)
      : plan_(plan),
        ends_(ends),
        agents_(plan.seed, plan.agents, plan.types),
        judge_(plan.chaos, plan.seed, plan.agents),
        station_(plan.mock.station),
        order_(plan.agents),
        record_(plan, 0, 1),
        sent_(window_of(plan)),
        seen_(1, window_of(plan)),
        most_in_flight_(std::max<std::uint64_t>(plan.in_flight_limit, plan.agents - 1)) {
    const std::array receivers{&seen_};
    sent_.watch(0, receivers);
  }

  // The next message, which send() or shed() then deals with. Returns how many deliveries it is.
  std::uint32_t begin(AgentId sender, std::uint64_t sequence, std::int64_t now_ns) {
    draws_ = agents_.draws(sender, sequence);
    const Intent intent = agents_.intent(sender, draws_);
    current_.intended_ns = now_ns;
    current_.sent_ns = now_ns;
    current_.sequence = sequence;
    current_.sender = sender;
    current_.recipient = intent.recipient;
    current_.type = intent.type;
    fanout_ = agents_.fanout(intent.type);
    record_.last_due_ns = now_ns;
    return fanout_;
  }

  void send() {
    record_.sends.taken(record_.sends.of(current_.sender), current_.type, 1, fanout_,
                        current_.sent_ns);
    for (; fanout_ > 0; --fanout_) {
      current_.ordinal = attempted_++;
      send(current_);
      current_.recipient = agents_.next_recipient(current_.sender, current_.recipient + 1);
    }
  }

  void shed() {
    for (; fanout_ > 0; --fanout_) {
      record_.digest += digest_term(current_, judge_.judge(current_, draws_).code());
      ++record_.shed;
      current_.recipient = agents_.next_recipient(current_.sender, current_.recipient + 1);
    }
  }

  // When chaos lets the next one go on that it holds back; kNever: it holds none.
  std::int64_t next_release_ns() const { return held_.next_due_ns(); }
  // Lets it go on, if it is due by limit_ns; returns whether it was.
  bool release(std::int64_t limit_ns) {
    return held_.pop(limit_ns, [this](const Message& message, std::int64_t now_ns) {
      if (!is_copy(message.ordinal)) {
        order_.release(message, now_ns);
      }
      pass_on(message, digest_identity(message), agents_.draws(message.sender, message.sequence),
              now_ns);
    });
  }

  // After the last.
  void close() {
    receipts_.drain([this](const Receipt& receipt) { enter(receipt); });
    sent_.close(attempted_);
    const std::array sent{static_cast<const SentLedger*>(&sent_)};
    const std::array seen{static_cast<const SeenLedger*>(&seen_)};
    record_.account = reconcile(sent, seen);
  }

  // Whether so many more may be under way when of the others so many have ended.
  bool has_room_for(std::uint64_t deliveries, std::uint64_t ended) const {
    return attempted_ + deliveries <= ended + most_in_flight_;
  }
  const SimulationRecord& record() const { return record_; }

 private:
  static LedgerWindow window_of(const RunPlan& plan) {
    return plan.ledger_window.value_or(LedgerWindow::of_run(1, plan.in_flight_limit));
  }

  struct Receipt {
    Message message;
    std::int64_t received_ns = 0;
  };

  // The current message through chaos, as BasicChaosProducer does it.
  void send(const Message& message) {
    order_.prefetch(message);
    const ChaosVerdict verdict = judge_.judge(message, draws_);
    const std::uint64_t identity = digest_identity(message);
    record_.digest += digest_term(identity, verdict.code());
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
      hand_over(message, identity, verdict);
    }
  }

  void hand_over(Message message, std::uint64_t identity, const ChaosVerdict& verdict) {
    note(message, verdict);
    const std::int64_t held_ns = verdict.held_ns();
    const std::uint64_t ordinal = message.ordinal;
    message.ordinal = ordinal | (verdict.drop_ack ? kDropAckMark : 0);
    if (held_ns > 0) {
      order_.hold(message, message.sent_ns);
    }
    hand_over_after(held_ns, message, identity);
    if (verdict.duplicate) {
      message.ordinal = ordinal | kCopyMark;
      hand_over_after(held_ns, message, identity);
    }
  }

  void hand_over_after(std::int64_t held_ns, const Message& message, std::uint64_t identity) {
    if (held_ns == 0) {
      pass_on(message, identity, draws_, message.sent_ns);
    } else {
      held_.push(message.sent_ns, message.sent_ns + held_ns, message);
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
  void pass_on(const Message& message, std::uint64_t identity, const MessageDraws& draws,
               std::int64_t now_ns) {
    const MockVerdict verdict = mock_verdict(plan_.mock, draws, message.recipient);
    record_.mock_digest += digest_term(identity, verdict.code());
    const std::int64_t served_ns = station_.serve(now_ns, verdict.latency_ns);
    const std::int64_t end_ns =
        verdict.success ? station_.hand_out(served_ns, message.recipient, lane_of(message.type))
                        : served_ns;
    if (end_ns >= kEndOfTimeNs) {
      throw Error(
          "virtual time would pass 146 years; give fewer messages, shorter latencies or "
          "more servers");
    }
    record_.end_ns = std::max(record_.end_ns, end_ns);
    if (is_copy(message.ordinal)) {
      return;  // it was counted when it was made, and is nobody's delivery
    }
    if (verdict.success) {
      receive(message, now_ns, end_ns);
    } else {
      refuse(message, Outcome::failed);
    }
    ends_.end_at(now_ns, end_ns, message);
  }

  void receive(const Message& message, std::int64_t now_ns, std::int64_t received_ns) {
    const bool ack_dropped = (message.ordinal & kDropAckMark) != 0;
    const std::uint64_t ordinal = ordinal_of(message.ordinal);
    record_.chaos.acks_dropped += ack_dropped ? 1U : 0U;
    sent_.settle(ordinal, ack_dropped ? Outcome::unknown : Outcome::acked);
    seen_.mark(0, ordinal);
    record_.reordered += order_.receive(message, now_ns, received_ns);
    record_.receipts.prefetch(message, received_ns);
    receipts_.push({message, received_ns}, [this](const Receipt& receipt) { enter(receipt); });
  }
  void enter(const Receipt& receipt) {
    record_.receipts.record(receipt.message, receipt.received_ns);
  }

  void refuse(const Message& message, Outcome outcome) {
    sent_.settle(ordinal_of(message.ordinal), outcome);
    record_.sends.refused(record_.sends.of(message.sender), message.type, outcome);
  }
  void refuse_at_once(const Message& message, Outcome outcome) {
    refuse(message, outcome);
    ends_.end_now(message.sender);
  }

  const RunPlan& plan_;
  Ends& ends_;
  Agents agents_;
  ChaosJudge judge_;
  EventHeap<Message, EarlierHeld> held_;  // by chaos; few
  Station station_;
  OrderInFlight order_;
  DelayLine<Receipt> receipts_;  // the histograms of all senders together exceed the cache
  SimulationRecord record_;
  SentLedger sent_;
  SeenLedger seen_;
  std::uint64_t most_in_flight_;

  Message current_;              // the message that is being fanned out; recipient: the next one
  MessageDraws draws_{0, 0, 0};  // of the same
  std::uint32_t fanout_ = 0;
  std::uint64_t attempted_ = 0;
};

}  // namespace spate
