// What a run shows while it goes on.
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <latch>
#include <memory>
#include <span>
#include <thread>
#include <tuple>
#include <utility>
#include <vector>

#include "spate/stress_run.h"
#include "support/runs.h"

namespace spate {
namespace {

using namespace testing_support;

RunPlan lively_plan(std::uint64_t messages) {
  RunPlan plan = patient_plan(messages, 0);
  plan.workers = 2;
  plan.types = only(MessageType::text);  // one expected delivery each, and one event of a kind
  plan.chaos = lively_chaos();
  plan.mock.success = Probability(0.8);
  return plan;
}

// A run on the mock that anybody may look at.
class ObservedRun {
 public:
  explicit ObservedRun(const RunPlan& plan, const std::atomic<bool>* stop = nullptr)
      : delivery_(mock_for(plan)),
        run_(plan, delivery_, payloads_for(plan), {.stop = stop, .observed = Observed::yes}) {}

  StressRun& operator*() { return run_; }
  StressRun* operator->() { return &run_; }

 private:
  AnyDelivery delivery_;
  StressRun run_;
};

// Executes `run` on a thread of its own, and calls `look` over and over until it has ended.
template <class Look>
void execute_and(StressRun& run, Look&& look) {
  std::atomic<bool> ended{false};
  std::thread thread([&] {
    run.execute();
    ended.store(true);
  });
  while (!ended.load()) {
    look();
  }
  thread.join();
}

void expect_no_less(const LiveCounts& later, const LiveCounts& earlier) {
  EXPECT_GE(later.sent, earlier.sent);
  EXPECT_GE(later.expected, earlier.expected);
  EXPECT_GE(later.delivered, earlier.delivered);
  EXPECT_GE(later.refused, earlier.refused);
  EXPECT_GE(later.spiked, earlier.spiked);
  EXPECT_GE(later.crashed, earlier.crashed);
}

void expect_equal(const LiveReport& seen, const RunReport& report) {
  EXPECT_EQ(seen.counts.sent, report.total.sent);
  EXPECT_EQ(seen.counts.expected, report.total.expected);
  EXPECT_EQ(seen.counts.delivered, report.total.delivered);
  EXPECT_EQ(seen.counts.refused, report.total.refused);
  EXPECT_EQ(seen.counts.spiked, report.spiked);
  EXPECT_EQ(seen.counts.crashed, report.crashed);
  EXPECT_TRUE(std::ranges::equal(seen.response.counts(), report.response.counts()));
}

using EventKey = std::tuple<std::int64_t, AgentId, std::uint64_t, ChaosEvent::Kind, std::int64_t>;

std::vector<EventKey> sorted_keys(const std::vector<ChaosEvent>& events) {
  std::vector<EventKey> keys;
  keys.reserve(events.size());
  for (const ChaosEvent& event : events) {
    keys.emplace_back(event.t_ns, event.agent, event.sequence, event.kind, event.extra_ns);
  }
  std::sort(keys.begin(), keys.end());
  return keys;
}

TEST(Observe, SeesNothingBeforeTheStart) {
  ObservedRun run(lively_plan(10));
  LiveCursor cursor;
  const LiveReport seen = run->observe(cursor);
  EXPECT_LT(seen.elapsed_ns, 0);
  EXPECT_EQ(seen.counts.sent + seen.counts.expected + seen.counts.delivered, 0U);
  EXPECT_EQ(seen.response.count(), 0U);
  EXPECT_TRUE(seen.chaos_events.empty());
}

TEST(Observe, SeesInTheEndWhatTheReportSays) {
  for (const std::uint64_t rate : {std::uint64_t{0}, std::uint64_t{200'000}}) {
    RunPlan plan = lively_plan(5000);
    plan.types = TypeMix();  // broadcasts too
    plan.rate = rate;
    ObservedRun run(plan);
    run->execute();
    LiveCursor cursor;
    expect_equal(run->observe(cursor), run->report());
  }
}

// Looks until enough is sent, and stops the run then: so there are looks in the middle of it,
// however fast it is.
TEST(Observe, SeesCountsThatOnlyGrow) {
  std::atomic<bool> stop{false};
  ObservedRun run(lively_plan(100'000'000), &stop);
  LiveCursor cursor;
  LiveReport last = run->observe(cursor);
  std::uint64_t looks_in_the_middle = 0;
  execute_and(*run, [&] {
    LiveReport seen = run->observe(cursor);
    expect_no_less(seen.counts, last.counts);
    EXPECT_GE(seen.response.count(), last.response.count());
    EXPECT_GE(seen.elapsed_ns, last.elapsed_ns);
    looks_in_the_middle += seen.counts.sent > last.counts.sent ? 1 : 0;
    last = std::move(seen);
    stop.store(last.counts.sent > 5000 && looks_in_the_middle > 3);
  });
  const RunReport report = run->report();
  EXPECT_TRUE(report.interrupted);
  EXPECT_LE(last.counts.delivered + last.counts.refused, report.total.expected);
  expect_no_less(run->observe(cursor).counts, last.counts);
  expect_equal(run->observe(cursor), report);
}

TEST(Observe, SeesEachChaosEventOnce) {
  ObservedRun run(lively_plan(20'000));
  LiveCursor cursor;
  std::vector<ChaosEvent> all;
  std::uint64_t missed = 0;
  const auto look = [&] {
    const LiveReport seen = run->observe(cursor);
    all.insert(all.end(), seen.chaos_events.begin(), seen.chaos_events.end());
    missed += seen.chaos_events_missed;
  };
  execute_and(*run, look);
  look();
  const RunReport report = run->report();
  ASSERT_EQ(report.chaos_events_left_out, 0U);
  EXPECT_EQ(missed, 0U);
  EXPECT_EQ(sorted_keys(all), sorted_keys(report.chaos_events));
  EXPECT_EQ(all.size(), report.crashed + report.spiked);
  look();
  EXPECT_EQ(all.size(), report.chaos_events.size()) << "there was nothing new";
}

TEST(Observe, SeesTheLatestEventsByTimeAndCountsThoseThatItMissed) {
  RunPlan plan = lively_plan(4 * ChaosEventLog::kCapacity);
  plan.chaos = {"spikes", Probability(), Probability(1.0), 1000, 0};
  ObservedRun run(plan);
  run->execute();
  LiveCursor cursor;
  const LiveReport seen = run->observe(cursor);
  EXPECT_TRUE(std::ranges::is_sorted(seen.chaos_events, {}, &ChaosEvent::t_ns));
  EXPECT_EQ(seen.chaos_events.size(), plan.workers * ChaosEventLog::kCapacity);
  EXPECT_EQ(seen.chaos_events.size() + seen.chaos_events_missed, plan.messages);
  EXPECT_EQ(run->observe(cursor).chaos_events_missed, 0U) << "once";
}

TEST(Observe, TellsEachObserverAll) {
  ObservedRun run(lively_plan(2000));
  std::vector<std::size_t> events(3);
  std::vector<std::thread> observers;
  observers.reserve(events.size());
  std::atomic<bool> ended{false};
  for (std::size_t& count : events) {
    observers.emplace_back([&] {
      LiveCursor cursor;
      bool last = false;
      while (!last) {
        last = ended.load();
        count += run->observe(cursor).chaos_events.size();
      }
    });
  }
  run->execute();
  ended.store(true);
  for (std::thread& observer : observers) {
    observer.join();
  }
  const std::size_t all = run->report().chaos_events.size();
  EXPECT_GT(all, 0U);
  EXPECT_EQ(events, std::vector<std::size_t>(3, all));
}

// Looks that begin before the start and end after it, too: a run is short, and there are many.
TEST(Observe, SeesNoEventThatIsOlderThanTheRun) {
  for (int round = 0; round < 200; ++round) {
    RunPlan plan = lively_plan(40);
    plan.chaos = {"spikes", Probability(), Probability(1.0), 1000, 0};
    ObservedRun run(plan);
    LiveCursor cursor;
    execute_and(*run, [&] {
      const LiveReport seen = run->observe(cursor);
      for (const ChaosEvent& event : seen.chaos_events) {
        ASSERT_GE(event.t_ns, 0);
        ASSERT_LE(event.t_ns, seen.elapsed_ns);
      }
    });
  }
}

// Its worker stands still in try_send, with the batch already taken, until it is let go.
class StandingDelivery {
 public:
  struct Gate {
    std::latch arrived{1};
    std::latch released{1};
  };

  StandingDelivery(AnyDelivery& inner, Gate& gate) : inner_(&inner), gate_(&gate) {}

  class Producer {
   public:
    Producer(AnyProducer inner, Gate* gate) : inner_(std::move(inner)), gate_(gate) {}
    std::size_t try_send(std::span<const Message> batch) noexcept {
      const std::size_t taken = inner_.try_send(batch);
      if (batches_++ == 1) {  // the second batch: what became of the first is shown
        gate_->arrived.count_down();
        gate_->released.wait();
      }
      return taken;
    }
    std::size_t poll(std::span<Settlement> out) noexcept { return inner_.poll(out); }
    std::int64_t next_due_ns() const noexcept { return inner_.next_due_ns(); }

   private:
    AnyProducer inner_;
    Gate* gate_;
    std::size_t batches_ = 0;
  };

  Producer make_producer(WorkerId worker) { return {inner_->make_producer(worker), gate_}; }
  AnyConsumer make_consumer(WorkerId worker) { return inner_->make_consumer(worker); }

 private:
  AnyDelivery* inner_;
  Gate* gate_;
};

TEST(Observe, IsNotHeldUpByAWorkerThatStandsStill) {
  RunPlan plan = patient_plan(1000, 0);
  plan.types = only(MessageType::text);
  plan.window = 4;
  AnyDelivery inner = mock_for(plan);
  StandingDelivery::Gate gate;
  AnyDelivery standing(std::make_unique<StandingDelivery>(inner, gate));
  StressRun run(plan, standing, payloads_for(plan), {.observed = Observed::yes});
  std::thread thread([&] { run.execute(); });
  gate.arrived.wait();
  LiveCursor cursor;
  const LiveCounts first = run.observe(cursor).counts;
  const LiveCounts second = run.observe(cursor).counts;
  gate.released.count_down();
  thread.join();
  EXPECT_GT(first.sent, 0U);
  EXPECT_LT(first.sent, plan.messages);
  EXPECT_EQ(second.sent, first.sent);
  EXPECT_EQ(run.observe(cursor).counts.sent, plan.messages);
}

TEST(Observe, ChangesNothingOfTheRun) {
  const RunPlan plan = lively_plan(3000);
  ObservedRun run(plan);
  LiveCursor cursor;
  execute_and(*run, [&] { (void)run->observe(cursor); });
  const RunReport observed = run->report();
  const RunReport alone = run_on_mock(plan);
  EXPECT_TRUE(observed.clean());
  EXPECT_EQ(observed.digest, alone.digest);
  EXPECT_EQ(observed.mock_digest, alone.mock_digest);
  EXPECT_EQ(observed.total.delivered, alone.total.delivered);
  EXPECT_EQ(observed.crashed, alone.crashed);
  EXPECT_EQ(observed.spiked, alone.spiked);
}

}  // namespace
}  // namespace spate
