// A delivery that is wrong on purpose, and counts how often.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "spate/chaos_marks.h"
#include "spate/clock.h"
#include "spate/delivery.h"
#include "spate/message.h"

namespace spate::conformance {

enum class Fault : std::uint8_t {
  none,
  lose,              // acks, but does not pass on
  duplicate,         // hands out twice
  swap_neighbours,   // of the same sender, recipient and lane
  invent,            // hands out what was never sent
  flip_bit,          // in the payload
  ack_twice,         //
  refuse_but_send,   // says that it refused, and delivers
  refuse,            // says that it refused, and does not deliver: no fault at all
  forget_to_settle,  // delivers, but never says so
  say_unknown,       // delivers, but says that it cannot know
};

// Every `every`-th chance is taken. One thread per handle; counts are read after the run.
class FaultyDelivery {
 public:
  FaultyDelivery(AnyDelivery& inner, Fault fault, std::uint64_t every, std::uint32_t workers)
      : inner_(&inner), fault_(fault), every_(every), injected_(2 * std::size_t{workers}) {}

  // How often, over all handles.
  std::uint64_t injected() const {
    std::uint64_t sum = 0;
    for (const Count& count : injected_) {
      sum += count.injected;
    }
    return sum;
  }

 private:
  struct Count {
    std::uint64_t chances = 0;
    std::uint64_t injected = 0;
  };
  // Decides whether this chance is taken.
  class Dice {
   public:
    Dice(std::uint64_t every, Count& count) : every_(every), count_(&count) {}
    bool hit() noexcept {
      const bool hits = ++count_->chances % every_ == 0;
      count_->injected += hits ? 1U : 0U;
      return hits;
    }

   private:
    std::uint64_t every_;
    Count* count_;
  };

 public:
  class Producer {
   public:
    Producer(AnyProducer inner, Fault fault, Dice dice)
        : inner_(std::move(inner)), fault_(fault), dice_(dice) {}

    std::size_t try_send(std::span<const Message> batch) noexcept {
      if (fault_ != Fault::lose && fault_ != Fault::refuse) {
        return inner_.try_send(batch);
      }
      std::size_t taken = 0;
      for (; taken < batch.size(); ++taken) {
        // A copy of chaos's is in no account: nobody would miss it.
        if (kept_.size() < kMostKept && !is_copy(batch[taken].ordinal) && dice_.hit()) {
          kept_.push_back(
              settled(batch[taken], fault_ == Fault::lose ? Outcome::acked : Outcome::rejected));
        } else if (inner_.try_send(batch.subspan(taken, 1)) == 0) {
          break;
        }
      }
      return taken;
    }

    std::size_t poll(std::span<Settlement> out) noexcept {
      if (!kept_.empty() && !out.empty()) {
        out[0] = kept_.back();
        kept_.pop_back();
        return 1;
      }
      // Half of it, so that each may be doubled.
      const std::size_t count = inner_.poll(out.first(out.size() / 2));
      std::array<Settlement, 512> changed;
      std::size_t kept = 0;
      for (const Settlement& settlement : out.first(count)) {
        kept += change(settlement, std::span(changed).subspan(kept));
      }
      std::copy_n(changed.begin(), kept, out.begin());
      return kept;
    }
    std::int64_t next_due_ns() const noexcept { return inner_.next_due_ns(); }

   private:
    static constexpr std::size_t kMostKept = 100'000;

    std::size_t change(Settlement settlement, std::span<Settlement> out) noexcept {
      std::size_t count = 1;
      if (fault_ == Fault::ack_twice && dice_.hit()) {
        count = 2;
      } else if (fault_ == Fault::refuse_but_send && dice_.hit()) {
        settlement.outcome = Outcome::rejected;
      } else if (fault_ == Fault::say_unknown && dice_.hit()) {
        settlement.outcome = Outcome::unknown;
      } else if (fault_ == Fault::forget_to_settle && dice_.hit()) {
        count = 0;
      }
      std::fill_n(out.begin(), count, settlement);
      return count;
    }

    AnyProducer inner_;
    Fault fault_;
    Dice dice_;
    std::vector<Settlement> kept_;
  };

  class Consumer {
   public:
    Consumer(AnyConsumer inner, Fault fault, Dice dice)
        : inner_(std::move(inner)), fault_(fault), dice_(dice), bytes_(kMostBatch) {}

