// The threads of a QueueProcessor: how they start, sleep, wake and stop, and who waits for them.
#pragma once

#include <concurrentqueue.h>  // lightweightsemaphore.h leans on what it includes
#include <lightweightsemaphore.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "spate/cache_line.h"
#include "spate/processor_account.h"

namespace spate {

// Progress: note_submitted is lock-free, and one load while no consumer sleeps. wait_for_work,
// drain, start and stop block. No lock is held while a callback runs, so a consumer that hangs in
// one delays stop and drain, and nobody else.
class ProcessorCrew {
 public:
  // `account` must outlive it.
  ProcessorCrew(std::uint32_t threads, ProcessorAccount& account);
  // Precondition: never started, or stopped.
  ~ProcessorCrew() = default;
  ProcessorCrew(const ProcessorCrew&) = delete;
  ProcessorCrew& operator=(const ProcessorCrew&) = delete;

  // Any thread but the crew's own, else Error; as QueueProcessor's. Each thread runs
  // consume(0 … threads - 1), which returns soon after stopping().
  void start(const std::function<void(std::uint32_t)>& consume);
  void stop();
  bool drain(std::chrono::steady_clock::time_point deadline);

  // Consumers and submitters, often. Guards no memory.
  bool stopping() const noexcept { return stopping_.load(std::memory_order_relaxed); }

  // Submitter: its claim has become a message in the queue.
  void note_submitted() noexcept {
    // Sequentially consistent, as the claim before it: see wait_for_work.
    if (sleepers_.load(std::memory_order_seq_cst) > 0) {
      wake_one();
    }
  }
  // Submitter: its claim did not become a message.
  void give_back_claim() noexcept;
  // Consumer, after it found the queue empty: returns when there is something to take, or to stop
  // for; sometimes without a reason. While a submitter stands between its claim and its message, it
  // doesn't sleep but offers the core: that submitter may not know that it should wake somebody.
  void wait_for_work() noexcept;

 private:
  enum class State : std::uint8_t { ready, running, stopped };

  bool take_sleeper() noexcept;
  void wake_one() noexcept;
  void notify_drained() noexcept;
  void refuse_own_thread(const char* call) const;
  void end();

  const std::uint32_t thread_count_;
  ProcessorAccount& account_;
  std::mutex lifecycle_mutex_;  // start and stop, one at a time
  State state_ = State::ready;
  std::vector<std::thread> threads_;
  std::mutex drain_mutex_;
  std::condition_variable drained_;
  std::uint32_t drain_waiters_ = 0;  // guarded by drain_mutex_
  bool ended_ = false;               // likewise: all threads were joined
  // Everybody reads these two all the time; they change when somebody sleeps or wakes.
  alignas(kCacheLine) std::atomic<bool> stopping_{false};
  std::atomic<std::uint32_t> sleepers_{0};  // announced, and nobody was sent to wake them yet
  alignas(kCacheLine) moodycamel::LightweightSemaphore wake_ups_;
};

}  // namespace spate
