// Threads that drain a queue into a delivery callback: a mock in a program's tests, the real send
// in production. For programs that want to test their own delivery code.
//
//   QueueProcessor<AgentMessage> processor({.threads = 2}, [&](AgentMessage& message) {
//     static_cast<void>(core.send_message_object(message));  // or send it for real
//   });
//   processor.start();
//   if (!processor.try_submit({.sender = 0, .recipient = 1, .content = "hello"})) { … back off … }
//   const bool all_done = processor.drain(std::chrono::steady_clock::now() + 5s);
#pragma once

#include <concurrentqueue.h>

#include <array>
#include <chrono>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <type_traits>
#include <utility>
#include <vector>

#include "spate/processor_account.h"
#include "spate/processor_crew.h"

namespace spate {

// Messages that a consumer has taken and not finished, oldest first. One thread; whoever joined
// that thread may destroy it, and the messages that are left with it.
template <class T>
class MessageBatch {
 public:
  static constexpr std::size_t kMost = 64;

  MessageBatch() = default;
  ~MessageBatch() { std::destroy_n(at(first_), end_ - first_); }
  MessageBatch(const MessageBatch&) = delete;
  MessageBatch& operator=(const MessageBatch&) = delete;

  // Precondition: empty(). `fill` moves up to kMost messages to the iterator that it is given, and
  // returns how many.
  template <class Fill>
  std::size_t refill(Fill&& fill) {
    first_ = 0;
    end_ = std::forward<Fill>(fill)(Inserter(at(0)));
    return end_;
  }

  // While `wanted()`: shows the next message to `visit`, destroys it, and hands what visit returned
  // to `then`. None may throw.
  template <class Wanted, class Visit, class Then>
  void drain_while(Wanted&& wanted, Visit&& visit, Then&& then) noexcept {
    std::size_t next = first_;  // a local one stays in a register
    while (next < end_ && wanted()) {
      T* const message = at(next++);
      const auto result = visit(*message);
      std::destroy_at(message);
      then(result);
    }
    first_ = next;
  }

 private:
  // Constructs what is assigned to it: T needs neither a default constructor nor an assignment.
  class Inserter {
   public:
    explicit Inserter(T* place) : place_(place) {}
    Inserter& operator*() noexcept { return *this; }
    Inserter& operator=(T&& message) noexcept {
      std::construct_at(place_, std::move(message));
      return *this;
    }
    Inserter& operator++() noexcept {
      ++place_;
      return *this;
    }
    Inserter operator++(int) noexcept { return Inserter(place_++); }

   private:
    T* place_;
  };

  T* at(std::size_t index) { return reinterpret_cast<T*>(storage_.data()) + index; }

  std::size_t first_ = 0;
  std::size_t end_ = 0;
  alignas(T) std::array<std::byte, kMost * sizeof(T)> storage_;
};

// `Deliver` is called with each message, from all threads at once: it must be thread-safe. What it
// returns is not looked at; one that could not deliver throws. An exception of whatever type costs
// that message, which counts as failed, and nothing else. A std::function can hold a mock in one
// run and the real send in the next; a callable type of its own is inlined. `QueueTraits` are
// moodycamel's, for those who want another allocator.
//
// Capacity is exact: never are more than `capacity` messages submitted and unfinished, the ones in
// callbacks included, and no message is refused while there are fewer. Messages of one submitting
// thread are taken in their order; with more than one thread, they may finish in another. A
// consumer takes its fair share of what waits, at most 64, in one go; so a callback that hangs
// keeps up to 63 messages waiting behind it, and holds up no others.
//
// Thread safety: all members may be called from any thread at any time, but for the destructor.
// start, stop and drain wait for callbacks, so within one they throw Error (there, a failed
// message); a callback must not wait for another thread that is in one of them. It may submit.
// Memory: the queue grows to the most that it ever held, and by a block of 32 messages with its
// index for each thread id that ever submitted, until the processor is destroyed.
// Progress: try_submit is lock-free, with one read-modify-write when no consumer sleeps, but for
// the allocator when the queue grows. A consumer shares nothing per message but a read-only flag.
// statistics waits for no callback, only for the copy of an error's text. A thread that is stalled
// inside try_submit keeps idle consumers from sleeping, and stops nobody.
template <class T, class Deliver = std::function<void(T&)>,
          class QueueTraits = moodycamel::ConcurrentQueueDefaultTraits>
requires std::invocable<Deliver&, T&>
class QueueProcessor {
  static_assert(std::is_nothrow_move_constructible_v<T> && std::is_nothrow_destructible_v<T>,
                "a message that is moved between threads must not be able to fail on the way");