    std::size_t try_receive(std::span<Received> out) noexcept {
      // Half of it, so that each may be doubled.
      const std::size_t count = inner_.try_receive(out.first(std::min(out.size() / 2, kMostBatch)));
      if (fault_ == Fault::duplicate || fault_ == Fault::invent) {
        return add_to(out, count);
      }
      if (fault_ == Fault::swap_neighbours) {
        swap_some(out.first(count));
      } else if (fault_ == Fault::flip_bit) {
        for (std::size_t at = 0; at < count; ++at) {
          if (dice_.hit()) {
            flip(out[at], bytes_[at]);
          }
        }
      }
      return count;
    }
    std::int64_t next_due_ns() const noexcept { return inner_.next_due_ns(); }

   private:
    static constexpr std::size_t kMostBatch = 64;

    std::size_t add_to(std::span<Received> out, std::size_t count) noexcept {
      std::size_t added = 0;
      for (std::size_t at = 0; at < count; ++at) {
        if (dice_.hit()) {
          Received& extra = out[count + added++];
          extra = out[at];
          if (fault_ == Fault::invent) {
            extra.message.ordinal += std::uint64_t{1} << 40;
            extra.payload = {};  // no bytes, so no checksum that gives it away
          }
        }
      }
      return count + added;
    }

    static bool same_stream(const Message& a, const Message& b) {
      return a.sender == b.sender && a.recipient == b.recipient &&
             lane_of(a.type) == lane_of(b.type);
    }

    // Swaps a message with the next one of its stream. Pairs do not overlap, so that each swap is
    // one message out of order.
    void swap_some(std::span<Received> batch) noexcept {
      std::array<bool, kMostBatch> done{};
      for (std::size_t first = 0; first < batch.size(); ++first) {
        std::size_t second = first + 1;
        while (second < batch.size() && !same_stream(batch[first].message, batch[second].message)) {
          ++second;
        }
        if (second < batch.size() && !done[first] && dice_.hit()) {
          std::swap(batch[first], batch[second]);
          done[second] = true;
        }
      }
    }

    static void flip(Received& received, std::vector<std::byte>& copy) noexcept {
      copy.assign(received.payload.begin(), received.payload.end());
      copy[copy.size() / 2] ^= std::byte{4};
      received.payload = copy;
    }

    AnyConsumer inner_;
    Fault fault_;
    Dice dice_;
    std::vector<std::vector<std::byte>> bytes_;
  };

  Producer make_producer(WorkerId worker) {
    return {inner_->make_producer(worker), fault_,
            Dice(every_, injected_[2 * std::size_t{worker}])};
  }
  Consumer make_consumer(WorkerId worker) {
    return {inner_->make_consumer(worker), fault_,
            Dice(every_, injected_[2 * std::size_t{worker} + 1])};
  }

 private:
  AnyDelivery* inner_;
  Fault fault_;
  std::uint64_t every_;
  std::vector<Count> injected_;
};

// Holds everything back for `delay_ns`, after it was acked: a delivery with a way to go.
class LateDelivery {
 public:
  LateDelivery(AnyDelivery& inner, std::int64_t delay_ns) : inner_(&inner), delay_ns_(delay_ns) {}

  class Consumer {
   public:
    Consumer(AnyConsumer inner, std::int64_t delay_ns)
        : inner_(std::move(inner)), delay_ns_(delay_ns) {}
    std::size_t try_receive(std::span<Received> out) noexcept {
      std::array<Received, 64> batch;
      const std::int64_t now_ns = SteadyClock{}.now_ns();
      const std::size_t count = inner_.try_receive(batch);
      for (const Received& received : std::span(batch).first(count)) {
        waiting_.emplace_back(now_ns + delay_ns_, received.message);
      }
      std::size_t received = 0;
      while (received < out.size() && next_ < waiting_.size() && waiting_[next_].first <= now_ns) {
        out[received++] = {waiting_[next_++].second, {}, 0};
      }
      return received;
    }

   private:
    AnyConsumer inner_;
    std::int64_t delay_ns_;
    std::vector<std::pair<std::int64_t, Message>> waiting_;
    std::size_t next_ = 0;
  };

  AnyProducer make_producer(WorkerId worker) { return inner_->make_producer(worker); }
  Consumer make_consumer(WorkerId worker) { return {inner_->make_consumer(worker), delay_ns_}; }

 private:
  AnyDelivery* inner_;
  std::int64_t delay_ns_;
};

}  // namespace spate::conformance
