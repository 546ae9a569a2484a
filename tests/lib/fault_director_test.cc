#include "spate/fault_director.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>

#include "spate/clock.h"
#include "spate/error.h"

namespace spate {
namespace {

constexpr std::int64_t kMillisecond = 1'000'000;
constexpr std::int64_t kHour = 3'600'000 * kMillisecond;

Fault fault(Fault::Kind kind, std::int64_t at_ns, std::int64_t for_ns = 0) {
  return {.kind = kind, .at_ns = at_ns, .for_ns = for_ns};
}

// Writes down what it is told; may be made to hold its caller up, or to fail.
class Recorder final : public FaultTarget {
 public:
  void begin(const Fault& fault) override { note("begin", fault); }
  void end(const Fault& fault) override { note("end", fault); }

  void await(std::size_t calls) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return calls_.size() >= calls; });
  }
  std::vector<std::string> calls() {
    const std::lock_guard lock(mutex_);
    return calls_;
  }
  void hold() { held_ = true; }
  void release() {
    const std::lock_guard lock(mutex_);
    held_ = false;
    changed_.notify_all();
  }
  std::string failure;         // what every call throws, if anything
  std::string failure_at_end;  // in its place

 private:
  void note(const char* what, const Fault& fault) {
    std::unique_lock lock(mutex_);
    calls_.push_back(std::string(what) + " " + std::string(name_of(fault.kind)));
    changed_.notify_all();
    changed_.wait(lock, [&] { return !held_; });
    if (!failure.empty()) {
      const bool ends = calls_.back().starts_with("end") && !failure_at_end.empty();
      throw Error(ends ? failure_at_end : failure);
    }
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> calls_;
  bool held_ = false;
};

TEST(FaultPlan, IsScheduledInOrderAndAsTheSeedHasIt) {
  Fault late = fault(Fault::Kind::slice, 5000 * kMillisecond, kMillisecond);
  late.spread_ns = 1000 * kMillisecond;
  const std::vector<Fault> plan{late, fault(Fault::Kind::half_close, 2 * kMillisecond)};
  const std::vector<Fault> schedule = scheduled(plan, 7);
  ASSERT_EQ(schedule.size(), 2U);
  EXPECT_EQ(schedule[0], plan[1]);
  EXPECT_EQ(schedule[1].kind, Fault::Kind::slice);
  EXPECT_EQ(schedule[1].spread_ns, 0);
  EXPECT_EQ(schedule[1].for_ns, kMillisecond);
  EXPECT_EQ(scheduled(plan, 7), schedule);
  EXPECT_NE(scheduled(plan, 8)[1].at_ns, schedule[1].at_ns);
  for (std::uint64_t seed = 0; seed < 1000; ++seed) {
    const std::int64_t at_ns = scheduled(plan, seed)[1].at_ns;
    EXPECT_GE(at_ns, late.at_ns);
    EXPECT_LE(at_ns, late.at_ns + late.spread_ns);
  }
}

// Written down beforehand: a schedule that changes between versions repeats nothing.
TEST(FaultPlan, DrawsTheSameSpreadForEver) {
  Fault one = fault(Fault::Kind::slice, 0);
  one.spread_ns = 1'000'000'000;
  const std::vector<Fault> schedule = scheduled(std::vector{one, one}, 1);
  EXPECT_EQ(schedule[0].at_ns, 238'854'040);
  EXPECT_EQ(schedule[1].at_ns, 549'784'637);
}

TEST(FaultDirector, BeginsAndEndsEachInItsTime) {
  Recorder way;
  Recorder process;
  std::vector<ExecutedFault> told;
  std::mutex mutex;
  FaultDirector director({fault(Fault::Kind::pause_broker, kMillisecond, 20 * kMillisecond),
                          fault(Fault::Kind::latency, 2 * kMillisecond, 30 * kMillisecond),
                          fault(Fault::Kind::reset_connections, 10 * kMillisecond)},
                         {.way = &way, .process = &process}, [&](const ExecutedFault& fault) {
                           const std::lock_guard lock(mutex);
                           told.push_back(fault);
                         });
  director.start(SteadyClock{}.now_ns());
  process.await(2);
  way.await(4);
  const std::vector<ExecutedFault> done = director.stop();
  EXPECT_THAT(process.calls(), testing::ElementsAre("begin pause-broker", "end pause-broker"));
  EXPECT_THAT(way.calls(), testing::ElementsAre("begin latency", "begin reset-connections",
                                                "end reset-connections", "end latency"));
  ASSERT_EQ(done.size(), 3U);
  for (const ExecutedFault& one : done) {
    EXPECT_GE(one.begun_ns, one.fault.at_ns);
    EXPECT_GE(one.ended_ns, one.fault.end_ns());
    EXPECT_EQ(one.trouble, "");
  }
  EXPECT_EQ(told.size(), 6U);
}

TEST(FaultDirector, StopsInTheMiddleAndLeavesNothingInForce) {
  Recorder way;
  FaultDirector director(
      {fault(Fault::Kind::blackhole, 0, kHour), fault(Fault::Kind::slice, kHour)}, {.way = &way});
  director.start(SteadyClock{}.now_ns());
  way.await(1);
  const std::vector<ExecutedFault> done = director.stop();
  EXPECT_THAT(way.calls(), testing::ElementsAre("begin blackhole", "end blackhole"));
  ASSERT_EQ(done.size(), 2U);
  EXPECT_GE(done[0].begun_ns, 0);
  EXPECT_EQ(done[0].ended_ns, -1) << "it did not end by itself";
  EXPECT_EQ(done[1].begun_ns, -1) << "the run ended before";
}

