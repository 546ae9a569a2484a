// MockMessagingCore from 1 to 8 threads, without sleeping; and the same core whose statistics stand
// behind a mutex, as one would write it first.
#include "spate/messaging_core.h"

#include <benchmark/benchmark.h>

#include <algorithm>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "micro.h"
#include "spate/cache_line.h"

namespace spate::bench {
namespace {

constexpr std::uint64_t kBlock = 4096;  // an interrupt is looked for so often
constexpr AgentId kRecipient = 8;       // of all; the others send, a thread each

// In lines of its own, so that only the lock is compared, and not what happens to stand beside it.
class alignas(kCacheLine) LockedStatistics {
 public:
  void enter(const Receipt& receipt, const std::optional<ChaosEvent>& event) {
    const std::lock_guard lock(mutex_);
    if (event) {
      log_.record(*event);
    }
    sums_.add(receipt);
  }
  CoreStatistics read() const {
    const std::lock_guard lock(mutex_);
    return sums_;
  }
  CoreEvents events() const {
    const std::lock_guard lock(mutex_);
    auto tail = log_.since(0);
    return latest_of(std::move(tail.events), tail.missed);
  }

 private:
  mutable std::mutex mutex_;
  CoreStatistics sums_;
  ChaosEventLog log_;
};

template <class Core>
void send_many(Core& core, AgentId sender, std::uint64_t count) {
  while (count > 0 && !interrupted()) {
    const std::uint64_t block = std::min(count, kBlock);
    for (std::uint64_t message = 0; message < block; ++message) {
      benchmark::DoNotOptimize(core.send_message(sender, kRecipient, "hello"));
    }
    count -= block;
  }
}

template <class Core>
void send_from_threads(benchmark::State& state, const ChaosProfile& chaos) {
  const auto all = static_cast<std::uint64_t>(state.max_iterations);
  const auto count = static_cast<std::uint64_t>(state.range(0));
  CoreSettings settings;
  settings.agents = kRecipient + 1;
  settings.chaos = chaos;
  settings.sleep = false;
  Core core(settings);
  while (state.KeepRunningBatch(state.max_iterations)) {
    std::vector<std::thread> threads;
    for (std::uint64_t i = 0; i < count; ++i) {
      const std::uint64_t share = all / count + (i < all % count ? 1 : 0);
      threads.emplace_back([&, i, share] { send_many(core, static_cast<AgentId>(i), share); });
    }
    for (std::thread& thread : threads) {
      thread.join();
    }
    const CoreEvents events = core.chaos_events();
    if (interrupted()) {
      state.SkipWithError("interrupted");
    } else if (core.statistics().total() != all ||
               core.statistics().chaos_events() != events.events.size() + events.left_out) {
      state.SkipWithError("the core lost messages or events");
    }
  }
}

template <class Core>
void register_core(const char* name, const ChaosProfile& chaos) {
  benchmark::RegisterBenchmark(
      name, [chaos](benchmark::State& state) { send_from_threads<Core>(state, chaos); })
      ->ArgName("threads")
      ->RangeMultiplier(2)
      ->Range(1, kRecipient)
      ->UseRealTime()
      ->MeasureProcessCPUTime();
}

}  // namespace

void register_messaging_core() {
  using LockedCore = BasicMessagingCore<LockedStatistics>;
  register_core<MockMessagingCore>("micro/messaging_core", ChaosProfile::off());
  register_core<LockedCore>("reference/locked_core", ChaosProfile::off());
  register_core<MockMessagingCore>("micro/messaging_core_chaos", ChaosProfile::on());
  register_core<LockedCore>("reference/locked_core_chaos", ChaosProfile::on());
}

}  // namespace spate::bench
