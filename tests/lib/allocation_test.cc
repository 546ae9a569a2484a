// In the steady state a run allocates nothing per message: a run of four times as many messages
// makes no more allocations than the shorter one, but for the few that a larger peak may cost.
//
// A program of its own, because it replaces the global operator new. Not under sanitizers, which
// bring their own.
#include <gtest/gtest.h>
#include <malloc.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <new>
#include <ostream>
#include <vector>

#include "spate/lane_delivery.h"
#include "spate/ledger.h"
#include "support/ring_lane.h"
#include "support/runs.h"

namespace {

std::atomic<std::uint64_t> allocations{0};
std::atomic<std::uint64_t> live_bytes{0};

void* counted(std::size_t bytes, std::size_t alignment) {
  allocations.fetch_add(1, std::memory_order_relaxed);
  // aligned_alloc wants a multiple of the alignment.
  void* const memory = std::aligned_alloc(alignment, (bytes + alignment) / alignment * alignment);
  if (memory == nullptr) {
    throw std::bad_alloc();
  }
  live_bytes.fetch_add(malloc_usable_size(memory), std::memory_order_relaxed);
  return memory;
}

void free_counted(void* memory) noexcept {
  live_bytes.fetch_sub(memory == nullptr ? 0 : malloc_usable_size(memory),
                       std::memory_order_relaxed);
  std::free(memory);
}

}  // namespace

void* operator new(std::size_t bytes) { return counted(bytes, alignof(std::max_align_t)); }
void* operator new(std::size_t bytes, std::align_val_t alignment) {
  return counted(bytes, static_cast<std::size_t>(alignment));
}
void operator delete(void* memory) noexcept { free_counted(memory); }
void operator delete(void* memory, std::size_t /*bytes*/) noexcept { free_counted(memory); }
void operator delete(void* memory, std::align_val_t /*alignment*/) noexcept {
  free_counted(memory);
}
void operator delete(void* memory, std::size_t /*bytes*/, std::align_val_t /*a*/) noexcept {
  free_counted(memory);
}

