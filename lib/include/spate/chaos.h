// Chaos before any delivery. A crash, or a failure in a burst, settles the attempt at once; it
// never reaches the delivery. What is delayed reaches it later, a duplicate twice; and of a dropped
// ack the sender never hears.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>
#include <utility>

#include "spate/chaos_events.h"
#include "spate/chaos_judge.h"
#include "spate/chaos_marks.h"
#include "spate/chaos_profile.h"
#include "spate/chaos_verdict.h"
#include "spate/clock.h"
#include "spate/delivery.h"
#include "spate/digest.h"
#include "spate/mock_delivery.h"
#include "spate/timer_wheel.h"

namespace spate {

// What chaos did, but for the crashes, which the senders' outcomes count. The seed fixes all of it,
// as far as it fixes what is attempted: nothing shed, and with a downtime a schedule.
struct ChaosCounts {
  std::uint64_t spiked = 0;
  std::uint64_t reordered = 0;
  std::uint64_t burst_failures = 0;
  std::uint64_t duplicates = 0;    // copies that the delivery took
  std::uint64_t acks_dropped = 0;  // acks that the delivery gave

  std::uint64_t besides_spikes() const {
    return reordered + burst_failures + duplicates + acks_dropped;
  }
};

// A producer with chaos in front. One thread, like every handle; shares nothing (wait-free).
template <Clock C>
class BasicChaosProducer {
 public:
  // `hold_capacity`: how many messages may be held back; beyond, try_send takes fewer. There is
  // room for a copy beside each.
  BasicChaosProducer(AnyProducer inner, C clock, std::uint64_t seed, std::uint32_t agents,
                     const ChaosProfile& profile, std::uint32_t hold_capacity)
      : inner_(std::move(inner)),
        clock_(std::move(clock)),
        judge_(profile, seed, agents),
        downtime_ns_(profile.downtime_ns),
        quiet_(profile.quiet()),
        marks_(marks_of(profile)),
        held_(places_to_hold(profile, hold_capacity), profile.longest_hold_ns()),
        copies_(LedgerWindow::of_run(1, hold_capacity)) {}

  std::size_t try_send(std::span<const Message> batch) noexcept {
    if (quiet_) {
      return pass_on(batch);
    }
    // Untouched messages go on in runs, so that the delivery still sees batches.
    std::size_t run_begin = 0;
    for (std::size_t at = 0; at < batch.size(); ++at) {
      const ChaosVerdict verdict = judge_.judge(batch[at]);
      if (verdict.untouched() && !judge_.down(batch[at])) {
        continue;
      }
      const std::size_t passed = pass_on(batch.subspan(run_begin, at - run_begin));
      if (run_begin + passed < at || !interfere(batch[at], verdict)) {
        return run_begin + passed;
      }
      digest_ += digest_term(batch[at], verdict.code());
      run_begin = at + 1;
    }
    return run_begin + pass_on(batch.subspan(run_begin));
  }

  std::size_t poll(std::span<Settlement> out) noexcept {
    release_due();
    const std::size_t own = std::min(out.size(), settled_count_);
    for (std::size_t i = 0; i < own; ++i) {
      out[i] = settled_[--settled_count_];
    }
    const std::size_t theirs = inner_.poll(out.subspan(own));
    return own + (marks_ != 0 ? unmark(out.subspan(own, theirs)) : theirs);
  }

  std::int64_t next_due_ns() const noexcept {
    if (released_begin_ < released_end_) {
      return kAnyMoment;
    }
    return std::min(held_.next_due_ns(), inner_.next_due_ns());
  }

  // A message that the load generator gives up before any attempt: its draws belong to the run's
  // digest all the same.
  void account_unsent(const Message& message) noexcept {
    digest_ += digest_term(message, judge_.judge(message).code());
  }

  // Copies that are still to be handed over or to be settled, all of messages that were taken: none
  // may be left when the run ends, since they are counted.
  std::uint64_t open_copies() const { return copies_.open(); }

