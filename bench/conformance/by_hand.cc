#include "conformance/by_hand.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "spate/chaos_marks.h"
#include "spate/clock.h"
#include "spate/stress_run.h"

namespace spate::bench {
namespace {

constexpr std::uint32_t kAgents = 9;
// What a lent batch is overwritten with: numbers that no trial gets to.
constexpr std::uint64_t kOverwritten = std::uint64_t{0x2a5b} << 40;

bool same(const Message& a, const Message& b) {
  return a.intended_ns == b.intended_ns && a.sent_ns == b.sent_ns && a.sequence == b.sequence &&
         a.ordinal == b.ordinal && a.sender == b.sender && a.recipient == b.recipient &&
         a.worker == b.worker && a.type == b.type;
}

}  // namespace

Message trial_message(std::uint64_t number) {
  constexpr std::array<MessageType, 3> kNormal{MessageType::text, MessageType::broadcast,
                                               MessageType::system};
  Message message;
  message.sender = static_cast<AgentId>(number % kAgents);
  message.sequence = number / kAgents;
  message.recipient =
      static_cast<AgentId>((message.sender + 1 + message.sequence % (kAgents - 1)) % kAgents);
  message.ordinal =
      number | (number % 5 == 0 ? kCopyMark : 0) | (number % 7 == 0 ? kDropAckMark : 0);
  message.type = number % 16 == 7 ? MessageType::urgent : kNormal[number % kNormal.size()];
  message.intended_ns = static_cast<std::int64_t>(number) + 1;
  message.sent_ns = static_cast<std::int64_t>(number) + 2;
  return message;
}

ByHand::ByHand(Trial& trial, std::uint64_t messages)
    : trial_(trial),
      plan_(Trial::plan_of(1, messages)),
      payloads_(payloads_for(plan_)),
      delivery_(trial.maker(plan_, payloads_), trial.board(), counts_),
      producer_(delivery_.make_producer(0)),
      consumer_(delivery_.make_consumer(0)),
      rendered_(payloads_->buffer_bytes()),
      fates_(messages),
      next_(std::size_t{kAgents} * kAgents * kLanes) {}

std::size_t ByHand::send(std::size_t most) {
  const auto count = std::min<std::uint64_t>({most, kBatch, fates_.size() - sent_});
  const std::span<Message> batch = std::span(lent_).first(count);
  for (std::size_t i = 0; i < count; ++i) {
    batch[i] = trial_message(sent_ + i);
  }
  const std::size_t taken = producer_.try_send(batch);
  for (Message& message : batch) {
    message.ordinal += kOverwritten;
    message.sequence += kOverwritten;
  }
  sent_ += taken;
  return taken;
}

std::size_t ByHand::settle() {
  std::array<Settlement, kBatch> settlements;
  const std::size_t count = producer_.poll(settlements);
  for (const Settlement& settlement : std::span(settlements).first(count)) {
    look_at(settlement);
  }
  return count;
}

std::span<const Received> ByHand::receive(std::size_t most) {
  return std::span(received_).first(consumer_.try_receive(std::span(received_).first(most)));
}

void ByHand::look_at(std::span<const Received> batch) {
  for (const Received& received : batch) {
    look_at(received);
  }
}

void ByHand::finish() {
  const SteadyClock clock;
  std::int64_t last_ns = clock.now_ns();
  while (!all_here() && clock.now_ns() - last_ns < kPatienceNs) {
    if (receive_and_look() + settle() > 0) {
      last_ns = clock.now_ns();
    }
  }
  // What comes twice comes a little later, and not for ever.
  constexpr std::int64_t kLaterNs = 50 * kMillisecondNs;
  const std::int64_t here_ns = clock.now_ns();
  last_ns = here_ns;
  for (std::int64_t now_ns = here_ns; now_ns - last_ns < kLaterNs && now_ns - here_ns < kPatienceNs;
       now_ns = clock.now_ns()) {
    if (receive_and_look() + settle() > 0) {
      last_ns = now_ns;
    }
  }
}

void ByHand::look_at(const Received& received) {
  const std::uint64_t number = ordinal_of(received.message.ordinal);
  if (!is_sent(number)) {
    ++(number >= kOverwritten && is_sent(number - kOverwritten) ? wrongs_.overwritten
                                                                : wrongs_.strange);
    return;
  }
  if (!same(received.message, trial_message(number))) {
    ++wrongs_.changed;
    return;
  }
  Fate& fate = fates_[number];
  if (fate.arrived > 0) {
    ++wrongs_.again;
    return;
  }
  fate.arrived = 1;
  ++arrived_;
  check_order(received.message);
  look_at_bytes(received);
}

void ByHand::look_at_bytes(const Received& received) {
  if (received.payload.empty()) {
    ++wrongs_.without_bytes;
    return;
  }
  const std::size_t size = payloads_->write(received.message, rendered_.data());
  const bool same_bytes = received.payload.size() == size &&
                          std::memcmp(received.payload.data(), rendered_.data(), size) == 0;
  if (!same_bytes || received.checksum != payloads_->checksum(received.message, received.payload)) {
    ++wrongs_.damaged;
  }
}

void ByHand::check_order(const Message& message) {
  std::uint64_t& next = next_[(message.sender * kAgents + message.recipient) * kLanes +
                              static_cast<std::size_t>(lane_of(message.type))];
  wrongs_.out_of_order += message.sequence < next ? 1U : 0U;
  next = std::max(next, message.sequence + 1);
}

void ByHand::look_at(const Settlement& settlement) {
  const std::uint64_t number = ordinal_of(settlement.ordinal);
  if (!is_sent(number)) {
    ++(number >= kOverwritten && is_sent(number - kOverwritten) ? wrongs_.overwritten
                                                                : wrongs_.settled_strange);
    return;
  }
  const Message message = trial_message(number);
  if (settlement.ordinal != message.ordinal || settlement.sender != message.sender ||
      settlement.type != message.type) {
    ++wrongs_.settled_as_other;
  }
  Fate& fate = fates_[number];
  if (fate.settled > 0) {
    ++wrongs_.settled_again;
    return;
  }
  fate.settled = 1;
  ++settled_;
  fate.acked = settlement.outcome == Outcome::acked;
  fate.rejected = settlement.outcome != Outcome::acked && settlement.outcome != Outcome::unknown;
  rejected_ += fate.rejected ? 1U : 0U;
}

void ByHand::tell(const char* where) {
  tell_fates(where);
  tell_too_much(trial_, counts_, where);
  const auto say = [&](Clause clause, std::uint64_t count, const char* what) {
    if (count > 0) {
      trial_.found(clause, fmt::format("{}: {} of {} {}", where, count, sent_, what));
    }
  };
  say(Clause::copies, wrongs_.overwritten,
      "came out as what the batch held after try_send had returned: copy messages, keep no span");
  say(Clause::sent, wrongs_.strange, "arrived and were never sent");
  say(Clause::sent, wrongs_.changed,
      "arrived with another sender, recipient, sequence, type, worker, time or mark in the "
      "ordinal");
  say(Clause::once, wrongs_.again, "arrived again");
  if (trial_.ordered()) {
    say(Clause::order, wrongs_.out_of_order, "arrived after a later one");
  }
  say(Clause::bytes, wrongs_.damaged, "had other bytes, or a checksum that is not theirs");
  if (wrongs_.without_bytes < arrived_) {  // else it carries none, as the mock
    say(Clause::bytes, wrongs_.without_bytes, "had no bytes, though others had");
  }
  say(Clause::settles, wrongs_.settled_again, "were settled again");
  say(Clause::settles, wrongs_.settled_strange, "settled, which were never sent");
  say(Clause::settles, wrongs_.settled_as_other,
      "were settled with another ordinal, sender or type than they were sent with");
}

void ByHand::tell_fates(const char* where) {
  std::uint64_t lost = 0;
  std::uint64_t unsettled = 0;
  std::uint64_t refused_yet_here = 0;
  for (const Fate& fate : std::span(fates_).first(sent_)) {
    lost += fate.acked && fate.arrived == 0 ? 1U : 0U;
    unsettled += fate.settled == 0 ? 1U : 0U;
    refused_yet_here += fate.rejected && fate.arrived > 0 ? 1U : 0U;
  }
  // What was changed on the way did arrive, in its way.
  lost -= std::min(lost, wrongs_.changed + wrongs_.overwritten);
  if (lost > 0) {
    trial_.found(Clause::arrives, fmt::format("{}: {} of {} were acked and had not arrived {} s "
                                              "after the last that did",
                                              where, lost, sent_, kPatienceNs / kSecondNs));
  }
  if (unsettled > 0) {
    trial_.found(Clause::settles,
                 fmt::format("{}: {} of {} were taken and not settled", where, unsettled, sent_));
  }
  if (refused_yet_here > 0) {
    trial_.found(Clause::refuses, fmt::format("{}: {} of {} were settled as refused, and arrived",
                                              where, refused_yet_here, sent_));
  }
}

}  // namespace spate::bench
