// An atomic that lets a test step in between any two accesses: what it does there, it does while
// the thread under test stands still in the middle of its operation.
#pragma once

#include <atomic>
#include <cstddef>
#include <functional>
#include <utility>

namespace spate::testing_support {

// Called before each access of this thread to a WatchedAtomic; not from within itself.
inline thread_local std::function<void()> before_access;

inline void step_in() {
  if (before_access) {
    std::function<void()> action = std::exchange(before_access, nullptr);
    action();
    before_access = std::move(action);
  }
}

template <class T>
class WatchedAtomic {
 public:
  WatchedAtomic() = default;
  explicit WatchedAtomic(T value) : value_(value) {}

  T load(std::memory_order order) const noexcept {
    step_in();
    return value_.load(order);
  }
  void store(T value, std::memory_order order) noexcept {
    step_in();
    value_.store(value, order);
  }
  T exchange(T value, std::memory_order order) noexcept {
    step_in();
    return value_.exchange(value, order);
  }
  bool compare_exchange_weak(T& expected, T desired, std::memory_order success,
                             std::memory_order failure) noexcept {
    step_in();
    return value_.compare_exchange_weak(expected, desired, success, failure);
  }

 private:
  std::atomic<T> value_{};
};

// Runs `operation`, and `action` once in the middle of it, before its access number `access` (from
// 0 on). False where the operation has fewer accesses, and so no such middle.
template <class Operation, class Action>
bool interrupt(std::size_t access, Operation operation, Action action) {
  std::size_t seen = 0;
  before_access = [&] {
    if (seen++ == access) {
      action();
    }
  };
  operation();
  before_access = nullptr;
  return seen > access;
}

}  // namespace spate::testing_support
