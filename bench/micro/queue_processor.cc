// A QueueProcessor with a callback that does next to nothing, beside bare threads that drain as
// many of the same messages from a bare moodycamel::ConcurrentQueue. The queue is full before the
// clock runs; both start and join their threads under it.
#include "spate/queue_processor.h"

#include <benchmark/benchmark.h>
#include <concurrentqueue.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "micro.h"

namespace spate::bench {
namespace {

// So many that starting and joining the threads, which takes some 50 us, does not count.
constexpr std::uint64_t kMessages = 1 << 20;
constexpr std::chrono::seconds kPatience{60};

struct Parcel {  // what agents send each other: 48 bytes, with a text that needs no memory of its
                 // own
  std::uint32_t sender;
  std::uint32_t recipient;
  std::string content;
  std::uint8_t type;
};

Parcel parcel(std::uint64_t number) { return {static_cast<std::uint32_t>(number), 1, "hello", 0}; }

// How often each message was received: a byte of its own, so that threads need not agree.
class Received {
 public:
  void add(const Parcel& parcel) { ++times_[parcel.sender]; }
  bool each_once() const {
    return std::all_of(times_.begin(), times_.end(), [](std::uint8_t times) { return times == 1; });
  }

 private:
  std::vector<std::uint8_t> times_ = std::vector<std::uint8_t>(kMessages);
};

// A message that is refused is missed at the end.
template <class Enqueue>
void fill(Enqueue enqueue) {
  for (std::uint64_t number = 0; number < kMessages; ++number) {
    static_cast<void>(enqueue(parcel(number)));
  }
}

// Each round: a full queue is made out of the clock, then run() is timed, then looked at.
template <class Drain>
void repeat(benchmark::State& state) {
  const auto threads = static_cast<std::uint32_t>(state.range(0));
  while (keep_running(state, kMessages)) {
    state.PauseTiming();
    Received received;
    auto drain = std::make_unique<Drain>(threads, received);
    state.ResumeTiming();
    drain->run();
    state.PauseTiming();
    drain.reset();
    if (!received.each_once()) {
      state.SkipWithError("a message was not received, or twice");
      break;
    }
    state.ResumeTiming();
  }
}

class ProcessorDrain {
 public:
  ProcessorDrain(std::uint32_t threads, Received& received)
      : processor_({.threads = threads, .capacity = kMessages}, {&received}) {
    fill([&](Parcel&& parcel) { return processor_.try_submit(std::move(parcel)); });
  }
  void run() {
    processor_.start();
    // Whether it was drained in time shows in what was received.
    static_cast<void>(processor_.drain(std::chrono::steady_clock::now() + kPatience));
    processor_.stop();
  }

 private:
  struct Receive {
    Received* received;
    void operator()(Parcel& parcel) const { received->add(parcel); }
  };
  QueueProcessor<Parcel, Receive> processor_;
};

class BareDrain {
 public:
  BareDrain(std::uint32_t threads, Received& received) : threads_(threads), received_(received) {
    fill([&](Parcel&& parcel) { return queue_.enqueue(std::move(parcel)); });
  }
  void run() {
    for (std::thread& thread : threads_) {
      thread = std::thread([this] { receive(); });
    }
    for (std::thread& thread : threads_) {
      thread.join();
    }
  }

 private:
  void receive() {
    moodycamel::ConsumerToken token(queue_);
    std::array<Parcel, 64> batch;
    while (const std::size_t count = queue_.try_dequeue_bulk(token, batch.begin(), batch.size())) {
      for (std::size_t i = 0; i < count; ++i) {
        received_.add(batch[i]);
      }
    }
  }

  moodycamel::ConcurrentQueue<Parcel> queue_;
  std::vector<std::thread> threads_;
  Received& received_;
};

template <class Drain>
void register_drain(const char* name, std::int64_t threads) {
  benchmark::RegisterBenchmark(name, repeat<Drain>)
      ->ArgName("threads")
      ->Arg(threads)
      ->UseRealTime()
      ->MeasureProcessCPUTime();
}

}  // namespace

void register_queue_processor() {
  for (const std::int64_t threads : {1, 2}) {
    register_drain<ProcessorDrain>("micro/queue_processor", threads);
    register_drain<BareDrain>("reference/moodycamel_drain", threads);
  }
}

}  // namespace spate::bench