 public:
  // Throws Error when a setting is out of range or an empty std::function is given. Nothing runs
  // until start; messages may be submitted before it, and wait.
  QueueProcessor(const ProcessorSettings& settings, Deliver deliver)
      : account_(settings),
        crew_(settings.threads, account_),
        batches_(settings.threads),
        deliver_(std::move(deliver)) {
    if constexpr (requires { deliver_ == nullptr; }) {
      if (deliver_ == nullptr) {
        refuse_empty_callback();
      }
    }
  }
  // Stops, then destroys the messages that are left. Not within the callback: it would end the
  // program.
  ~QueueProcessor() { stop(); }
  QueueProcessor(const QueueProcessor&) = delete;
  QueueProcessor& operator=(const QueueProcessor&) = delete;

  // Once. Throws Error when it was started or stopped before, and when the system refuses a thread;
  // then it is stopped.
  void start() {
    crew_.start([this](std::uint32_t self) { consume(self); });
  }

  // False: the capacity is reached, the processor was stopped, or there is no memory. Then nothing
  // was moved from `message`.
  [[nodiscard]] bool try_submit(T&& message) {
    if (!crew_.stopping() && account_.try_claim()) {
      if (queue_.enqueue(std::move(message))) {
        crew_.note_submitted();
        return true;
      }
      crew_.give_back_claim();
    }
    account_.note_refused();
    return false;
  }

  // Waits until everything that was submitted has finished: callbacks have ended, messages are
  // destroyed. True if so, false at the deadline, or at once when it was stopped with messages
  // left. It looks for a moment at which nothing is pending; while others go on submitting there
  // may be none.
  [[nodiscard]] bool drain(std::chrono::steady_clock::time_point deadline) {
    return crew_.drain(deadline);
  }

  // Each consumer finishes the message in hand and no other; what is left is never delivered, stays
  // pending, and is destroyed with the processor. Returns when all threads have ended, so it waits
  // for the callbacks that are under way. To deliver everything, drain first. Does nothing the
  // second time.
  void stop() { crew_.stop(); }

  ProcessorStatistics statistics() const { return account_.statistics(); }

 private:
  using Batch = MessageBatch<T>;

  void consume(std::uint32_t self) {
    moodycamel::ConsumerToken token(queue_);
    ConsumerCounts& counts = account_.counts_of(self);
    Batch& batch = batches_[self];
    std::uint64_t taken = 0;
    std::uint64_t delivered = 0;
    std::uint64_t failed = 0;
    while (!crew_.stopping()) {
      const std::size_t count = batch.refill([&](auto place) {
        return queue_.try_dequeue_bulk(token, place, account_.fair_share(Batch::kMost));
      });
      if (count == 0) {
        crew_.wait_for_work();
        continue;
      }
      counts.set_taken(taken += count);
      batch.drain_while([&] { return !crew_.stopping(); },
                        [&](T& message) { return try_deliver(message); },
                        // The message is gone before it counts: who waits for its end may look at
                        // what it held.
                        [&](bool success) {
                          if (success) {
                            counts.set_delivered(++delivered);
                          } else {
                            counts.set_failed(++failed);
                          }
                        });
    }
  }

  bool try_deliver(T& message) noexcept {
    try {
      std::invoke(deliver_, message);
      return true;
    } catch (const std::exception& error) {
      account_.note_error(error.what());
    } catch (...) {
      account_.note_error("an exception that is no std::exception");
    }
    return false;
  }

  ProcessorAccount account_;
  ProcessorCrew crew_;
  moodycamel::ConcurrentQueue<T, QueueTraits> queue_;
  std::vector<Batch> batches_;  // by consumer
  Deliver deliver_;
};

}  // namespace spate