  const ChaosCounts& counts() const { return counts_; }
  std::uint64_t digest() const { return digest_; }
  std::uint64_t draws_digest() const noexcept { return inner_.draws_digest(); }
  const ChaosEventLog& events() const { return events_; }

 private:
  static constexpr std::size_t kSettledCapacity = 1024;
  static constexpr std::size_t kReleaseBatch = 64;

  static std::uint32_t places_to_hold(const ChaosProfile& profile, std::uint32_t hold_capacity) {
    const bool holds = profile.longest_hold_ns() > 0;
    return (holds ? hold_capacity : 0) + (profile.duplicate.never() ? 0 : hold_capacity);
  }

  std::size_t pass_on(std::span<const Message> batch) noexcept {
    const std::size_t taken = batch.empty() ? 0 : inner_.try_send(batch);
    for (const Message& message : batch.first(taken)) {
      digest_ += digest_term(message, ChaosVerdict{}.code());
    }
    return taken;
  }

  // Each of these is false when there is no room; nothing has happened then.
  bool interfere(const Message& message, const ChaosVerdict& verdict) noexcept {
    if (!deal_with(message, verdict)) {
      return false;
    }
    if (verdict.burst_begins) {
      record(message, ChaosEvent::Kind::burst);
    }
    return true;
  }

  bool deal_with(const Message& message, const ChaosVerdict& verdict) noexcept {
    if (judge_.down(message)) {
      return settle(message, Outcome::crashed);
    }
    if (verdict.crash) {
      return crash(message);
    }
    if (verdict.burst_failure) {
      return fail(message);
    }
    return send(message, verdict);
  }

  bool settle(const Message& message, Outcome outcome) noexcept {
    if (settled_count_ == settled_.size()) {
      return false;
    }
    settled_[settled_count_++] = settled(message, outcome);
    return true;
  }

  bool crash(const Message& message) noexcept {
    if (!settle(message, Outcome::crashed)) {
      return false;
    }
    judge_.crashed(message);
    record(message, ChaosEvent::Kind::crash, downtime_ns_);
    return true;
  }

  bool fail(const Message& message) noexcept {
    const bool done = settle(message, Outcome::failed);
    counts_.burst_failures += done ? 1U : 0U;
    return done;
  }

  // At once or later, alone or with a copy behind it.
  bool send(const Message& message, const ChaosVerdict& verdict) noexcept {
    std::array<Message, 2> pair{message, message};
    pair[0].ordinal |= verdict.drop_ack ? kDropAckMark : 0;
    pair[1].ordinal |= kCopyMark;
    const auto parts = std::span(pair).first(verdict.duplicate ? 2 : 1);
    if (!(verdict.held_ns() > 0 ? hold(parts, verdict.held_ns()) : hand_over(parts))) {
      return false;
    }
    if (verdict.spike_ns > 0) {
      ++counts_.spiked;
      record(message, ChaosEvent::Kind::spike, verdict.spike_ns);
    }
    if (verdict.reorder_ns > 0) {
      ++counts_.reordered;
      record(message, ChaosEvent::Kind::reorder, verdict.reorder_ns);
    }
    if (verdict.duplicate) {
      copies_.made(message.ordinal);
      record(message, ChaosEvent::Kind::duplicate);
    }
    if (verdict.drop_ack) {
      record(message, ChaosEvent::Kind::dropped_ack);
    }
    return true;
  }

  bool hold(std::span<const Message> parts, std::int64_t hold_ns) noexcept {
    if (held_.room() < parts.size()) {
      return false;
    }
    for (const Message& part : parts) {
      held_.push(part.sent_ns, part.sent_ns + hold_ns, part);
    }
    return true;
  }

  // A copy that the delivery does not take waits where there is room for it.
  bool hand_over(std::span<const Message> parts) noexcept {
    if (held_.room() + 1 < parts.size()) {
      return false;
    }
    const std::size_t taken = offer(parts);
    return taken == parts.size() || (taken > 0 && hold(parts.subspan(taken), 0));
  }

