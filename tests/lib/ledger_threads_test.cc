// The ledger where all workers write and release at once, and where one of them stands still.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdint>
#include <deque>
#include <memory>
#include <random>
#include <span>
#include <thread>
#include <vector>

#include "spate/ledger.h"
#include "spate/spsc_ring.h"
#include "support/ledger_books.h"
#include "support/threads.h"

namespace spate {
namespace {

using namespace testing_support;

constexpr std::uint32_t kWorkers = 3;
constexpr std::uint32_t kStands = 2;  // the worker that may stand still
constexpr std::uint64_t kDeliveries = 6 * kSegmentBits + 100;
constexpr std::uint32_t kRing = 1024;
constexpr std::uint64_t kAside = 500;  // of so many that are received one is put aside

using Ring = SpscRing<std::uint64_t>;

// One worker, whose deliveries go to all of them, itself included.
class Worker {
 public:
  Worker(WorkerId self, bool stands)
      : self_(self), stands_(stands), random_(self + 1), sent_(kSmall), seen_(kWorkers, kSmall) {
    for (auto& ring : rings_) {
      ring = std::make_unique<Ring>(kRing);
    }
  }

  void watch(std::vector<std::unique_ptr<Worker>>& all) {
    std::vector<SeenLedger*> seen;
    for (const auto& other : all) {
      seen.push_back(&other->seen_);
      others_.push_back(other.get());
    }
    sent_.watch(self_, seen);
  }

  void run() {
    while (!sent_all()) {
      if (stands_ && next_ == kSegmentBits / 2) {
        stand_still();
      }
      for (int i = 0; i < 64 && !sent_all(); ++i) {
        send();
      }
      receive();
    }
    done_.store(true, std::memory_order_release);
    while (!all_done()) {
      receive();
      std::this_thread::yield();
    }
    receive();  // what was put before the last of them was done
    mark_aside(true);
    sent_.close(next_);
  }

  const SentLedger& sent() const { return sent_; }
  const SeenLedger& seen() const { return seen_; }
  const Account& expected() const { return expected_; }
  // Sightings after the release: while the place had the segment still, and when it had not.
  std::uint64_t late_bits() const { return late_bits_; }
  std::uint64_t late_sightings() const { return late_sightings_; }

 private:
  bool sent_all() const { return next_ == kDeliveries; }
  bool all_done() const {
    for (const Worker* other : others_) {
      // Pairs with the release in run(): what it put before is there.
      if (!other->done_.load(std::memory_order_acquire)) {
        return false;
      }
    }
    return true;
  }
  // Till the others have sent everything, which they can only if they need nothing of this one.
  void stand_still() {
    stands_ = false;
    for (const Worker* other : others_) {
      while (other != this && !other->done_.load(std::memory_order_acquire)) {
        std::this_thread::yield();
      }
    }
  }

  // One delivery, of which something happens that has a place in the account.
  void send() {
    const std::uint64_t ordinal = next_++;
    sent_.reach(next_);
    // Pairs with the acquire in mark_aside().
    released_.store(sent_.released(), std::memory_order_release);
    ++expected_.attempted;
    const std::uint64_t draw = random_() % 64;
    if (draw == 0) {
      sent_.settle(ordinal, Outcome::failed);
      ++expected_.refused_unseen;
      return;
    }
    const std::uint64_t handed = draw == 1 ? 0 : hand_over(ordinal, draw == 2 ? 2 : 1);
    expected_.duplicated += handed == 2 ? 1 : 0;
    const bool acked = draw > 8;
    if (acked) {
      ASSERT_TRUE(sent_.settle(ordinal, Outcome::acked));
    } else if (draw > 4) {
      ASSERT_TRUE(sent_.settle(ordinal, Outcome::unknown));
    }
    ++(handed > 0 ? (acked ? expected_.acked_seen : expected_.recovered)
                  : (acked ? expected_.lost : expected_.unknown));
  }
  // To so many workers that have room; who has none is left out.
  std::uint64_t hand_over(std::uint64_t ordinal, std::uint64_t wanted) {
    std::uint64_t handed = 0;
    const std::uint64_t first = random_();
    for (std::uint64_t i = 0; i < kWorkers && handed < wanted; ++i) {
      Ring& ring = *others_[(first + i) % kWorkers]->rings_[self_];
      handed += ring.push(std::span(&ordinal, 1));
    }
    return handed;
  }
  void receive() {
    mark_aside(false);
    for (WorkerId sender = 0; sender < kWorkers; ++sender) {
      std::array<std::uint64_t, 64> batch;
      for (std::size_t count = 1; count > 0;) {
        count = rings_[sender]->pop(batch);
        for (std::size_t at = 0; at < count; ++at) {
          if (++received_ % kAside == 0) {
            aside_.push_back({sender, batch[at], received_ % (2 * kAside) == 0});
          } else {
            mark(sender, batch[at]);
          }
        }
      }
    }
  }
  void mark(WorkerId sender, std::uint64_t ordinal) {
    seen_.mark(sender, ordinal);
    highest_[sender] = std::max(highest_[sender], ordinal / kSegmentBits);
  }
  // What was put aside, once its segment is released; of every other one, when this worker's place
  // has another segment, too. At the end all that is left.
  void mark_aside(bool all) {
    std::erase_if(aside_, [&](const Aside& one) {
      const std::uint64_t segment = one.ordinal / kSegmentBits;
      const bool released =
          others_[one.sender]->released_.load(std::memory_order_acquire) > segment;
      const bool gone = highest_[one.sender] >= segment + kSmall.segments;
      if (!all && !(one.till_gone ? gone : released)) {
        return false;
      }
      late_bits_ += released && !gone ? 1 : 0;
      late_sightings_ += gone ? 1 : 0;
      mark(one.sender, one.ordinal);
      return true;
    });
  }

