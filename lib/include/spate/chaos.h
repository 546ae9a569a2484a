// Chaos: what chance does to a delivery before the delivery sees it.
//
// Verdicts are keyed draws, so the same seed gives the same faults in every mode. ChaosDelivery
// puts them before any delivery: a crashed attempt is settled at once and never reaches it, a
// spiked one reaches it later.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "spate/agents.h"
#include "spate/chaos_events.h"
#include "spate/clock.h"
#include "spate/delivery.h"
#include "spate/digest.h"
#include "spate/mock_delivery.h"
#include "spate/timer_wheel.h"

namespace spate {

struct ChaosProfile {
  std::string name = "off";
  Probability crash;
  Probability spike;
  std::int64_t spike_max_ns = 500'000'000;  // a spike adds 1 ns … this, uniformly
  std::int64_t downtime_ns = 0;  // after a crash the agent's attempts fail at once for so long

  static ChaosProfile off() { return {}; }
  static ChaosProfile on() { return {"on", Probability(0.01), Probability(0.05)}; }
  // Throws Error that names the known profiles.
  static ChaosProfile named(std::string_view name);

  bool quiet() const { return crash.never() && spike.never(); }
};

// What chance decided for one expected delivery.
struct ChaosVerdict {
  bool crash = false;
  std::int64_t spike_ns = 0;  // 0: no spike. Drawn independently of the crash.

  constexpr std::uint64_t code() const {
    return static_cast<std::uint64_t>(spike_ns) * 2 + (crash ? 1 : 0);
  }
};

inline ChaosVerdict chaos_verdict(const ChaosProfile& profile, const MessageDraws& draws,
                                  AgentId recipient) {
  ChaosVerdict verdict;
  verdict.crash = profile.crash.hit(draws.draw(Purpose::crash, recipient));
  if (profile.spike.hit(draws.draw(Purpose::spike, recipient))) {
    const auto span = static_cast<std::uint64_t>(profile.spike_max_ns);
    verdict.spike_ns =
        1 + static_cast<std::int64_t>(scaled(draws.draw(Purpose::spike_extra, recipient), span));
  }
  return verdict;
}

// A producer with chaos in front. One thread, like every handle; shares nothing (wait-free).
template <Clock C>
class BasicChaosProducer {
 public:
  // `hold_capacity`: how many spiked messages may wait; beyond, try_send takes fewer.
  BasicChaosProducer(AnyProducer inner, C clock, std::uint64_t seed, std::uint32_t agents,
                     const ChaosProfile& profile, std::uint32_t hold_capacity)
      : inner_(std::move(inner)),
        clock_(std::move(clock)),
        seed_(seed),
        profile_(profile),
        quiet_(profile.quiet()),
        held_(quiet_ || profile.spike.never() ? 0 : hold_capacity, profile.spike_max_ns),
        down_until_(profile.downtime_ns > 0 ? agents : 0, 0) {}

  std::size_t try_send(std::span<const Message> batch) noexcept {
    if (quiet_) {
      return pass_on(batch);
    }
    // Untouched messages go on in runs, so that the delivery still sees batches.
    std::size_t run_begin = 0;
    for (std::size_t at = 0; at < batch.size(); ++at) {
      const ChaosVerdict verdict = verdict_of(batch[at]);
      if (!verdict.crash && verdict.spike_ns == 0 && !down(batch[at])) {
        continue;
      }
      const std::size_t passed = pass_on(batch.subspan(run_begin, at - run_begin));
      if (run_begin + passed < at || !interfere(batch[at], verdict)) {
        return run_begin + passed;
      }
      run_begin = at + 1;
    }
    return run_begin + pass_on(batch.subspan(run_begin));
  }

  std::size_t poll(std::span<Settlement> out) noexcept {
    release_due();
    const std::size_t own = std::min(out.size(), crashed_count_);
    for (std::size_t i = 0; i < own; ++i) {
      out[i] = crashed_[--crashed_count_];
    }
    return own + inner_.poll(out.subspan(own));
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
    digest_ += digest_term(message, verdict_of(message).code());
  }

  std::uint64_t spiked() const { return spiked_; }
  std::uint64_t digest() const { return digest_; }
  std::uint64_t draws_digest() const noexcept { return inner_.draws_digest(); }
  const ChaosEventLog& events() const { return events_; }

 private:
  static constexpr std::size_t kSettledCapacity = 1024;
  static constexpr std::size_t kReleaseBatch = 64;

  ChaosVerdict verdict_of(const Message& message) const {
    return chaos_verdict(profile_, MessageDraws(seed_, message.sender, message.sequence),
                         message.recipient);
  }

  std::size_t pass_on(std::span<const Message> batch) noexcept {
    const std::size_t taken = batch.empty() ? 0 : inner_.try_send(batch);
    for (const Message& message : batch.first(taken)) {
      digest_ += digest_term(message, ChaosVerdict{}.code());
    }
    return taken;
  }

  // By the schedule's time, not the actual one: so the same attempts fail on every machine, as long
  // as there is a schedule (a closed loop has none) and none of it is shed.
  bool down(const Message& message) const {
    return !down_until_.empty() && message.intended_ns < down_until_[message.sender];
  }

  // False when there is no room; nothing has happened then.
  bool interfere(const Message& message, const ChaosVerdict& verdict) noexcept {
    const bool is_down = down(message);
    if (is_down || verdict.crash) {
      if (crashed_count_ == crashed_.size()) {
        return false;
      }
      crashed_[crashed_count_++] = settled(message, Outcome::crashed);
      if (!is_down) {
        begin_downtime(message);
      }
    } else {
      if (held_.full()) {
        return false;
      }
      held_.push(message.sent_ns, message.sent_ns + verdict.spike_ns, message);
      ++spiked_;
      events_.record({message.sent_ns, message.sequence, verdict.spike_ns, message.sender,
                      ChaosEvent::Kind::spike});
    }
    digest_ += digest_term(message, verdict.code());
    return true;
  }

  void begin_downtime(const Message& message) noexcept {
    if (!down_until_.empty()) {
      down_until_[message.sender] = message.intended_ns + profile_.downtime_ns;
    }
    events_.record({message.sent_ns, message.sequence, profile_.downtime_ns, message.sender,
                    ChaosEvent::Kind::crash});
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
      const std::size_t taken =
          inner_.try_send(std::span(released_).subspan(released_begin_, offered));
      released_begin_ += taken;
      if (taken < offered) {
        return;
      }
    }
  }

  AnyProducer inner_;
  C clock_;
  std::uint64_t seed_;
  ChaosProfile profile_;
  bool quiet_;
  TimerWheel<Message, EarlierIdentity> held_;
  std::vector<std::int64_t> down_until_;  // by agent; empty without downtime
  std::array<Settlement, kSettledCapacity> crashed_;
  std::size_t crashed_count_ = 0;
  std::array<Message, kReleaseBatch> released_;  // due, not yet taken by the delivery
  std::size_t released_begin_ = 0;
  std::size_t released_end_ = 0;
  std::uint64_t spiked_ = 0;
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
