// Keyed draws: every random choice is a pure function of (seed, agent, sequence, purpose), and of
// the recipient where a message has several. Not of thread, time or order: so the same seed gives
// the same choices in every mode and with any number of workers.
//
// Integers decide everywhere. No std::*_distribution: their results differ between libraries.
#pragma once

#include <cstdint>

#include "spate/message.h"

namespace spate {

__extension__ using Uint128 = unsigned __int128;

// The finaliser of SplitMix64 (Steele, Lea, Flood: "Fast Splittable Pseudorandom Number
// Generators", OOPSLA 2014; constants: Stafford's variant 13). A bijection on 64 bits.
constexpr std::uint64_t mix64(std::uint64_t x) {
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9U;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebU;
  return x ^ (x >> 31);
}

constexpr std::uint64_t multiply_high(std::uint64_t a, std::uint64_t b) {
  return static_cast<std::uint64_t>((Uint128{a} * b) >> 64);
}

// What a draw is for. The values are part of the digest's definition: append, never renumber.
enum class Purpose : std::uint64_t {
  type = 1,
  recipient = 2,
  crash = 3,
  spike = 4,
  spike_extra = 5,
  mock_failure = 6,
  mock_latency = 7,
  arrival = 8,
  burst_enter = 9,
  burst_leave = 10,
  burst_fail = 11,
  reorder = 12,
  reorder_extra = 13,
  duplicate = 14,
  drop_ack = 15,
  fault_begin = 16,
  way_jitter = 17,
  way_piece = 18,
  reconnect = 19,
};

// All the draws that belong to one message of one sender.
class MessageDraws {
 public:
  constexpr MessageDraws(std::uint64_t seed, AgentId sender, std::uint64_t sequence)
      : MessageDraws(of_sender(seed, sender), sequence) {}

  // In two steps, for who goes through the messages of a sender.
  struct Sender {
    std::uint64_t base;
  };
  static constexpr Sender of_sender(std::uint64_t seed, AgentId sender) {
    return {mix64(seed + kSenderStep * (std::uint64_t{sender} + 1))};
  }
  constexpr MessageDraws(Sender sender, std::uint64_t sequence)
      : base_(mix64(sender.base + kSequenceStep * (sequence + 1))) {}

  // Uniform over all 64-bit values.
  constexpr std::uint64_t draw(Purpose purpose) const {
    return mix64(base_ + kPurposeStep * static_cast<std::uint64_t>(purpose));
  }
  constexpr std::uint64_t draw(Purpose purpose, AgentId recipient) const {
    return mix64(base_ + kPurposeStep * static_cast<std::uint64_t>(purpose) +
                 kRecipientStep * (std::uint64_t{recipient} + 1));
  }

 private:
  // Odd constants with well-mixed bits: 2^64 times the fractional parts of the golden ratio and of
  // the square roots of 2, 3 and 7, made odd.
  static constexpr std::uint64_t kSequenceStep = 0x9e3779b97f4a7c15U;
  static constexpr std::uint64_t kSenderStep = 0x6a09e667f3bcc909U;
  static constexpr std::uint64_t kPurposeStep = 0xbb67ae8584caa73bU;
  static constexpr std::uint64_t kRecipientStep = 0xa54ff53a5f1d36f1U;

  std::uint64_t base_;
};

// A draw mapped onto [0, bound) by its high bits (Lemire, "Fast Random Integer Generation in an
// Interval", ACM TOMACS 2019, without the rejection: the bias is below bound / 2^64).
constexpr std::uint64_t scaled(std::uint64_t draw, std::uint64_t bound) {
  return multiply_high(draw, bound);
}

// A probability as the integer that decides: hit where draw < p * 2^64.
class Probability {
 public:
  constexpr Probability() = default;
  // 0 <= p <= 1; what else is given never hits, and is for check(RunPlan) to refuse. The product is
  // exact: scaling by a power of two does not round.
  constexpr explicit Probability(double p)
      : last_(p == 1.0             ? ~std::uint64_t{0}
              : p > 0.0 && p < 1.0 ? static_cast<std::uint64_t>(p * 0x1p64) - 1
                                   : 0),
        never_(!(p >= 0x1p-64 && p <= 1.0)),
        value_(p) {}

  constexpr bool hit(std::uint64_t draw) const { return draw <= last_ && !never_; }
  constexpr bool never() const { return never_; }
  constexpr double value() const { return value_; }

 private:
  std::uint64_t last_ = 0;  // the largest draw that hits: p * 2^64 - 1, which fits for p = 1 too
  bool never_ = true;
  double value_ = 0.0;  // as given; for people, decides nothing
};

}  // namespace spate
