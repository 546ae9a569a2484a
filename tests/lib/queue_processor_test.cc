#include "spate/queue_processor.h"

#include <concurrentqueue.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <functional>
#include <latch>
#include <memory>
#include <semaphore>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "support/messages.h"
#include "support/processors.h"

namespace spate {
namespace {

using testing_support::Gate;
using testing_support::offer;
using testing_support::Parcel;
using testing_support::Processor;
using testing_support::soon;
using testing_support::submit;

void expect_consistent(const ProcessorStatistics& seen, std::uint64_t capacity) {
  ASSERT_EQ(seen.submitted, seen.delivered + seen.failed + seen.pending);
  ASSERT_LE(seen.pending, capacity);
}

// How often each message of each sender was delivered.
class Deliveries {
 public:
  Deliveries(std::uint32_t senders, std::uint32_t each)
      : each_(each), times_(std::size_t{senders} * each) {}
  void add(const Parcel& parcel) {
    times_[std::size_t{parcel.sender} * each_ + parcel.number].fetch_add(1,
                                                                         std::memory_order_relaxed);
  }
  std::uint64_t wrong() const {
    std::uint64_t wrong = 0;
    for (const auto& times : times_) {
      wrong += times == 1 ? 0U : 1U;
    }
    return wrong;
  }

