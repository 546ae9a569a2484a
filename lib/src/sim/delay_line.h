// Lets a few others go first, so that the memory that something needs is there when its turn comes.
#pragma once

#include <array>
#include <cstddef>
#include <utility>

namespace spate {

// First in, first out, kLength behind. One thread.
template <class T>
class DelayLine {
 public:
  static constexpr std::size_t kLength = 16;  // enough for a miss of the last level of cache

  // `handle(const T&)` is called with what went in kLength calls ago.
  template <class Handle>
  void push(const T& item, Handle&& handle) {
    T& place = items_[pushed_ % kLength];
    if (pushed_ >= kLength) {
      handle(std::as_const(place));
    }
    place = item;
    ++pushed_;
  }
  // Hands out the rest.
  template <class Handle>
  void drain(Handle&& handle) {
    for (std::size_t i = pushed_ < kLength ? 0 : pushed_ - kLength; i < pushed_; ++i) {
      handle(std::as_const(items_[i % kLength]));
    }
    pushed_ = 0;
  }

 private:
  std::array<T, kLength> items_{};
  std::size_t pushed_ = 0;
};

}  // namespace spate
