// A bounded ring between one writing and one reading thread. Wait-free on both sides.
#pragma once

#include <algorithm>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "spate/cache_line.h"

namespace spate {

template <class T>
class SpscRing {
 public:
  explicit SpscRing(std::size_t capacity) : items_(std::bit_ceil(capacity)) {}

  // Writer only. Returns how many of `items` fitted.
  std::size_t push(std::span<const T> items) noexcept {
    const std::uint64_t tail = tail_.load(std::memory_order_relaxed);  // own variable
    if (tail + items.size() - cached_head_ > items_.size()) {
      // Pairs with the release in pop: the reader is done with the places that it gave back.
      cached_head_ = head_.load(std::memory_order_acquire);
    }
    const std::size_t room = items_.size() - static_cast<std::size_t>(tail - cached_head_);
    const std::size_t count = std::min(room, items.size());
    for (std::size_t i = 0; i < count; ++i) {
      items_[(tail + i) & (items_.size() - 1)] = items[i];
    }
    // Pairs with the acquire in pop: the reader sees the items.
    tail_.store(tail + count, std::memory_order_release);
    return count;
  }

  // Reader only. Returns how many items it wrote to `out`.
  std::size_t pop(std::span<T> out) noexcept {
    const std::uint64_t head = head_.load(std::memory_order_relaxed);  // own variable
    // Pairs with the release in push.
    const std::uint64_t tail = tail_.load(std::memory_order_acquire);
    const std::size_t count = std::min(static_cast<std::size_t>(tail - head), out.size());
    for (std::size_t i = 0; i < count; ++i) {
      out[i] = items_[(head + i) & (items_.size() - 1)];
    }
    // Pairs with the acquire in push.
    head_.store(head + count, std::memory_order_release);
    return count;
  }

 private:
  std::vector<T> items_;
  alignas(kCacheLine) std::atomic<std::uint64_t> tail_{0};  // written by the writer
  std::uint64_t cached_head_ = 0;                           // the writer's last look at head_
  alignas(kCacheLine) std::atomic<std::uint64_t> head_{0};  // written by the reader
};

}  // namespace spate
