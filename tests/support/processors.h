// What tests of QueueProcessor share: a message, patience, and a callback that stands still.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <string>
#include <thread>

#include "spate/queue_processor.h"

namespace spate::testing_support {

struct Parcel {
  std::uint32_t sender = 0;
  std::uint32_t number = 0;
  std::string content{};  // long ones live on the heap, which the sanitizers watch
};

using Processor = QueueProcessor<Parcel>;

inline std::chrono::steady_clock::time_point soon() {
  return std::chrono::steady_clock::now() + std::chrono::seconds(60);  // only failures take so long
}

// For try_submit, which leaves whole what it refuses: clang-tidy takes what went through std::move
// for gone.
template <class Message>
Message&& offer(Message& message) {
  return static_cast<Message&&>(message);
}

template <class AnyProcessor, class Message>
void submit(AnyProcessor& processor, Message message) {
  while (!processor.try_submit(offer(message))) {
    std::this_thread::yield();
  }
}

// Where a callback stands still until it is let go.
class Gate {
 public:
  // Deliveries that stand at the gate end with the test, however it ends.
  ~Gate() { open(); }
  void pass() {
    arrived_.fetch_add(1);
    arrived_.notify_all();
    open_.wait(false);
  }
  void await_arrivals(std::uint32_t count) {
    for (std::uint32_t seen = arrived_; seen < count; seen = arrived_) {
      arrived_.wait(seen);
    }
  }
  void open() {
    open_ = true;
    open_.notify_all();
  }

 private:
  std::atomic<std::uint32_t> arrived_{0};
  std::atomic<bool> open_{false};
};

}  // namespace spate::testing_support
