// Numbers from one thread to another, however many come: for what comes seldom.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

namespace spate {

// One thread puts, one takes; in order. Unbounded: what is not taken stays, 8 bytes each. Nothing
// is allocated before the first put().
//
// Progress: both are wait-free, but for the allocation at every kChunkItems-th put() and the
// release of memory at as many items taken. A thread that stands still holds up nobody.
class Mailbox {
 public:
  static constexpr std::size_t kChunkItems = 62;  // a chunk is 512 bytes

  Mailbox() = default;
  Mailbox(const Mailbox&) = delete;
  Mailbox& operator=(const Mailbox&) = delete;
  ~Mailbox() {
    for (const Chunk* chunk = oldest(); chunk != nullptr;) {
      const Chunk* const old = chunk;
      chunk = old->next.load(std::memory_order_relaxed);
      delete old;
    }
  }

  // The thread that puts.
  void put(std::uint64_t item) {
    if (written_ == kChunkItems || last_ == nullptr) {
      grow();
    }
    last_->items[written_++] = item;
    // Pairs with the acquire in take(): who sees the count sees the items.
    last_->count.store(written_, std::memory_order_release);
  }

  // The thread that takes. Calls handle(item) for all that is there.
  template <class Handle>
  void take(Handle&& handle) {
    while (true) {
      if (reading_ == nullptr || read_ == kChunkItems) {
        // Either acquire pairs with the release in grow(): who sees the chunk sees what it is.
        Chunk* const next = reading_ == nullptr ? first_.load(std::memory_order_acquire)
                                                : reading_->next.load(std::memory_order_acquire);
        if (next == nullptr) {
          return;
        }
        delete reading_;  // the other thread has left it when it linked the next
        reading_ = next;
        read_ = 0;
      }
      const std::size_t count = reading_->count.load(std::memory_order_acquire);  // see put()
      if (read_ == count) {
        return;
      }
      while (read_ < count) {
        handle(reading_->items[read_++]);
      }
    }
  }

  // When neither thread is at work: calls handle(item) for what was not taken, and leaves it there.
  template <class Handle>
  void for_each(Handle&& handle) const {
    std::size_t begin = reading_ == nullptr ? 0 : read_;
    for (const Chunk* chunk = oldest(); chunk != nullptr;
         chunk = chunk->next.load(std::memory_order_relaxed)) {
      const std::size_t count = chunk->count.load(std::memory_order_relaxed);
      for (std::size_t at = begin; at < count; ++at) {
        handle(chunk->items[at]);
      }
      begin = 0;
    }
  }

 private:
  struct Chunk {
    std::array<std::uint64_t, kChunkItems> items;
    std::atomic<std::size_t> count{0};
    std::atomic<Chunk*> next{nullptr};
  };

  const Chunk* oldest() const {
    return reading_ != nullptr ? reading_ : first_.load(std::memory_order_relaxed);
  }

  void grow() {
    auto* const chunk = new Chunk;
    // Pairs with the acquires in take().
    (last_ == nullptr ? first_ : last_->next).store(chunk, std::memory_order_release);
    last_ = chunk;
    written_ = 0;
  }

  std::atomic<Chunk*> first_{nullptr};  // read until the other thread has found it
  // Of the thread that puts.
  Chunk* last_ = nullptr;
  std::size_t written_ = 0;
  // Of the thread that takes.
  Chunk* reading_ = nullptr;
  std::size_t read_ = 0;
};

}  // namespace spate