  struct Aside {
    WorkerId sender;
    std::uint64_t ordinal;
    bool till_gone;
  };

  WorkerId self_;
  bool stands_;
  std::mt19937_64 random_;
  SentLedger sent_;
  SeenLedger seen_;
  std::array<std::unique_ptr<Ring>, kWorkers> rings_;  // to this worker, by sender
  std::vector<Worker*> others_;                        // this one too
  Account expected_;
  std::uint64_t next_ = 0;
  std::atomic<bool> done_{false};
  std::atomic<std::uint64_t> released_{0};         // segments, by this worker as a sender
  std::deque<Aside> aside_;                        // received, and not marked yet
  std::array<std::uint64_t, kWorkers> highest_{};  // segment that was marked, by sender
  std::uint64_t received_ = 0;
  std::uint64_t late_bits_ = 0;
  std::uint64_t late_sightings_ = 0;
};

class LedgerThreads : public testing::TestWithParam<bool> {};
INSTANTIATE_TEST_SUITE_P(StandsStill, LedgerThreads, testing::Bool());

TEST_P(LedgerThreads, AccountForEverything) {
  std::vector<std::unique_ptr<Worker>> workers;
  for (WorkerId self = 0; self < kWorkers; ++self) {
    workers.push_back(std::make_unique<Worker>(self, GetParam() && self == kStands));
  }
  for (const auto& worker : workers) {
    worker->watch(workers);
  }
  run_threads(kWorkers, [&](std::uint32_t self) { workers[self]->run(); });

  std::vector<const SentLedger*> sent;
  std::vector<const SeenLedger*> seen;
  Account expected;
  std::uint64_t late_bits = 0;
  std::uint64_t late_sightings = 0;
  for (const auto& worker : workers) {
    sent.push_back(&worker->sent());
    seen.push_back(&worker->seen());
    expected += worker->expected();
    EXPECT_EQ(worker->sent().released(), kDeliveries / kSegmentBits + 1 - kSmall.segments);
    late_bits += worker->late_bits();
    late_sightings += worker->late_sightings();
  }
  const Account account = reconcile(sent, seen);
  EXPECT_EQ(account.attempted, kWorkers * kDeliveries);
  EXPECT_EQ(account.acked_seen, expected.acked_seen);
  EXPECT_EQ(account.lost, expected.lost);
  EXPECT_EQ(account.recovered, expected.recovered);
  EXPECT_EQ(account.unknown, expected.unknown);
  EXPECT_EQ(account.refused_unseen, expected.refused_unseen);
  EXPECT_EQ(account.anomalies, 0U);
  EXPECT_EQ(account.aliens, 0U);
  EXPECT_EQ(account.duplicated, expected.duplicated);
  EXPECT_GT(account.duplicated, 1000U);
  EXPECT_GT(late_bits, 100U);
  EXPECT_GT(late_sightings, 100U);
}

}  // namespace
}  // namespace spate
