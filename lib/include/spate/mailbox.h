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
// release of memory at as many items taken; take() takes as long as what was there when it was
// called. A thread that stands still holds up nobody.
class Mailbox {
 public:
  static constexpr std::size_t kChunkItems = 63;  // a chunk is 512 bytes

  Mailbox() = default;
  Mailbox(const Mailbox&) = delete;
  Mailbox& operator=(const Mailbox&) = delete;
  ~Mailbox() {
    for (const Chunk* chunk = oldest(); chunk != nullptr;) {
      const Chunk* const old = chunk;
      chunk = old->next;
      delete old;
    }
  }

  // The thread that puts.
  void put(std::uint64_t item) {
    if (written_ == kChunkItems || last_ == nullptr) {
      grow();
    }
    last_->items[written_++] = item;
    // Pairs with the acquire in take(): who sees the count sees the items, and the chunks' links.
    put_.store(put_.load(std::memory_order_relaxed) + 1, std::memory_order_release);
  }

  // The thread that takes. Calls handle(item) for all that is there now.
  template <class Handle>
  void take(Handle&& handle) {
    // Once only: who puts as fast as this takes would otherwise keep it here. See put().
    const std::uint64_t put = put_.load(std::memory_order_acquire);
    while (taken_ < put) {
      if (reading_ == nullptr || read_ == kChunkItems) {
        Chunk* const next = reading_ == nullptr ? first_ : reading_->next;
        delete reading_;  // the other thread had left it when it put into the next
        reading_ = next;
        read_ = 0;
      }
      ++taken_;
      handle(reading_->items[read_++]);
    }
  }

  // When neither thread is at work: calls handle(item) for what was not taken, and leaves it there.
  template <class Handle>
  void for_each(Handle&& handle) const {
    const Chunk* chunk = oldest();
    std::size_t at = reading_ == nullptr ? 0 : read_;
    const std::uint64_t put = put_.load(std::memory_order_relaxed);
    for (std::uint64_t item = taken_; item < put; ++item) {
      if (at == kChunkItems) {
        chunk = chunk->next;
        at = 0;
      }
      handle(chunk->items[at++]);
    }
  }

 private:
  struct Chunk {
    std::array<std::uint64_t, kChunkItems> items;
    Chunk* next = nullptr;
  };

  const Chunk* oldest() const { return reading_ != nullptr ? reading_ : first_; }

  void grow() {
    auto* const chunk = new Chunk;
    (last_ == nullptr ? first_ : last_->next) = chunk;
    last_ = chunk;
    written_ = 0;
  }

  std::atomic<std::uint64_t> put_{0};
  Chunk* first_ = nullptr;  // written at the first put(), before its count; read after it
  // Of the thread that puts.
  Chunk* last_ = nullptr;
  std::size_t written_ = 0;
  // Of the thread that takes.
  Chunk* reading_ = nullptr;
  std::size_t read_ = 0;
  std::uint64_t taken_ = 0;
};

}  // namespace spate
