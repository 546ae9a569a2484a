// One worker's handles, used by hand, one call at a time: all messages are known by their number,
// so that whatever comes out can be held against what went in.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "conformance/trial.h"
#include "conformance/watched_delivery.h"
#include "spate/delivery.h"
#include "spate/message.h"
#include "spate/payload.h"

namespace spate::bench {

// Number `number` of those that a delivery on trial gets: of nine agents in turn, each to the
// others in turn, every sixteenth urgent. Ordinals have marks, as chaos makes them.
Message trial_message(std::uint64_t number);

// Far more than a delivery is told to hold (setup_for) of messages that nobody receives.
inline constexpr std::uint64_t kMostInTrial = 1 << 19;

class ByHand {
 public:
  static constexpr std::size_t kBatch = 64;

  // For `messages` at the most.
  ByHand(Trial& trial, std::uint64_t messages);

  // Offers the next messages once, up to `most`; returns how many were taken. What was lent is
  // overwritten as soon as the call has returned.
  std::size_t send(std::size_t most = kBatch);
  std::size_t offer(std::span<const Message> batch) { return producer_.try_send(batch); }
  std::size_t settle();
  // One call; what it brought can be looked at until the next one.
  std::span<const Received> receive(std::size_t most = kBatch);
  void look_at(std::span<const Received> batch);
  std::size_t receive_and_look() {
    const std::span<const Received> batch = receive();
    look_at(batch);
    return batch.size();
  }
  // Receives and polls until all that was taken has come and is settled, or nothing more comes.
  void finish();

  std::uint64_t sent() const { return sent_; }
  bool all_here() const { return arrived_ >= sent_ - rejected_ && settled_ >= sent_; }
  bool all_settled() const { return settled_ >= sent_; }

  // Says what was wrong with what came so far. `where`: the stage. Once.
  void tell(const char* where);

 private:
  // What became of a message.
  struct Fate {
    std::uint8_t settled = 0;
    std::uint8_t arrived = 0;
    bool acked = false;
    bool rejected = false;
  };
  // Broken clauses, as counts.
  struct Wrongs {
    std::uint64_t overwritten = 0;  // came as what the lent batch held later
    std::uint64_t strange = 0;
    std::uint64_t changed = 0;
    std::uint64_t again = 0;
    std::uint64_t out_of_order = 0;
    std::uint64_t damaged = 0;
    std::uint64_t without_bytes = 0;
    std::uint64_t settled_again = 0;
    std::uint64_t settled_strange = 0;
    std::uint64_t settled_as_other = 0;
  };

  void look_at(const Received& received);
  void look_at_bytes(const Received& received);
  void look_at(const Settlement& settlement);
  void check_order(const Message& message);
  bool is_sent(std::uint64_t number) const { return number < sent_; }
  void tell_fates(const char* where);

  Trial& trial_;
  RunPlan plan_;
  std::shared_ptr<const Payloads> payloads_;
  CallCounts counts_;
  WatchedDelivery delivery_;
  WatchedDelivery::Producer producer_;
  WatchedDelivery::Consumer consumer_;
  std::array<Message, kBatch> lent_;
  std::array<Received, kBatch> received_;
  std::vector<std::byte> rendered_;
  std::vector<Fate> fates_;  // by number
  std::vector<std::uint64_t>
      next_;  // by sender, recipient and lane: the sequence to come, or above
  std::uint64_t sent_ = 0;
  std::uint64_t settled_ = 0;
  std::uint64_t arrived_ = 0;
  std::uint64_t rejected_ = 0;
  Wrongs wrongs_;
};

}  // namespace spate::bench
