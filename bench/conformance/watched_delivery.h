// A delivery before which each call is written down, and after which its answer is looked at.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <utility>

#include "conformance/call_board.h"
#include "spate/delivery.h"
#include "spate/message.h"

namespace spate::bench {

// What the handles of one delivery did, over all workers.
struct CallCounts {
  std::atomic<std::uint64_t> taken{0};
  std::atomic<std::uint64_t> settled{0};
  // Answers that were more than was asked for; they are cut, since nobody may read beyond.
  std::atomic<std::uint64_t> oversent{0};
  std::atomic<std::uint64_t> overpolled{0};
  std::atomic<std::uint64_t> overreceived{0};
};

class WatchedDelivery {
 public:
  using Make = std::function<AnyDelivery()>;

  // Both must outlive it.
  WatchedDelivery(const Make& make, CallBoard& board, CallCounts& counts)
      : board_(board), counts_(counts) {
    board_.enter(CallBoard::kDelivery, Call::make_delivery);
    inner_ = std::make_unique<AnyDelivery>(make());
    board_.leave(CallBoard::kDelivery);
  }
  ~WatchedDelivery() {
    board_.enter(CallBoard::kDelivery, Call::destructor);
    inner_.reset();
    board_.leave(CallBoard::kDelivery);
  }
  WatchedDelivery(const WatchedDelivery&) = delete;
  WatchedDelivery& operator=(const WatchedDelivery&) = delete;

 private:
  // On the board from the beginning of a call to its end.
  class Stay {
   public:
    Stay(CallBoard& board, std::size_t place, Call call) : board_(board), place_(place) {
      board_.enter(place_, call);
    }
    ~Stay() { board_.leave(place_); }
    Stay(const Stay&) = delete;
    Stay& operator=(const Stay&) = delete;

   private:
    CallBoard& board_;
    std::size_t place_;
  };

  // One handle's place on the board.
  class Note {
   public:
    Note(CallBoard& board, std::size_t place) : board_(&board), place_(place) {}
    template <class Action>
    auto call(Call call, const Action& action) const noexcept {
      const Stay stay(*board_, place_, call);
      return action();
    }

   private:
    CallBoard* board_;
    std::size_t place_;
  };

  // What a handle wraps; its end is a call like the others.
  template <class Inner>
  class Watched {
   public:
    Watched(Inner inner, Note note)
        : inner_(std::make_unique<Inner>(std::move(inner))), note_(note) {}
    ~Watched() {
      if (inner_ != nullptr) {
        note_.call(Call::destructor, [this] { inner_.reset(); });
      }
    }
    Watched(Watched&&) noexcept = default;
    Watched& operator=(Watched&&) = delete;

    template <class Action>
    auto call(Call call, const Action& action) const noexcept {
      return note_.call(call, [&] { return action(*inner_); });
    }

   private:
    std::unique_ptr<Inner> inner_;  // null once it was moved
    Note note_;
  };

  static std::size_t cut(std::size_t answer, std::size_t most,
                         std::atomic<std::uint64_t>& beyond) noexcept {
    if (answer > most) {
      beyond.fetch_add(1, std::memory_order_relaxed);
    }
    return std::min(answer, most);
  }

 public:
  class Producer {
   public:
    Producer(AnyProducer inner, Note note, CallCounts& counts)
        : inner_(std::move(inner), note), counts_(&counts) {}

    std::size_t try_send(std::span<const Message> batch) noexcept {
      const std::size_t taken =
          cut(inner_.call(Call::try_send, [&](auto& inner) { return inner.try_send(batch); }),
              batch.size(), counts_->oversent);
      counts_->taken.fetch_add(taken, std::memory_order_relaxed);
      return taken;
    }
    std::size_t poll(std::span<Settlement> out) noexcept {
      const std::size_t settled =
          cut(inner_.call(Call::poll, [&](auto& inner) { return inner.poll(out); }), out.size(),
              counts_->overpolled);
      counts_->settled.fetch_add(settled, std::memory_order_relaxed);
      return settled;
    }
    std::int64_t next_due_ns() const noexcept {
      return inner_.call(Call::next_due_ns, [&](auto& inner) { return inner.next_due_ns(); });
    }

   private:
    Watched<AnyProducer> inner_;
    CallCounts* counts_;
  };

  class Consumer {
   public:
    Consumer(AnyConsumer inner, Note note, CallCounts& counts)
        : inner_(std::move(inner), note), counts_(&counts) {}

    std::size_t try_receive(std::span<Received> out) noexcept {
      const std::size_t received =
          inner_.call(Call::try_receive, [&](auto& inner) { return inner.try_receive(out); });
      return cut(received, out.size(), counts_->overreceived);
    }
    std::int64_t next_due_ns() const noexcept {
      return inner_.call(Call::next_due_ns, [&](auto& inner) { return inner.next_due_ns(); });
    }

   private:
    Watched<AnyConsumer> inner_;
    CallCounts* counts_;
  };

  Producer make_producer(WorkerId worker) {
    board_.enter(CallBoard::kDelivery, Call::make_producer);
    Producer made(inner_->make_producer(worker), {board_, CallBoard::producer_of(worker)}, counts_);
    board_.leave(CallBoard::kDelivery);
    return made;
  }
  Consumer make_consumer(WorkerId worker) {
    board_.enter(CallBoard::kDelivery, Call::make_consumer);
    Consumer made(inner_->make_consumer(worker), {board_, CallBoard::consumer_of(worker)}, counts_);
    board_.leave(CallBoard::kDelivery);
    return made;
  }

 private:
  CallBoard& board_;
  CallCounts& counts_;
  std::unique_ptr<AnyDelivery> inner_;
};

}  // namespace spate::bench
