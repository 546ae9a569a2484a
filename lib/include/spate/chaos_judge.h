// Who decides what chaos does to each expected delivery, in virtual time as on a clock.
#pragma once

#include <cstdint>
#include <vector>

#include "spate/chaos_profile.h"
#include "spate/chaos_verdict.h"
#include "spate/message.h"
#include "spate/random.h"

namespace spate {

// Verdicts, and what depends on the messages before: each sender's chain of bursts, and for how
// long it is down. Knows no clock and no delivery. One thread, shares nothing (wait-free);
// allocates in the constructor alone, nothing there per agent unless the profile has bursts or a
// downtime.
//
// judge() is a function of the profile, the seed and the message: a message that was judged and not
// taken is judged again with the same result, whatever came between, and it does not matter which
// messages are judged at all. In order of sequence, per sender, it is fast.
class ChaosJudge {
 public:
  ChaosJudge(const ChaosProfile& profile, std::uint64_t seed, std::uint32_t agents)
      : profile_(profile),
        seed_(seed),
        chains_(profile.bursts.never() ? 0 : agents),
        down_until_ns_(profile.downtime_ns > 0 ? agents : 0, 0) {}

  ChaosVerdict judge(const Message& message) noexcept {
    return judge(message, MessageDraws(seed_, message.sender, message.sequence));
  }
  // The same for who has the message's draws already.
  ChaosVerdict judge(const Message& message, const MessageDraws& draws) noexcept {
    ChaosVerdict verdict = chaos_verdict(profile_, draws, message.recipient);
    if (!chains_.empty()) {
      const Chain chain = chain_at(message.sender, message.sequence);
      verdict.burst_begins = chain.bad && !chain.bad_before && opens(message);
      verdict.burst_failure =
          chain.bad && profile_.bursts.fail.hit(draws.draw(Purpose::burst_fail, message.recipient));
    }
    return verdict;
  }

  // Whether the sender is down, so that the attempt fails at once like a crash. By the schedule's
  // time, not the actual one: so the same attempts fail on every machine, as long as there is a
  // schedule (a closed loop has none) and none of it is shed.
  bool down(const Message& message) const noexcept {
    return !down_until_ns_.empty() && message.intended_ns < down_until_ns_[message.sender];
  }
  // The sender crashed at this message: from here on it is down.
  void crashed(const Message& message) noexcept {
    if (!down_until_ns_.empty()) {
      down_until_ns_[message.sender] = message.intended_ns + profile_.downtime_ns;
    }
  }

 private:
  struct Chain {
    std::uint64_t steps = 0;  // message k is sent after step k, from 0 on
    bool bad = false;
    bool bad_before = false;  // the last step
  };

  void step(Chain& chain, AgentId sender) const {
    const MessageDraws draws(seed_, sender, chain.steps++);
    chain.bad_before = chain.bad;
    chain.bad = chain.bad ? !profile_.bursts.leave.hit(draws.draw(Purpose::burst_leave))
                          : profile_.bursts.enter.hit(draws.draw(Purpose::burst_enter));
  }

  Chain chain_at(AgentId sender, std::uint64_t sequence) noexcept {
    Chain& latest = chains_[sender];
    if (sequence + 1 < latest.steps) {
      // Rare: a message that was overtaken, because it waits while later ones are shed.
      Chain earlier{sequence, bad_after(sender, sequence)};
      step(earlier, sender);
      return earlier;
    }
    while (latest.steps <= sequence) {
      step(latest, sender);
    }
    return latest;
  }

  // Whether the state is bad after so many steps: looks back to the latest one that tells, whatever
  // the state was before it, because there the chain may only enter or only leave.
  bool bad_after(AgentId sender, std::uint64_t steps) const {
    bool flipped = false;
    for (; steps > 0; --steps) {
      const MessageDraws draws(seed_, sender, steps - 1);
      const bool enters = profile_.bursts.enter.hit(draws.draw(Purpose::burst_enter));
      const bool leaves = profile_.bursts.leave.hit(draws.draw(Purpose::burst_leave));
      if (enters != leaves) {
        return enters != flipped;
      }
      flipped ^= enters;  // both: from whichever state to the other
    }
    return flipped;
  }

  ChaosProfile profile_;
  std::uint64_t seed_;
  std::vector<Chain> chains_;                // by sender; empty without bursts
  std::vector<std::int64_t> down_until_ns_;  // by sender; empty without downtime
};

}  // namespace spate