  std::size_t offer(std::span<const Message> messages) noexcept {
    const std::size_t taken = inner_.try_send(messages);
    for (const Message& message : messages.first(taken)) {
      counts_.duplicates += is_copy(message.ordinal) ? 1U : 0U;
    }
    return taken;
  }

  void release_due() noexcept {
    while (held_.size() > 0 || released_begin_ < released_end_) {
      if (released_begin_ == released_end_) {
        released_begin_ = 0;
        released_end_ = 0;
        held_.pop_due(clock_.now_ns(), kReleaseBatch, [this](const Message& message, std::int64_t) {
          released_[released_end_++] = message;
        });
        if (released_end_ == 0) {
          return;
        }
      }
      const std::size_t offered = released_end_ - released_begin_;
      const std::size_t taken = offer(std::span(released_).subspan(released_begin_, offered));
      released_begin_ += taken;
      if (taken < offered) {
        return;
      }
    }
  }

  // Takes the marks off and the copies out, and drops acks; returns how many are left. A copy that
  // is settled twice, or was never made, stays as it is: its ordinal exists in nobody's book.
  std::size_t unmark(std::span<Settlement> settlements) noexcept {
    std::size_t kept = 0;
    for (Settlement settlement : settlements) {
      const std::uint64_t marks = settlement.ordinal & marks_;
      const std::uint64_t ordinal = settlement.ordinal & ~marks_;
      if (is_copy(marks)) {
        if (copies_.settle(ordinal)) {
          continue;
        }
      } else if (marks != 0) {
        settlement.ordinal = ordinal;
        if (settlement.outcome == Outcome::acked) {
          settlement.outcome = Outcome::unknown;
          ++counts_.acks_dropped;
        }
      }
      settlements[kept++] = settlement;
    }
    return kept;
  }

  void record(const Message& message, ChaosEvent::Kind kind, std::int64_t extra_ns = 0) noexcept {
    events_.record({message.sent_ns, message.sequence, extra_ns, message.sender, kind});
  }

  AnyProducer inner_;
  C clock_;
  ChaosJudge judge_;
  std::int64_t downtime_ns_;
  bool quiet_;
  std::uint64_t marks_;  // that there may be
  TimerWheel<Message, EarlierHeld> held_;
  std::array<Settlement, kSettledCapacity> settled_;  // by chaos, not yet fetched
  std::size_t settled_count_ = 0;
  std::array<Message, kReleaseBatch> released_;  // due, not yet taken by the delivery
  std::size_t released_begin_ = 0;
  std::size_t released_end_ = 0;
  CopyAccount copies_;
  ChaosCounts counts_;
  std::uint64_t digest_ = 0;
  ChaosEventLog events_;
};

// The decorator. The delivery behind it does not know of it.
template <Clock C>
class BasicChaosDelivery {
 public:
  BasicChaosDelivery(AnyDelivery& inner, C clock, std::uint64_t seed, std::uint32_t agents,
                     ChaosProfile profile, std::uint32_t hold_capacity_per_worker)
      : inner_(&inner),
        clock_(std::move(clock)),
        seed_(seed),
        agents_(agents),
        profile_(std::move(profile)),
        hold_capacity_(hold_capacity_per_worker) {}

  BasicChaosProducer<C> make_producer(WorkerId worker) {
    return {inner_->make_producer(worker), clock_, seed_, agents_, profile_, hold_capacity_};
  }
  AnyConsumer make_consumer(WorkerId worker) { return inner_->make_consumer(worker); }

 private:
  AnyDelivery* inner_;
  C clock_;
  std::uint64_t seed_;
  std::uint32_t agents_;
  ChaosProfile profile_;
  std::uint32_t hold_capacity_;
};

using ChaosProducer = BasicChaosProducer<SteadyClock>;
using ChaosDelivery = BasicChaosDelivery<SteadyClock>;

}  // namespace spate
