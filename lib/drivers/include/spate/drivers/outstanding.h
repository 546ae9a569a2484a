// What a producer has handed to its broker, until the worker has been told how it ended.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "spate/delivery.h"

namespace spate::drivers {

// Messages are numbered as they are added, from 0. They may be settled in any order; each is
// settled once. Allocates when it is made and never again. One thread.
class Outstanding {
 public:
  explicit Outstanding(std::uint32_t capacity) : slots_(capacity), settled_(capacity) {}

  // How many more may be added now.
  std::size_t room() const {
    return slots_.size() - std::max<std::size_t>(end_ - begin_, open_ + settled_count_);
  }
  // How many have no answer yet.
  std::size_t open() const { return open_; }
  // The next number; those before it were added.
  std::uint64_t end() const { return end_; }
  // No number before it is open.
  std::uint64_t begin() const { return begin_; }

  // Precondition: room() > 0. Returns the message's number.
  std::uint64_t add(const Message& message) {
    slot(end_) = {settled(message, Outcome::unknown), true};
    ++open_;
    return end_++;
  }

  // False, and nothing is changed, when no message of that number is open.
  bool settle(std::uint64_t number, Outcome outcome) {
    if (number < begin_ || number >= end_ || !slot(number).open) {
      return false;
    }
    Slot& settling = slot(number);
    settling.open = false;
    settling.settlement.outcome = outcome;
    settled_[(settled_begin_ + settled_count_++) % settled_.size()] = settling.settlement;
    --open_;
    while (begin_ < end_ && !slot(begin_).open) {
      ++begin_;
    }
    return true;
  }
  // All that are open and numbered below `end`.
  void settle_below(std::uint64_t end, Outcome outcome) {
    for (std::uint64_t number = begin_; number < std::min(end, end_); ++number) {
      settle(number, outcome);
    }
  }

  // Adds and rejects messages that go nowhere; returns their number. Precondition: there is room
  // for them.
  std::size_t refuse(std::span<const Message> messages) {
    for (const Message& message : messages) {
      settle(add(message), Outcome::rejected);
    }
    return messages.size();
  }

  // Writes settlements to `out`, in the order in which they came; returns how many.
  std::size_t collect(std::span<Settlement> out) {
    const std::size_t count = std::min(out.size(), settled_count_);
    for (std::size_t i = 0; i < count; ++i) {
      out[i] = settled_[settled_begin_];
      settled_begin_ = (settled_begin_ + 1) % settled_.size();
    }
    settled_count_ -= count;
    return count;
  }

 private:
  struct Slot {
    Settlement settlement;
    bool open = false;
  };
  Slot& slot(std::uint64_t number) { return slots_[number % slots_.size()]; }

  std::vector<Slot> slots_;          // by number
  std::vector<Settlement> settled_;  // a ring
  std::uint64_t begin_ = 0;
  std::uint64_t end_ = 0;
  std::size_t open_ = 0;
  std::size_t settled_begin_ = 0;
  std::size_t settled_count_ = 0;
};

}  // namespace spate::drivers