 private:
  std::uint32_t each_;
  std::vector<std::atomic<std::uint32_t>> times_;
};

// Several submitters against several consumers, with a capacity small enough to be reached, and a
// reader of the statistics beside them.
void expect_each_once(std::uint32_t submitters, std::uint32_t consumers, std::uint64_t capacity) {
  constexpr std::uint32_t kEach = 20'000;
  const std::uint64_t all = std::uint64_t{submitters} * kEach;
  Deliveries deliveries(submitters, kEach);
  std::atomic<std::uint64_t> damaged{0};
  Processor processor({.threads = consumers, .capacity = capacity}, [&](Parcel& parcel) {
    deliveries.add(parcel);
    damaged += parcel.content == std::to_string(parcel.number) + std::string(40, 'x') ? 0U : 1U;
  });
  processor.start();
  std::vector<std::jthread> threads;
  for (std::uint32_t sender = 0; sender < submitters; ++sender) {
    threads.emplace_back([&processor, sender] {
      for (std::uint32_t number = 0; number < kEach; ++number) {
        submit(processor, Parcel{sender, number, std::to_string(number) + std::string(40, 'x')});
      }
    });
  }
  ProcessorStatistics last;
  while (last.submitted < all) {
    const ProcessorStatistics now = processor.statistics();
    expect_consistent(now, capacity);
    ASSERT_GE(now.submitted, last.submitted);
    ASSERT_GE(now.delivered, last.delivered);
    last = now;
  }
  for (std::jthread& thread : threads) {
    thread.join();
  }
  EXPECT_TRUE(processor.drain(soon()));
  EXPECT_EQ(deliveries.wrong(), 0U);
  EXPECT_EQ(damaged, 0U);
  EXPECT_EQ(processor.statistics().delivered, all);
  EXPECT_EQ(processor.statistics().pending, 0U);
}

TEST(QueueProcessor, DeliversEachMessageOnce) {
  expect_each_once(1, 1, 1 << 16);
  expect_each_once(3, 2, 1 << 16);
  expect_each_once(2, 4, 7);
  expect_each_once(4, 2, 1);
}

TEST(QueueProcessor, KeepsTheOrderOfOneSubmitterOnOneThread) {
  std::uint32_t next = 0;
  std::uint32_t wrong = 0;
  Processor processor({}, [&](Parcel& parcel) { wrong += parcel.number == next++ ? 0U : 1U; });
  processor.start();
  for (std::uint32_t number = 0; number < 10'000; ++number) {
    submit(processor, Parcel{0, number});
  }
  ASSERT_TRUE(processor.drain(soon()));
  EXPECT_EQ(next, 10'000U);
  EXPECT_EQ(wrong, 0U);
}

// Each message finds the consumers asleep or about to be: one wake-up that is missed hangs it.
TEST(QueueProcessor, WakesASleepingConsumerForEveryMessage) {
  std::atomic<std::uint32_t> delivered{0};
  QueueProcessor<std::uint32_t> processor({.threads = 2}, [&](std::uint32_t&) {
    ++delivered;
    delivered.notify_one();
  });
  processor.start();
  for (std::uint32_t number = 0; number < 20'000; ++number) {
    ASSERT_TRUE(processor.try_submit(std::uint32_t{number}));
    delivered.wait(number);  // the test's time limit is the deadline
  }
}

TEST(QueueProcessor, CountsACallbackThatThrowsAndLosesOneMessageToIt) {
  Processor processor({.threads = 2}, [](Parcel& parcel) {
    if (parcel.number % 3 == 0) {
      throw std::runtime_error("broker unreachable");
    }
  });
  processor.start();
  for (std::uint32_t number = 0; number < 3'000; ++number) {
    submit(processor, Parcel{0, number});
  }
  ASSERT_TRUE(processor.drain(soon()));
  const ProcessorStatistics seen = processor.statistics();
  EXPECT_EQ(seen.failed, 1'000U);
  EXPECT_EQ(seen.delivered, 2'000U);
  EXPECT_EQ(seen.pending, 0U);
  EXPECT_EQ(seen.first_error, "broker unreachable");
}

TEST(QueueProcessor, SurvivesExceptionsOfAnyType) {
  Processor processor({}, [](Parcel&) { throw 42; });
  processor.start();
  submit(processor, Parcel{});
  submit(processor, Parcel{});
  ASSERT_TRUE(processor.drain(soon()));
  EXPECT_EQ(processor.statistics().failed, 2U);
  EXPECT_EQ(processor.statistics().first_error, "an exception that is no std::exception");
}

TEST(QueueProcessor, KeepsTheFirstErrorAndCutsItsText) {
  Processor processor({}, [](Parcel& parcel) { throw std::runtime_error(parcel.content); });
  processor.start();
  submit(processor, Parcel{0, 0, std::string(1'000, 'a')});
  submit(processor, Parcel{0, 1, "the second"});
  ASSERT_TRUE(processor.drain(soon()));
  EXPECT_EQ(processor.statistics().first_error, std::string(ProcessorAccount::kErrorBytesMax, 'a'));
}

TEST(QueueProcessor, RefusesAtExactlyItsCapacityAndHasRoomAfterADelivery) {
  constexpr std::uint64_t kCapacity = 5;
  std::counting_semaphore<> permits(0);
  Processor processor({.capacity = kCapacity}, [&](Parcel&) { permits.acquire(); });
  processor.start();
  for (std::uint32_t number = 0; number < kCapacity; ++number) {
    ASSERT_TRUE(processor.try_submit(Parcel{0, number}));
  }
  // Also the message in the callback is unfinished.
  Parcel refused{7, 8, "a content that is too long to be held in place"};
  EXPECT_FALSE(processor.try_submit(offer(refused)));
  EXPECT_EQ(refused.content, "a content that is too long to be held in place");
  EXPECT_EQ(processor.statistics().refused, 1U);
  EXPECT_EQ(processor.statistics().pending, kCapacity);

  permits.release();
  while (processor.statistics().delivered < 1) {
    std::this_thread::yield();
  }
  EXPECT_TRUE(processor.try_submit(Parcel{}));
  EXPECT_FALSE(processor.try_submit(Parcel{}));
  permits.release(kCapacity);
  EXPECT_TRUE(processor.drain(soon()));
}

struct ScarceMemory : moodycamel::ConcurrentQueueDefaultTraits {
  static inline bool gone = false;
  static void* malloc(std::size_t bytes) { return gone ? nullptr : std::malloc(bytes); }
  static void free(void* memory) { std::free(memory); }
};

TEST(QueueProcessor, RefusesAMessageForWhichThereIsNoMemory) {
  QueueProcessor<Parcel, std::function<void(Parcel&)>, ScarceMemory> processor({}, [](Parcel&) {});
  ASSERT_TRUE(processor.try_submit(Parcel{}));
  ScarceMemory::gone = true;
  Parcel message{0, 0, "still here"};
  while (processor.try_submit(offer(message))) {
    message.content = "still here";
  }
  ScarceMemory::gone = false;
  EXPECT_EQ(message.content, "still here");
  const ProcessorStatistics seen = processor.statistics();
  EXPECT_LT(seen.submitted, ProcessorSettings{}.capacity);
  EXPECT_EQ(seen.refused, 1U);
  processor.start();
  EXPECT_TRUE(processor.drain(soon()));
  EXPECT_EQ(processor.statistics().delivered, seen.submitted);
}

// A capacity of one is a lock: who has claimed the place is alone until it counts as finished.
TEST(QueueProcessor, NeverExceedsItsCapacityWithManySubmitters) {
  constexpr std::uint32_t kSubmitters = 3;
  constexpr std::uint64_t kEach = 50'000;
  ProcessorAccount account({.threads = kSubmitters, .capacity = 1});
  std::atomic<std::uint64_t> exceeded{0};
  {
    std::vector<std::jthread> threads;
    for (std::uint32_t self = 0; self < kSubmitters; ++self) {
      threads.emplace_back([&, self] {
        std::uint32_t refused = 0;
        for (std::uint64_t finished = 0; finished < kEach;) {
          if (!account.try_claim()) {
            if (++refused % 64 == 0) {  // rarely: they should race for the place
              std::this_thread::yield();
            }
            continue;
          }
          exceeded += account.statistics().pending - 1;
          account.counts_of(self).set_delivered(++finished);
        }
      });
    }
  }
  EXPECT_EQ(exceeded, 0U);
  EXPECT_EQ(account.statistics().submitted, kSubmitters * kEach);
  EXPECT_EQ(account.statistics().pending, 0U);
}

TEST(QueueProcessor, DestroysAMessageBeforeItCountsAsFinished) {
  const auto load = std::make_shared<int>(0);
  using Load = std::unique_ptr<std::shared_ptr<int>>;  // move-only
  QueueProcessor<Load> processor({}, [](Load&) {});
  processor.start();
  submit(processor, std::make_unique<std::shared_ptr<int>>(load));
  ASSERT_TRUE(processor.drain(soon()));
  EXPECT_EQ(load.use_count(), 1);
}

// 4 messages for 4 threads: if one took two of them, not all threads could be inside at once.
TEST(QueueProcessor, SharesMessagesOutSoThatAllThreadsHaveWork) {
  constexpr std::uint32_t kThreads = 4;
  for (const std::uint32_t messages : {kThreads, 3 * kThreads, 200U}) {
    std::latch all_inside(kThreads);
    std::atomic<std::uint32_t> delivered{0};
    Processor processor({.threads = kThreads}, [&](Parcel&) {
      if (delivered++ < kThreads) {
        all_inside.arrive_and_wait();
      }
    });
    for (std::uint32_t number = 0; number < messages; ++number) {
      submit(processor, Parcel{0, number});
    }
    processor.start();
    EXPECT_TRUE(processor.drain(soon())) << messages;
    EXPECT_EQ(delivered, messages);
  }
}

TEST(QueueProcessor, IsNotHeldUpByACallbackThatHangs) {
  Gate gate;
  Processor processor({.threads = 2}, [&](Parcel& parcel) {
    if (parcel.sender == 1) {
      gate.pass();
    }
  });
  processor.start();
  submit(processor, Parcel{1, 0});
  gate.await_arrivals(1);
  constexpr std::uint32_t kOthers = 50'000;
  for (std::uint32_t number = 0; number < kOthers; ++number) {
    submit(processor, Parcel{0, number});
  }
  while (processor.statistics().delivered < kOthers) {
    std::this_thread::yield();
  }
  EXPECT_EQ(processor.statistics().pending, 1U);
  gate.open();
  EXPECT_TRUE(processor.drain(soon()));
}

// A message whose move stands still until it is let go: its submitter is stalled between the claim
// and the message.
struct SlowToEnter {
  explicit SlowToEnter(Gate* where) : gate(where) {}
  SlowToEnter(SlowToEnter&& other) noexcept : gate(std::exchange(other.gate, nullptr)) {
    if (gate != nullptr) {
      std::exchange(gate, nullptr)->pass();
    }
  }
  Gate* gate;
};

TEST(QueueProcessor, IsNotHeldUpByASubmitterThatIsStalled) {
  Gate gate;
  QueueProcessor<SlowToEnter> processor({.threads = 2}, [](SlowToEnter&) {});
  processor.start();
  std::thread stalled([&] { EXPECT_TRUE(processor.try_submit(SlowToEnter(&gate))); });
  gate.await_arrivals(1);
  for (int count = 0; count < 10'000; ++count) {
    ASSERT_TRUE(processor.try_submit(SlowToEnter(nullptr)));
  }
  while (processor.statistics().delivered < 10'000) {
    std::this_thread::yield();
  }
  EXPECT_FALSE(processor.drain(std::chrono::steady_clock::now()));
  gate.open();
  stalled.join();
  EXPECT_TRUE(processor.drain(soon()));
  EXPECT_EQ(processor.statistics().delivered, 10'001U);
}

TEST(QueueProcessor, WantsACallbackThatCanBeCalled) {
  const std::string line =
      testing_support::error_of([] { QueueProcessor<int>({.threads = 1}, nullptr); });
  testing_support::expect_line_with(line, {"callback is empty"});
}

}  // namespace
}  // namespace spate
