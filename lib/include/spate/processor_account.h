// The numbers of a QueueProcessor: who may still submit, what was taken, and how it ended.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "spate/cache_line.h"

namespace spate {

struct ProcessorSettings {
  static constexpr std::uint64_t kMaxThreads = 1024;
  static constexpr std::uint64_t kMaxCapacity = std::uint64_t{1} << 32;

  std::uint32_t threads = 1;         // consumers; 1 to kMaxThreads
  std::uint64_t capacity = 1 << 16;  // messages submitted and unfinished; 1 to kMaxCapacity
};

// The Error for a callback that cannot be called.
[[noreturn]] void refuse_empty_callback();

// At any time submitted = delivered + failed + pending, and pending is at most the capacity.
struct ProcessorStatistics {
  std::uint64_t submitted = 0;  // calls of try_submit that returned true; one under way may count
  std::uint64_t delivered = 0;  // the callback returned
  std::uint64_t failed = 0;     // the callback threw
  std::uint64_t pending = 0;  // neither yet: in the queue, in a consumer's batch, or in a callback
  std::uint64_t refused = 0;  // calls of try_submit that returned false
  // what() of the first exception that said anything, cut to ProcessorAccount::kErrorBytesMax
  // bytes.
  std::string first_error;
};

// What one consumer has done so far, as others see it. That consumer writes, anybody reads; so a
// count is a plain store: wait-free, no locked instruction, and on no other consumer's cache line.
class alignas(kCacheLine) ConsumerCounts {
 public:
  // Each pairs with the acquire of the reader of the same name.
  void set_taken(std::uint64_t messages) noexcept {
    taken_.store(messages, std::memory_order_release);
  }
  void set_delivered(std::uint64_t messages) noexcept {
    delivered_.store(messages, std::memory_order_release);
  }
  void set_failed(std::uint64_t messages) noexcept {
    failed_.store(messages, std::memory_order_release);
  }

  // What was done before it was counted is visible.
  std::uint64_t taken() const noexcept { return taken_.load(std::memory_order_acquire); }
  std::uint64_t delivered() const noexcept { return delivered_.load(std::memory_order_acquire); }
  std::uint64_t failed() const noexcept { return failed_.load(std::memory_order_acquire); }

 private:
  std::atomic<std::uint64_t> taken_{0};
  std::atomic<std::uint64_t> delivered_{0};
  std::atomic<std::uint64_t> failed_{0};
};

// A message is claimed before it enters the queue, taken when a consumer has it, finished when the
// callback has ended. submitted counts claims, so 0 <= finished <= taken <= submitted, and the
// claims keep submitted <= finished + capacity.
//
// Progress: try_claim is lock-free: one compare-and-swap, repeated only when another submitter got
// in between. What sums the consumers' counts is wait-free. note_error and statistics lock a mutex,
// which is held while a line of text is copied, never while a callback runs.
class ProcessorAccount {
 public:
  static constexpr std::size_t kErrorBytesMax = 256;

  // Throws Error when a setting is out of range.
  explicit ProcessorAccount(const ProcessorSettings& settings);

  // Submitter: a place for one message. False only if there was a moment during the call when
  // `capacity` messages were submitted and unfinished. A claim is followed by its message, or given
  // back.
  bool try_claim() noexcept {
    std::uint64_t submitted = submitted_.load(std::memory_order_relaxed);
    do {
      // The consumers' counts are only looked at when the last look at them leaves no room. Pairs
      // with the release in raised_limit: whoever sees this claim sees the counts that allowed it.
      if (submitted >= limit_.load(std::memory_order_acquire) && submitted >= raised_limit()) {
        return false;
      }
      // A release, which the acquire in statistics pairs with; and sequentially consistent for
      // ProcessorCrew, where a claim and a consumer that lies down must not miss each other. The
      // message itself is handed over by moodycamel.
    } while (!submitted_.compare_exchange_weak(submitted, submitted + 1, std::memory_order_seq_cst,
                                               std::memory_order_relaxed));
    return true;
  }
  void give_back_claim() noexcept { submitted_.fetch_sub(1, std::memory_order_seq_cst); }
  void note_refused() noexcept { refused_.fetch_add(1, std::memory_order_relaxed); }

  ConsumerCounts& counts_of(std::uint32_t consumer) noexcept { return counts_[consumer]; }
  // The text of a callback's exception. Before the message is counted as failed.
  void note_error(std::string_view what) noexcept;

  // How many messages one of the consumers should take at once, so that all have work: its part of
  // what is there, from 1 to `most`.
  std::size_t fair_share(std::size_t most) const noexcept {
    const std::uint64_t taken = sum(&ConsumerCounts::taken);  // first: it cannot exceed submitted
    const std::uint64_t waiting = submitted_.load(std::memory_order_relaxed) - taken;
    return std::clamp<std::size_t>(waiting / counts_.size(), 1, most);
  }

  // Everything claimed was taken, or has finished, at the moment of the second load: the counts
  // never exceed the claims, so being equal they have caught up.
  bool all_taken() const noexcept { return sum(&ConsumerCounts::taken) == submitted(); }
  bool all_finished() const noexcept { return finished() == submitted(); }

  ProcessorStatistics statistics() const;

 private:
  std::uint64_t submitted() const noexcept { return submitted_.load(std::memory_order_seq_cst); }
  std::uint64_t sum(std::uint64_t (ConsumerCounts::*count)() const noexcept) const noexcept {
    std::uint64_t total = 0;
    for (const ConsumerCounts& counts : counts_) {
      total += (counts.*count)();
    }
    return total;
  }
  std::uint64_t finished() const noexcept {
    return sum(&ConsumerCounts::delivered) + sum(&ConsumerCounts::failed);
  }
  std::uint64_t raised_limit() noexcept;

  const std::uint64_t capacity_;
  std::vector<ConsumerCounts> counts_;
  // The submitters' line: who reads the limit is about to write the claims.
  alignas(kCacheLine) std::atomic<std::uint64_t> submitted_{0};
  std::atomic<std::uint64_t> limit_;  // what finished() + capacity was, at some time
  // Away from them, since refused submitters try again and again.
  alignas(kCacheLine) std::atomic<std::uint64_t> refused_{0};
  mutable std::mutex error_mutex_;
  std::string first_error_;  // guarded by error_mutex_
};

}  // namespace spate
