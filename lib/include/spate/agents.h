// Who sends what to whom: the type mix and the recipients. Pure functions of the seed.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "spate/message.h"
#include "spate/random.h"

namespace spate {

// Relative weights of the four message types.
class TypeMix {
 public:
  using Weights = std::array<std::uint32_t, kMessageTypes>;

  TypeMix() : TypeMix(Weights{1, 1, 1, 1}) {}
  // At least one weight must be positive.
  explicit TypeMix(Weights weights);

  // "text", "text,urgent" or "text=3,broadcast=1". Throws Error.
  static TypeMix parse(std::string_view text);

  MessageType pick(std::uint64_t draw) const {
    const std::uint64_t point = scaled(draw, total_);
    // Counts the borders that the point has reached by the sign of a difference: a comparison would
    // become a branch, which no processor can predict. The last border is never reached.
    std::size_t type = 0;
    for (std::size_t border = 0; border + 1 < kMessageTypes; ++border) {
      type += (cumulative_[border] - 1 - point) >> 63;
    }
    return static_cast<MessageType>(type);
  }

  const Weights& weights() const { return weights_; }
  // Expected deliveries per message, on average, among `agents`.
  double mean_fanout(std::uint32_t agents) const;

 private:
  Weights weights_;
  std::array<std::uint64_t, kMessageTypes> cumulative_{};
  std::uint64_t total_ = 0;
};

// What the seed fixes of a message before chance touches its delivery.
struct Intent {
  MessageType type;
  AgentId recipient;  // of a broadcast: the first one
};

// The population of one run. Immutable; any thread.
class Agents {
 public:
  // Precondition: count >= 2.
  Agents(std::uint64_t seed, std::uint32_t count, TypeMix mix)
      : seed_(seed), count_(count), mix_(mix) {}

  std::uint32_t count() const { return count_; }
  std::uint64_t seed() const { return seed_; }

  MessageDraws draws(AgentId sender, std::uint64_t sequence) const {
    return {seed_, sender, sequence};
  }

  Intent intent(AgentId sender, const MessageDraws& draws) const {
    const MessageType type = mix_.pick(draws.draw(Purpose::type));
    if (type == MessageType::broadcast) {
      return {type, next_recipient(sender, 0)};
    }
    // Drawn among the others: the sender's own place is skipped, without a branch that no processor
    // could predict.
    const auto other = static_cast<AgentId>(scaled(draws.draw(Purpose::recipient), count_ - 1U));
    return {type, other + (other >= sender ? 1U : 0U)};
  }

  // The recipients of a broadcast in order: the smallest agent >= candidate that is not the sender;
  // count() when there is none left.
  AgentId next_recipient(AgentId sender, AgentId candidate) const {
    return candidate == sender ? candidate + 1 : candidate;
  }

  std::uint32_t fanout(MessageType type) const {
    return type == MessageType::broadcast ? count_ - 1 : 1;
  }

 private:
  std::uint64_t seed_;
  std::uint32_t count_;
  TypeMix mix_;
};

}  // namespace spate
