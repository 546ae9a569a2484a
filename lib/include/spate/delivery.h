// The contract between the run and the thing under test.
//
// A delivery hands out one producer and one consumer per worker. A handle belongs to one thread at
// a time, and none outlives its delivery. Calls take spans: a batch costs a tenth per message, and
// brokers pipeline. No call blocks, throws or, in the steady state, allocates.
//
// A delivery is written as a plain class with the shape of the concepts below, without a base
// class. The run holds it as AnyDelivery, which costs one indirect call per batch and lets
// everything above (load, chaos, ledger, reports) be compiled once.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <utility>

#include "spate/clock.h"
#include "spate/message.h"

namespace spate {

// What became of one attempt, as far as its sender knows.
enum class [[nodiscard]] Outcome : std::uint8_t{
    acked,     // the delivery took responsibility
    failed,    // chance decided so (the mock's success rate)
    crashed,   // chaos decided so
    rejected,  // the delivery itself refused it
    unknown,   // no answer, and none will come
};

// How an earlier send ended. Each message that try_send took is settled exactly once.
struct Settlement {
  std::uint64_t ordinal = 0;
  AgentId sender = 0;
  MessageType type = MessageType::text;
  Outcome outcome = Outcome::unknown;
};

inline Settlement settled(const Message& message, Outcome outcome) {
  return {message.ordinal, message.sender, message.type, outcome};
}

// What a consumer hands over. A delivery that carries real bytes sets payload and checksum; the
// receiver verifies them. The bytes stay valid until the consumer's next call.
struct Received {
  Message message;
  std::span<const std::byte> payload;
  std::uint64_t checksum = 0;
};

template <class P>
concept Producer = requires(P p, std::span<const Message> batch, std::span<Settlement> out) {
  // How many were taken, from the front; offer the rest again later (back-pressure).
  { p.try_send(batch) }
  noexcept->std::same_as<std::size_t>;
  // Writes settlements of earlier sends to `out`, returns how many. Also the moment for a handle's
  // own upkeep: it is called in every round of the worker.
  { p.poll(out) }
  noexcept->std::same_as<std::size_t>;
};

template <class C>
concept Consumer = requires(C c, std::span<Received> out) {
  // Writes what has arrived, returns how many; urgent lanes first.
  { c.try_receive(out) }
  noexcept->std::same_as<std::size_t>;
};

template <class D>
concept Delivery = requires(D d, WorkerId worker) {
  { d.make_producer(worker) } -> Producer;
  { d.make_consumer(worker) } -> Consumer;
};

// Two things that a handle may offer besides.
//
// next_due_ns(): nothing will happen in this handle before that time, so the worker may sleep until
// then. A handle without it is polled without pause, because another thread may feed it any moment.
template <class H>
concept TellsNextDue = requires(const H h) {
  { h.next_due_ns() }
  noexcept->std::same_as<std::int64_t>;
};
// draws_digest(): order-free digest of draws that only this delivery makes (see report.h).
template <class H>
concept HasDrawsDigest = requires(const H h) {
  { h.draws_digest() }
  noexcept->std::same_as<std::uint64_t>;
};

// Answer of next_due_ns where nobody can tell: poll.
inline constexpr std::int64_t kAnyMoment = 0;

// --- the same contract behind one indirect call per batch ---

// What the hidden interfaces have in common.
struct Erased {
  Erased() = default;
  Erased(const Erased&) = delete;
  Erased& operator=(const Erased&) = delete;
  virtual ~Erased() = default;
};

class AnyProducer {
 public:
  template <Producer P>
  explicit AnyProducer(P producer) : self_(std::make_unique<Model<P>>(std::move(producer))) {}

  std::size_t try_send(std::span<const Message> batch) noexcept { return self_->try_send(batch); }
  std::size_t poll(std::span<Settlement> out) noexcept { return self_->poll(out); }
  std::int64_t next_due_ns() const noexcept { return self_->next_due_ns(); }
  std::uint64_t draws_digest() const noexcept { return self_->draws_digest(); }

 private:
  struct Interface : Erased {
    virtual std::size_t try_send(std::span<const Message> batch) noexcept = 0;
    virtual std::size_t poll(std::span<Settlement> out) noexcept = 0;
    virtual std::int64_t next_due_ns() const noexcept = 0;
    virtual std::uint64_t draws_digest() const noexcept = 0;
  };
  template <Producer P>
  struct Model final : Interface {
    explicit Model(P p) : producer(std::move(p)) {}
    std::size_t try_send(std::span<const Message> batch) noexcept override {
      return producer.try_send(batch);
    }
    std::size_t poll(std::span<Settlement> out) noexcept override { return producer.poll(out); }
    std::int64_t next_due_ns() const noexcept override {
      // A producer acts when it is called; only one that holds messages has times of its own.
      if constexpr (TellsNextDue<P>) {
        return producer.next_due_ns();
      } else {
        return kNever;
      }
    }
    std::uint64_t draws_digest() const noexcept override {
      if constexpr (HasDrawsDigest<P>) {
        return producer.draws_digest();
      } else {
        return 0;
      }
    }
    P producer;
  };
  std::unique_ptr<Interface> self_;
};

class AnyConsumer {
 public:
  template <Consumer C>
  explicit AnyConsumer(C consumer) : self_(std::make_unique<Model<C>>(std::move(consumer))) {}

  std::size_t try_receive(std::span<Received> out) noexcept { return self_->try_receive(out); }
  std::int64_t next_due_ns() const noexcept { return self_->next_due_ns(); }

 private:
  struct Interface : Erased {
    virtual std::size_t try_receive(std::span<Received> out) noexcept = 0;
    virtual std::int64_t next_due_ns() const noexcept = 0;
  };
  template <Consumer C>
  struct Model final : Interface {
    explicit Model(C c) : consumer(std::move(c)) {}
    std::size_t try_receive(std::span<Received> out) noexcept override {
      return consumer.try_receive(out);
    }
    std::int64_t next_due_ns() const noexcept override {
      if constexpr (TellsNextDue<C>) {
        return consumer.next_due_ns();
      } else {
        return kAnyMoment;
      }
    }
    C consumer;
  };
  std::unique_ptr<Interface> self_;
};

// Owns a delivery. Making handles is not thread-safe: make them all before the workers start.
class AnyDelivery {
 public:
  template <Delivery D>
  explicit AnyDelivery(std::unique_ptr<D> delivery)
      : self_(std::make_unique<Model<D>>(std::move(delivery))) {}

  AnyProducer make_producer(WorkerId worker) { return self_->make_producer(worker); }
  AnyConsumer make_consumer(WorkerId worker) { return self_->make_consumer(worker); }

 private:
  struct Interface : Erased {
    virtual AnyProducer make_producer(WorkerId worker) = 0;
    virtual AnyConsumer make_consumer(WorkerId worker) = 0;
  };
  template <Delivery D>
  struct Model final : Interface {
    explicit Model(std::unique_ptr<D> d) : delivery(std::move(d)) {}
    AnyProducer make_producer(WorkerId worker) override {
      return AnyProducer(delivery->make_producer(worker));
    }
    AnyConsumer make_consumer(WorkerId worker) override {
      return AnyConsumer(delivery->make_consumer(worker));
    }
    std::unique_ptr<D> delivery;
  };
  std::unique_ptr<Interface> self_;
};

}  // namespace spate