TEST(FaultDirector, EndsWhatIsInForceWhenItGoes) {
  Recorder way;
  {
    FaultDirector director({fault(Fault::Kind::blackhole, 0, kHour)}, {.way = &way});
    director.start(SteadyClock{}.now_ns());
    way.await(1);
  }
  EXPECT_THAT(way.calls(), testing::ElementsAre("begin blackhole", "end blackhole"));
}

TEST(FaultDirector, KeepsNoFaultOfTheWayWaitingForAProcess) {
  Recorder way;
  Recorder process;
  process.hold();
  FaultDirector director(
      {fault(Fault::Kind::restart_broker, 0), fault(Fault::Kind::reset_connections, kMillisecond)},
      {.way = &way, .process = &process});
  director.start(SteadyClock{}.now_ns());
  process.await(1);
  way.await(2);  // though the process has not come back
  process.release();
  EXPECT_EQ(director.stop().size(), 2U);
}

TEST(FaultDirector, GivesWhatBeginsLateItsWholeTime) {
  constexpr std::int64_t kPause = 20 * kMillisecond;
  Recorder process;
  process.hold();
  FaultDirector director({fault(Fault::Kind::restart_broker, 0),
                          fault(Fault::Kind::pause_broker, kMillisecond, kPause),
                          fault(Fault::Kind::kill_broker, 2 * kPause, kMillisecond)},
                         {.process = &process});
  const SteadyClock clock;
  const std::int64_t start_ns = clock.now_ns();
  director.start(start_ns);
  process.await(1);
  // The server has not come back before the pause was to be over, and the next to begin.
  std::this_thread::sleep_for(std::chrono::nanoseconds(start_ns + 3 * kPause - clock.now_ns()));
  process.release();
  process.await(6);
  const std::vector<ExecutedFault> done = director.stop();
  EXPECT_GE(done[1].ended_ns - done[1].begun_ns, kPause);
  EXPECT_GE(done[2].begun_ns, done[1].ended_ns) << "one after the other";
  EXPECT_GE(done[2].ended_ns - done[2].begun_ns, kMillisecond);
}

TEST(FaultDirector, HasAPlaceForFaultsOfTheLoad) {
  Recorder way;
  Recorder load;
  FaultDirector director({fault(Fault::Kind::stall_receivers, 0, kMillisecond)},
                         {.way = &way, .load = &load});
  director.start(SteadyClock{}.now_ns());
  load.await(2);
  EXPECT_EQ(director.stop().size(), 1U);
  EXPECT_THAT(load.calls(), testing::ElementsAre("begin stall-receivers", "end stall-receivers"));
  EXPECT_THAT(way.calls(), testing::IsEmpty());
}

TEST(FaultDirector, SaysWhatCouldNotBeDone) {
  Recorder process;
  process.failure = "it does not come back";
  FaultDirector director({fault(Fault::Kind::kill_broker, 0)}, {.process = &process});
  director.start(SteadyClock{}.now_ns());
  process.await(2);
  EXPECT_EQ(director.stop().front().trouble, "it does not come back");
}

TEST(FaultDirector, KeepsTheFirstReason) {
  Recorder process;
  process.failure = "it cannot be killed";
  process.failure_at_end = "it does not come back";
  FaultDirector director({fault(Fault::Kind::kill_broker, 0, kMillisecond)}, {.process = &process});
  director.start(SteadyClock{}.now_ns());
  process.await(2);
  EXPECT_EQ(director.stop().front().trouble, "it cannot be killed");
}

TEST(FaultDirector, EndsEachOfThoseThatBeginAtOnce) {
  Recorder way;
  std::vector<Fault> schedule;
  for (const auto kind : {Fault::Kind::reset_connections, Fault::Kind::half_close,
                          Fault::Kind::reset_connections, Fault::Kind::half_close}) {
    schedule.push_back(fault(kind, kMillisecond));
  }
  schedule.push_back(fault(Fault::Kind::latency, 2 * kMillisecond, kMillisecond));
  schedule.push_back(fault(Fault::Kind::slice, 3 * kMillisecond, kMillisecond));
  FaultDirector director(schedule, {.way = &way});
  director.start(SteadyClock{}.now_ns());
  way.await(12);
  for (const ExecutedFault& one : director.stop()) {
    EXPECT_GE(one.begun_ns, one.fault.at_ns);
    EXPECT_GE(one.ended_ns, one.begun_ns);
  }
  const std::vector<std::string> calls = way.calls();
  const auto latency_ends = std::find(calls.begin(), calls.end(), "end latency");
  const auto slice_begins = std::find(calls.begin(), calls.end(), "begin slice");
  EXPECT_LT(latency_ends, slice_begins) << "what ends makes room";
}

TEST(FaultDirector, NeedNotBeStarted) {
  Recorder way;
  FaultDirector director({fault(Fault::Kind::slice, 0)}, {.way = &way});
  EXPECT_EQ(director.stop().front().begun_ns, -1);
  EXPECT_THAT(way.calls(), testing::IsEmpty());
}

}  // namespace
}  // namespace spate
