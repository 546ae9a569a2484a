// Chaos profiles: which faults there are, and how often.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "spate/fault_plan.h"
#include "spate/random.h"

namespace spate {

// Bursts of failures: the chain of Gilbert ("Capacity of a Burst-Noise Channel", BSTJ 1960) and
// Elliott ("Estimates of Error Rates for Codes on Burst-Noise Channels", BSTJ 1963). Each sender is
// in a good or a bad state, begins in the good one, and takes one step before each of its messages:
// from good to bad with probability `enter`, from bad to good with probability `leave`. In the good
// state nothing fails; in the bad one each expected delivery fails with probability `fail`.
//
//   share of messages in the bad state   enter / (enter + leave)
//   mean length of a burst               1 / leave messages
//   share of deliveries that fail        fail * enter / (enter + leave)
struct FailureBursts {
  Probability enter = {};
  Probability leave = {};
  Probability fail = {};

  constexpr bool never() const { return enter.never() || fail.never(); }
};

inline constexpr std::array<std::string_view, 3> kChaosProfileNames{"off", "on", "storm"};

// The name of a profile is a part of a benchmark's name. All rates are per expected delivery, but
// for those of the bursts.
struct ChaosProfile {
  std::string name = "off";
  Probability crash = {};                   // the attempt fails at once
  Probability spike = {};                   // it is delayed
  std::int64_t spike_max_ns = 500'000'000;  // a spike adds 1 ns … this, uniformly
  std::int64_t downtime_ns = 0;  // after a crash the agent's attempts fail at once for so long
  FailureBursts bursts = {};
  Probability reorder = {};                 // held back, so that what is sent after it overtakes it
  std::int64_t reorder_max_ns = 2'000'000;  // for 1 ns … this, uniformly; adds to a spike
  Probability duplicate = {};               // a copy is sent beside it
  Probability drop_ack = {};                // the delivery's ack never reaches the sender
  std::vector<Fault> faults = {};           // of brokers, and of the way to them

  static ChaosProfile off() { return {}; }
  static ChaosProfile on() { return {"on", Probability(0.01), Probability(0.05)}; }
  // Everything at once, as a bad day has it: each fault is rare enough that most messages arrive,
  // and frequent enough that a run of some thousand messages meets it with each of the others.
  //
  //   crash      0.2 %, down for 5 ms: what the agent is due to send meanwhile is refused. Nothing
  //              where it sends less often than that, but for the rest of a broadcast; in a closed
  //              loop, which offers the next attempt at once, nearly all.
  //   bursts     0.2 % enter, 5 % leave, 80 % fail: 20 messages long, 3.8 % of the time, so 3.1 %
  //              of the deliveries fail, and they fail in a row, which retries must outlast.
  //   spikes     5 % up to 500 ms, as in profile on.
  //   reorder    2 % up to 2 ms: more than what lies between two messages of a busy sender.
  //   duplicate  1 %, and drop_ack 1 %: what a sender with retries makes of each other's.
  static ChaosProfile storm();
  // Throws Error that names the known profiles.
  static ChaosProfile named(std::string_view name);

  // Whether no attempt is ever interfered with. (Real faults do not ask for attempts.)
  bool quiet() const {
    return crash.never() && spike.never() && bursts.never() && reorder.never() &&
           duplicate.never() && drop_ack.never();
  }
  // So long an attempt may be held back in all.
  std::int64_t longest_hold_ns() const {
    return (spike.never() ? 0 : spike_max_ns) + (reorder.never() ? 0 : reorder_max_ns);
  }
};

}  // namespace spate