namespace spate {
namespace {

using namespace testing_support;

AnyDelivery mock(const RunPlan& plan, const std::shared_ptr<const Payloads>& /*payloads*/) {
  return mock_for(plan);
}
AnyDelivery queue(const RunPlan& plan, const std::shared_ptr<const Payloads>& payloads) {
  return queue_for(plan, payloads);
}
AnyDelivery lanes(const RunPlan& plan, const std::shared_ptr<const Payloads>& payloads) {
  return AnyDelivery(
      std::make_unique<LaneDelivery<RingLane>>(DeliverySetup{plan, payloads, 1 << 12}));
}

struct Setting {
  const char* name;
  AnyDelivery (*make)(const RunPlan& plan, const std::shared_ptr<const Payloads>& payloads);
  std::uint64_t rate;
  ChaosProfile chaos = ChaosProfile::off();
};
std::ostream& operator<<(std::ostream& out, const Setting& setting) { return out << setting.name; }

// Allocations between the start and the end of execute().
std::uint64_t allocations_of(const Setting& setting, std::uint64_t messages) {
  RunPlan plan = patient_plan(messages, setting.rate);
  plan.workers = 2;
  if (setting.rate == 0) {
    plan.types = only(MessageType::text);
  }
  // A queue grows with what is under way: so does a starved worker's, whose schedule goes on.
  plan.in_flight_limit = 1 << 12;
  plan.chaos = setting.chaos;
  const std::shared_ptr<const Payloads> payloads = payloads_for(plan);
  AnyDelivery delivery = setting.make(plan, payloads);
  StressRun run(plan, delivery, payloads);
  const std::uint64_t before = allocations;
  run.execute();
  const std::uint64_t after = allocations;
  EXPECT_TRUE(run.report().clean());
  return after - before;
}

class SteadyState : public testing::TestWithParam<Setting> {};
INSTANTIATE_TEST_SUITE_P(Settings, SteadyState,
                         testing::Values(Setting{"MockClosed", mock, 0},
                                         Setting{"MockOpen", mock, 200'000},
                                         Setting{"MockChaos", mock, 200'000, lively_chaos()},
                                         Setting{"MockStorm", mock, 200'000, lively_storm()},
                                         Setting{"QueueClosed", queue, 0},
                                         Setting{"QueueOpen", queue, 200'000},
                                         Setting{"QueueChaos", queue, 200'000, lively_chaos()},
                                         Setting{"QueueStorm", queue, 200'000, lively_storm()},
                                         Setting{"LanesClosed", lanes, 0},
                                         Setting{"LanesStorm", lanes, 200'000, lively_storm()}),
                         [](const auto& test) { return test.param.name; });

TEST_P(SteadyState, AllocatesNothingPerMessage) {
  constexpr std::uint64_t kMessages = 100'000;
  allocations_of(GetParam(), kMessages / 10);  // what is made once in a process is made here
  const std::uint64_t few = allocations_of(GetParam(), kMessages);
  const std::uint64_t many = allocations_of(GetParam(), 4 * kMessages);
  const std::uint64_t more = many > few ? many - few : 0;
  EXPECT_LT(static_cast<double>(more) / (3.0 * kMessages), 0.001)
      << few << " allocations for " << kMessages << " messages, " << many << " for four times that";
}

// The ledger by itself, over fifty times its window.
TEST(LedgerMemory, IsThatOfTheWindow) {
  constexpr std::uint64_t kDeliveries = 50'000'000;
  constexpr LedgerWindow kWindow{.segments = 16};
  SentLedger sent(kWindow);
  SeenLedger seen(1, kWindow);
  const std::array receivers{&seen};
  sent.watch(0, receivers);
  const std::uint64_t before = allocations;
  std::uint64_t in_window = 0;  // each place once, and once more for what is read of it
  for (std::uint64_t ordinal = 0; ordinal < kDeliveries; ++ordinal) {
    sent.settle(ordinal, Outcome::acked);
    seen.mark(0, ordinal);
    in_window += ordinal == 2 * kWindow.segments * kSegmentBits ? allocations - before : 0;
  }
  EXPECT_GE(in_window, 3 * kWindow.segments);
  EXPECT_EQ(allocations - before, in_window);
  sent.close(kDeliveries);
  const std::array all_sent{static_cast<const SentLedger*>(&sent)};
  const std::array all_seen{static_cast<const SeenLedger*>(&seen)};
  EXPECT_EQ(reconcile(all_sent, all_seen).acked_seen, kDeliveries);
}

// Of each hundred deliveries one is settled and seen a window late, by either of two workers: what
// is late comes and goes, and the memory for it is that of two windows' share, lists and mail.
TEST(LedgerMemory, OfWhatIsLateIsThatOfWhatIsOpen) {
  constexpr LedgerWindow kWindow{.segments = 2};
  constexpr std::uint64_t kWindowDeliveries = kWindow.segments * kSegmentBits;
  constexpr std::uint64_t kDeliveries = 50 * kWindowDeliveries;
  constexpr std::uint64_t kLateEach = 100;
  SentLedger sent(kWindow);
  std::array<SeenLedger, 2> seen{SeenLedger(1, kWindow), SeenLedger(1, kWindow)};
  const std::array receivers{&seen[0], &seen[1]};
  sent.watch(0, receivers);
  std::uint64_t early_bytes = 0;  // the most in the first five windows
  std::uint64_t most_bytes = 0;
  const std::uint64_t before = live_bytes;
  for (std::uint64_t ordinal = 0; ordinal < kDeliveries; ++ordinal) {
    sent.reach(ordinal + 1);
    if (ordinal % kLateEach != 0) {
      sent.settle(ordinal, Outcome::acked);
      seen[ordinal % 2].mark(0, ordinal);
    } else if (const std::uint64_t late = ordinal - kWindowDeliveries - kSegmentBits;
               late < ordinal) {
      const std::uint64_t at = late / kLateEach * kLateEach;
      ASSERT_TRUE(sent.settle(at, Outcome::acked));
      ASSERT_TRUE(seen[at / kLateEach % 2].mark(0, at));
    }
    most_bytes = std::max(most_bytes, live_bytes - before);
    early_bytes = ordinal < 5 * kWindowDeliveries ? most_bytes : early_bytes;
  }
  EXPECT_GT(sent.open().size(), kWindowDeliveries / 2 / kLateEach);
  // A list grows by doubling, so its high-water mark may move a little, but 2 MiB of entries more
  // would be all that were ever late.
  EXPECT_LE(most_bytes, early_bytes + early_bytes / 16);
}

TEST(AllocationCounter, SeesAllocations) {
  const std::uint64_t before = allocations;
  const auto one = std::make_unique<int>(1);
  const std::vector<int> other(10);
  EXPECT_EQ(allocations - before, 2U);
}

TEST(AllocationCounter, SeesWhatIsFreed) {
  const std::uint64_t before = live_bytes;
  {
    const std::vector<char> some(1000);
    EXPECT_GE(live_bytes - before, 1000U);
  }
  EXPECT_EQ(live_bytes, before);
}

}  // namespace
}  // namespace spate
