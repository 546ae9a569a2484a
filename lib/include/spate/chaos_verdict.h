// What chance decides for one expected delivery.
//
// Verdicts are keyed draws, so the same seed gives the same faults in every mode.
#pragma once

#include <cstdint>

#include "spate/chaos_profile.h"
#include "spate/message.h"
#include "spate/random.h"

namespace spate {

// All of it is drawn independently. What excludes what: a crash wins over a failure in a burst; and
// where there is either, the attempt never reaches the delivery, so the rest has no effect.
struct ChaosVerdict {
  bool crash = false;
  std::int64_t spike_ns = 0;    // 0: no spike
  std::int64_t reorder_ns = 0;  // 0: not held back
  bool duplicate = false;
  bool drop_ack = false;
  // These two come from the sender's chain, which ChaosJudge keeps.
  bool burst_failure = false;
  bool burst_begins = false;  // before this message; said of its first delivery alone

  constexpr std::int64_t held_ns() const { return spike_ns + reorder_ns; }
  constexpr bool untouched() const {
    return !crash && held_ns() == 0 && !duplicate && !drop_ack && !burst_failure && !burst_begins;
  }

  // For the run's digest. Of a crash and a spike alone it is what it was before there was more.
  constexpr std::uint64_t code() const {
    const std::uint64_t more = (static_cast<std::uint64_t>(reorder_ns) << 3) |
                               (duplicate ? 4U : 0U) | (drop_ack ? 2U : 0U) |
                               (burst_failure ? 1U : 0U);
    return static_cast<std::uint64_t>(spike_ns) * 2 + (crash ? 1 : 0) +
           (more == 0 ? 0 : mix64(more));
  }
};

// What is drawn for this delivery alone: all but what belongs to the chain.
inline ChaosVerdict chaos_verdict(const ChaosProfile& profile, const MessageDraws& draws,
                                  AgentId recipient) {
  const auto hit = [&](const Probability& probability, Purpose purpose) {
    return !probability.never() && probability.hit(draws.draw(purpose, recipient));
  };
  const auto one_to = [&](std::int64_t most, Purpose purpose) {
    return 1 + static_cast<std::int64_t>(
                   scaled(draws.draw(purpose, recipient), static_cast<std::uint64_t>(most)));
  };
  ChaosVerdict verdict;
  verdict.crash = hit(profile.crash, Purpose::crash);
  if (hit(profile.spike, Purpose::spike)) {
    verdict.spike_ns = one_to(profile.spike_max_ns, Purpose::spike_extra);
  }
  if (hit(profile.reorder, Purpose::reorder)) {
    verdict.reorder_ns = one_to(profile.reorder_max_ns, Purpose::reorder_extra);
  }
  verdict.duplicate = hit(profile.duplicate, Purpose::duplicate);
  verdict.drop_ack = hit(profile.drop_ack, Purpose::drop_ack);
  return verdict;
}

}  // namespace spate
