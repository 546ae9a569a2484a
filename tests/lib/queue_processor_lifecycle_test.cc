// How a QueueProcessor begins, ends, and is waited for.
#include <gtest/gtest.h>
#include <pthread.h>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <thread>

#include "spate/queue_processor.h"
#include "support/messages.h"
#include "support/processors.h"

namespace spate {
namespace {

using testing_support::error_of;
using testing_support::expect_line_with;
using testing_support::Gate;
using testing_support::Parcel;
using testing_support::Processor;
using testing_support::soon;
using testing_support::submit;

TEST(QueueProcessor, SaysWhichSettingIsWrong) {
  const auto make = [](ProcessorSettings settings) {
    return [settings] { Processor(settings, [](Parcel&) {}); };
  };
  expect_line_with(error_of(make({.threads = 0})), {"threads 0", "1 to 1024"});
  expect_line_with(error_of(make({.threads = 1025})), {"threads 1025", "1 to 1024"});
  expect_line_with(error_of(make({.capacity = 0})), {"capacity 0", "1 to 4294967296"});
  expect_line_with(error_of(make({.capacity = (std::uint64_t{1} << 32) + 1})), {"4294967297"});
}

TEST(QueueProcessor, StartsOnceAndStopsAsOftenAsOneLikes) {
  Processor processor({}, [](Parcel&) {});
  processor.start();
  expect_line_with(error_of([&] { processor.start(); }), {"start", "runs already"});
  processor.stop();
  processor.stop();
  expect_line_with(error_of([&] { processor.start(); }), {"start", "was stopped"});
  Processor never_started({}, [](Parcel&) {});
  never_started.stop();
  expect_line_with(error_of([&] { never_started.start(); }), {"start", "was stopped"});
}

// While it lives, the system refuses new threads: no address space has room for such a stack.
class NoMoreThreads {
 public:
  NoMoreThreads() {
    pthread_getattr_default_np(&before_);
    pthread_attr_t vast;
    pthread_getattr_default_np(&vast);
    pthread_attr_setstacksize(&vast, std::size_t{1} << 60);
    pthread_setattr_default_np(&vast);
    pthread_attr_destroy(&vast);
  }
  ~NoMoreThreads() {
    pthread_setattr_default_np(&before_);
    pthread_attr_destroy(&before_);
  }
  NoMoreThreads(const NoMoreThreads&) = delete;
  NoMoreThreads& operator=(const NoMoreThreads&) = delete;

 private:
  pthread_attr_t before_{};
};

TEST(QueueProcessor, IsStoppedWhenTheSystemRefusesAThread) {
  Processor processor({.threads = 3}, [](Parcel&) {});
  {
    const NoMoreThreads no_more_threads;
    expect_line_with(error_of([&] { processor.start(); }),
                     {"threads 3", "refused", "ask for fewer"});
  }
  EXPECT_FALSE(processor.try_submit(Parcel{}));
  expect_line_with(error_of([&] { processor.start(); }), {"was stopped"});
}

TEST(QueueProcessor, DeliversWhatWasSubmittedBeforeTheStartAndRefusesWhatComesAfterTheStop) {
  Processor processor({}, [](Parcel&) {});
  ASSERT_TRUE(processor.try_submit(Parcel{}));
  EXPECT_FALSE(processor.drain(std::chrono::steady_clock::now()));
  processor.start();
  EXPECT_TRUE(processor.drain(soon()));
  processor.stop();
  EXPECT_FALSE(processor.try_submit(Parcel{}));
  EXPECT_EQ(processor.statistics().submitted, 1U);
  EXPECT_EQ(processor.statistics().refused, 1U);
  EXPECT_TRUE(processor.drain(std::chrono::steady_clock::now()));
}

TEST(QueueProcessor, StopFinishesTheMessageInHandAndKeepsAccountOfTheRest) {
  Gate gate;
  const auto load = std::make_shared<int>(0);
  using Load = std::shared_ptr<int>;
  auto processor = std::make_unique<QueueProcessor<Load>>(
      ProcessorSettings{.capacity = ProcessorSettings::kMaxCapacity}, [&](Load&) { gate.pass(); });
  for (int count = 0; count < 100; ++count) {
    submit(*processor, Load(load));
  }
  processor->start();
  gate.await_arrivals(1);  // 64 of them are in the consumer's batch
  std::thread stopper([&processor] { processor->stop(); });
  while (processor->try_submit(Load())) {
    std::this_thread::yield();
  }
  gate.open();  // the stop has begun: what else would refuse a message?
  stopper.join();
  const ProcessorStatistics seen = processor->statistics();
  EXPECT_EQ(seen.delivered, 1U);
  EXPECT_EQ(seen.pending, seen.submitted - 1);
  EXPECT_GE(seen.submitted, 100U);
  EXPECT_EQ(load.use_count(), 1 + 99);
  processor.reset();
  EXPECT_EQ(load.use_count(), 1) << "what is left is destroyed with the processor";
}

TEST(QueueProcessor, StopsDrainingAtTheDeadline) {
  Gate gate;
  Processor processor({}, [&](Parcel&) { gate.pass(); });
  processor.start();
  submit(processor, Parcel{});
  gate.await_arrivals(1);
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds(20);
  EXPECT_FALSE(processor.drain(deadline));
  EXPECT_GE(std::chrono::steady_clock::now(), deadline);
  gate.open();
  EXPECT_TRUE(processor.drain(soon()));
}

// Mostly it waits first, and what it waits for comes after: in 200 rounds a notification that is
// missed hangs it.
TEST(QueueProcessor, DrainIsToldWhenTheLastMessageHasFinished) {
  for (int round = 0; round < 200; ++round) {
    Gate gate;
    Processor processor({.threads = 2}, [&](Parcel&) { gate.pass(); });
    processor.start();
    submit(processor, Parcel{});
    submit(processor, Parcel{});
    gate.await_arrivals(2);
    std::thread opener([&gate] { gate.open(); });
    EXPECT_TRUE(processor.drain(std::chrono::steady_clock::time_point::max()));
    opener.join();
  }
}

TEST(QueueProcessor, DrainIsToldOfAStopWithMessagesLeft) {
  Processor processor({}, [](Parcel&) {});
  submit(processor, Parcel{});
  std::thread stopper([&processor] { processor.stop(); });
  EXPECT_FALSE(processor.drain(std::chrono::steady_clock::time_point::max()));
  stopper.join();
  EXPECT_FALSE(processor.drain(std::chrono::steady_clock::time_point::max()));
}

TEST(QueueProcessor, RefusesToWaitForItselfInsideTheCallback) {
  using Call = std::function<void()>;
  QueueProcessor<Call> processor({}, [](Call& call) { call(); });
  processor.start();
  const std::array<Call, 3> calls{[&] { processor.stop(); }, [&] { processor.start(); },
                                  [&] { static_cast<void>(processor.drain(soon())); }};
  for (const Call& call : calls) {
    submit(processor, Call([&call] {
             expect_line_with(error_of(call), {"called from the processor's own callback"});
           }));
  }
  // What it may do: submit, and wait for another processor.
  QueueProcessor<Call> other({}, [](Call& call) { call(); });
  other.start();
  submit(processor, Call([&] {
           EXPECT_TRUE(processor.try_submit([] {}));
           EXPECT_TRUE(other.try_submit([] {}));
           EXPECT_TRUE(other.drain(soon()));
           other.stop();
         }));
  ASSERT_TRUE(processor.drain(soon()));
  EXPECT_EQ(processor.statistics().delivered, 5U);
}

}  // namespace
}  // namespace spate
