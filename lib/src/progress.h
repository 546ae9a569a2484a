// How far the workers of a run are, as far as they must know it of each other.
#pragma once

#include <atomic>
#include <cstdint>
#include <vector>

#include "spate/cache_line.h"
#include "spate/message.h"
#include "spate/random.h"

namespace spate {

// Deliveries of one sender's worker that have ended. Next to their number a sum over their
// ordinals: a delivery that wrongly ends twice makes up for another one in the number, but not in
// the sum.
struct Ended {
  std::uint64_t count = 0;
  std::uint64_t squares = 0;  // of the ordinals, modulo 2^64

  void add(std::uint64_t ordinal) {
    ++count;
    squares += ordinal * ordinal;
  }
  // 0² + 1² + … + (count - 1)²: all of the first `count` ordinals, once each.
  static Ended all(std::uint64_t count) {
    if (count == 0) {
      return {};
    }
    const Uint128 product = Uint128{count} * (count - 1) * (2 * count - 1);
    return {count, static_cast<std::uint64_t>(product / 6)};
  }
  bool operator==(const Ended&) const = default;
};

// Every counter has one writing thread, so a count is a plain load, add and store: wait-free, no
// locked instruction. Relaxed order suffices where the numbers guard no other memory: a reader that
// is late merely waits a round longer.
class Progress {
 public:
  // `by_agent`: keep the completions per agent too, which a closed loop needs.
  Progress(std::uint32_t workers, std::uint32_t agents, bool by_agent)
      : workers_(workers),
        finished_(workers * kStride),
        assigned_(workers * kStride),
        open_copies_(workers * kStride),
        completed_(std::size_t{workers} * row(workers)),
        squares_(completed_.size()),
        agent_row_(by_agent ? row(agents) : 0),
        completed_by_agent_(std::size_t{workers} * agent_row_) {}

  // Sender's worker: so many ordinals exist, and its ledger has reached them. Published before the
  // messages are handed over, so that who receives one finds its ordinal covered.
  void set_assigned(WorkerId worker, std::uint64_t count) {
    // Pairs with the acquire in assigned(): who sees that an ordinal exists sees what the ledger
    // has released for it.
    assigned_[worker * kStride].store(count, std::memory_order_release);
  }
  std::uint64_t assigned(WorkerId worker) const {
    return assigned_[worker * kStride].load(std::memory_order_acquire);
  }

  // Sender's worker: so many duplicates of its messages are under way. After finish_sending() the
  // number only falls.
  void set_open_copies(WorkerId worker, std::uint64_t count) {
    open_copies_[worker * kStride].store(count, std::memory_order_relaxed);
  }

  std::uint64_t open_copies() const {
    std::uint64_t sum = 0;
    for (std::size_t worker = 0; worker < workers_; ++worker) {
      sum += open_copies_[worker * kStride].load(std::memory_order_relaxed);
    }
    return sum;
  }

  // `by` has seen the end of deliveries that `sender` sent.
  void add_completed(WorkerId by, WorkerId sender, const Ended& ended) {
    add(completed_[by * row(workers_) + sender], ended.count);
    add(squares_[by * row(workers_) + sender], ended.squares);
  }
  std::uint64_t completed(WorkerId sender) const { return sum_by_all(completed_, sender); }
  std::uint64_t completed() const {
    std::uint64_t sum = 0;
    for (const auto& count : completed_) {
      sum += count.load(std::memory_order_relaxed);
    }
    return sum;
  }

  bool by_agent() const { return agent_row_ != 0; }
  void add_completed_of_agent(WorkerId by, AgentId sender) {
    add(completed_by_agent_[by * agent_row_ + sender], 1);
  }
  std::uint64_t completed_of_agent(AgentId sender) const {
    std::uint64_t sum = 0;
    for (std::size_t by = 0; by < workers_; ++by) {
      sum += completed_by_agent_[by * agent_row_ + sender].load(std::memory_order_relaxed);
    }
    return sum;
  }

  // This worker's assigned() is final. Pairs with the acquire in all_sent.
  void finish_sending(WorkerId worker) {
    finished_[worker * kStride].store(1, std::memory_order_release);
  }
  // Everybody has sent everything.
  bool all_sent() const {
    for (std::size_t worker = 0; worker < workers_; ++worker) {
      // Pairs with the release in finish_sending: the final assigned() is visible.
      if (finished_[worker * kStride].load(std::memory_order_acquire) == 0) {
        return false;
      }
    }
    return true;
  }
  // Everybody has sent everything, and all of it has ended, duplicates included: their sender may
  // need every receiver to get rid of the last one.
  bool all_done() const {
    if (!all_sent() || open_copies() != 0) {
      return false;
    }
    for (WorkerId worker = 0; worker < workers_; ++worker) {
      if (Ended{completed(worker), sum_by_all(squares_, worker)} != Ended::all(assigned(worker))) {
        return false;
      }
    }
    return true;
  }

 private:
  using Counter = std::atomic<std::uint64_t>;
  static constexpr std::size_t kStride = kCacheLine / sizeof(Counter);

  // Rows of different writers share no cache line (but for the vector's own alignment: at most
  // one).
  static constexpr std::size_t row(std::size_t counters) {
    return (counters + 2 * kStride - 1) / kStride * kStride;
  }
  std::uint64_t sum_by_all(const std::vector<Counter>& counters, WorkerId sender) const {
    std::uint64_t sum = 0;
    for (std::size_t by = 0; by < workers_; ++by) {
      sum += counters[by * row(workers_) + sender].load(std::memory_order_relaxed);
    }
    return sum;
  }
  static void add(Counter& counter, std::uint64_t count) {
    counter.store(counter.load(std::memory_order_relaxed) + count, std::memory_order_relaxed);
  }

  std::size_t workers_;
  std::vector<Counter> finished_;
  std::vector<Counter> assigned_;
  std::vector<Counter> open_copies_;
  std::vector<Counter> completed_;  // [by][sender's worker]
  std::vector<Counter> squares_;    // likewise
  std::size_t agent_row_;
  std::vector<Counter> completed_by_agent_;  // [by][sender]
};

}  // namespace spate
