#include "spate/processor_crew.h"

#include <fmt/format.h>

#include <system_error>

#include "spate/error.h"

namespace spate {
namespace {

thread_local const ProcessorCrew* crew_of_this_thread = nullptr;

}  // namespace

ProcessorCrew::ProcessorCrew(std::uint32_t threads, ProcessorAccount& account)
    : thread_count_(threads), account_(account) {
  threads_.reserve(threads);
}

void ProcessorCrew::start(const std::function<void(std::uint32_t)>& consume) {
  refuse_own_thread("start");
  const std::lock_guard lock(lifecycle_mutex_);
  if (state_ != State::ready) {
    throw Error(fmt::format("start: the processor {}; start each one once, and make a new one",
                            state_ == State::running ? "runs already" : "was stopped"));
  }
  state_ = State::running;
  try {
    while (threads_.size() < thread_count_) {
      threads_.emplace_back([this, consume, self = static_cast<std::uint32_t>(threads_.size())] {
        crew_of_this_thread = this;
        consume(self);
      });
    }
  } catch (const std::system_error& refusal) {
    const std::size_t started = threads_.size();
    end();
    throw Error(fmt::format("threads {}: the system refused one after {} ({}); ask for fewer",
                            thread_count_, started, refusal.what()));
  } catch (...) {  // no memory
    end();
    throw;
  }
}

void ProcessorCrew::stop() {
  refuse_own_thread("stop");
  const std::lock_guard lock(lifecycle_mutex_);
  end();
}

void ProcessorCrew::end() {
  state_ = State::stopped;
  // Sequentially consistent, as the announcement in wait_for_work: either that consumer sees the
  // store, or the loop here finds it announced.
  stopping_.store(true, std::memory_order_seq_cst);
  while (take_sleeper()) {
    wake_ups_.signal();
  }
  for (std::thread& thread : threads_) {
    thread.join();
  }
  threads_.clear();
  const std::lock_guard lock(drain_mutex_);
  ended_ = true;
  drained_.notify_all();
}

bool ProcessorCrew::drain(std::chrono::steady_clock::time_point deadline) {
  refuse_own_thread("drain");
  bool finished = false;
  std::unique_lock lock(drain_mutex_);
  ++drain_waiters_;
  drained_.wait_until(lock, deadline, [&] {
    finished = account_.all_finished();
    return finished || ended_;
  });
  --drain_waiters_;
  return finished;
}

void ProcessorCrew::give_back_claim() noexcept {
  account_.give_back_claim();
  notify_drained();  // it may have been the last unfinished one
}

// The sleepers are a number, not a list: who takes one off either sends a wake-up for it, or is a
// consumer that stays awake itself. So there are never more wake-ups than consumers to take them.
void ProcessorCrew::wait_for_work() noexcept {
  if (!account_.all_taken()) {
    std::this_thread::yield();
    return;
  }
  notify_drained();
  // A claim is a read-modify-write, then comes the message, then the load of sleepers_. Here comes
  // the announcement, then the load of the claims. All four are sequentially consistent, so either
  // the submitter sees the announcement or this consumer sees the claim.
  sleepers_.fetch_add(1, std::memory_order_seq_cst);
  const bool needed = !account_.all_taken() || stopping_.load(std::memory_order_seq_cst);
  if (needed && take_sleeper()) {
    return;
  }
  wake_ups_.wait();
}

bool ProcessorCrew::take_sleeper() noexcept {
  std::uint32_t sleepers = sleepers_.load(std::memory_order_seq_cst);
  while (sleepers > 0 &&
         !sleepers_.compare_exchange_weak(sleepers, sleepers - 1, std::memory_order_seq_cst)) {
  }
  return sleepers > 0;
}

void ProcessorCrew::wake_one() noexcept {
  if (take_sleeper()) {
    wake_ups_.signal();
  }
}

// Called whenever everything may be finished. A consumer counts what it finished before it comes
// here, and a waiter looks at the counts with the mutex held: it either sees them, or waits
// already.
void ProcessorCrew::notify_drained() noexcept {
  const std::lock_guard lock(drain_mutex_);
  if (drain_waiters_ > 0) {
    drained_.notify_all();
  }
}

void ProcessorCrew::refuse_own_thread(const char* call) const {
  if (crew_of_this_thread == this) {
    throw Error(fmt::format(
        "{}: called from the processor's own callback, for which it would wait for ever; "
        "call it from another thread",
        call));
  }
}

}  // namespace spate
