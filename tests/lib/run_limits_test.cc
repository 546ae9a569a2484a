// What a run does when it cannot go on as planned: shed, give up, stop, and say so.
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <future>
#include <iterator>
#include <memory>

#include "spate/schedule.h"
#include "spate/stress_run.h"
#include "support/runs.h"
#include "support/watched_delivery.h"

namespace spate {
namespace {

using namespace testing_support;

TEST(RunLimits, ShedsWhatIsDueBeyondTheInFlightLimitAndKeepsTheDigest) {
  for (const std::uint32_t workers : {1U, 2U}) {
    RunPlan plan = patient_plan(5000, 1'000'000);
    plan.workers = workers;
    plan.chaos = lively_chaos();
    plan.mock = {LatencyModel::uniform(50 * kMillisecond, 60 * kMillisecond), Probability(1.0)};
    const RunReport all = run_on_mock(plan);
    EXPECT_EQ(all.shed, 0U);
    plan.in_flight_limit = 40;
    const RunReport limited = run_on_mock(plan);
    EXPECT_GT(limited.shed, 0U);
    EXPECT_TRUE(limited.saturated);
    EXPECT_EQ(limited.total.expected + limited.shed, all.total.expected);
    EXPECT_LT(limited.total.sent, all.total.sent);
    EXPECT_EQ(limited.digest, all.digest);
    EXPECT_TRUE(limited.clean());
  }
}

TEST(RunLimits, GivesUpAScheduleThatADeliveryNeverTakes) {
  RunPlan plan = patient_plan(2000, 100'000);
  plan.chaos = lively_chaos();
  const std::uint64_t digest = run_on_queue(plan).digest;
  const std::shared_ptr<const Payloads> payloads = payloads_for(plan);
  AnyDelivery queue = queue_for(plan, payloads);
  AnyDelivery frozen(std::make_unique<FreezingDelivery>(queue, 0, kNever / 2));
  plan.overrun_limit_ns = 100 * kMillisecond;
  const std::int64_t start_ns = SteadyClock{}.now_ns();
  const RunReport report = run_over(frozen, plan, payloads);
  // Nothing is under way, so there is nothing to wait for until the drain limit.
  EXPECT_LT(SteadyClock{}.now_ns() - start_ns, plan.drain_limit_ns / 2);
  EXPECT_EQ(report.total.delivered, 0U);
  EXPECT_GT(report.shed, 0U);
  EXPECT_TRUE(report.saturated);
  EXPECT_EQ(report.digest, digest);
  EXPECT_TRUE(report.balanced());
}

TEST(RunLimits, GivesUpAClosedLoopInWhichNothingMoves) {
  RunPlan plan = patient_plan(2000, 0);
  plan.types = only(MessageType::text);
  const std::shared_ptr<const Payloads> payloads = payloads_for(plan);
  AnyDelivery queue = queue_for(plan, payloads);
  AnyDelivery frozen(std::make_unique<FreezingDelivery>(queue, 0, kNever / 2));
  plan.drain_limit_ns = 200 * kMillisecond;
  const RunReport report = run_over(frozen, plan, payloads);
  EXPECT_EQ(report.shed, 2000U);
  EXPECT_TRUE(report.saturated);
  EXPECT_EQ(report.total.expected, 0U);
  EXPECT_EQ(report.digest, run_on_queue(plan).digest);
}

// A run on the queue that is told to stop when it has been under way for a moment.
class Stopped {
 public:
  explicit Stopped(const RunPlan& plan)
      : payloads_(payloads_for(plan)), delivery_(queue_for(plan, payloads_)) {
    StressRun run(plan, delivery_, payloads_, {.stop = &stop_});
    std::future<void> done = std::async(std::launch::async, [&run] { run.execute(); });
    // The run is under way for sure once it was given time for some sends; when it has not begun
    // by then, the stop merely comes earlier.
    done.wait_for(std::chrono::milliseconds(50));
    stop_ = true;
    ended_ = done.wait_for(std::chrono::seconds(30)) == std::future_status::ready;
    if (!ended_) {
      ADD_FAILURE() << "the run did not stop";
      std::abort();  // nothing can be destroyed under a running worker
    }
    report_ = run.report();
  }
  const RunReport& report() const { return report_; }

 private:
  std::shared_ptr<const Payloads> payloads_;
  AnyDelivery delivery_;
  std::atomic<bool> stop_{false};
  bool ended_ = false;
  RunReport report_;
};

TEST(RunLimits, StopsAtOnceWhenToldAndSaysSo) {
  RunPlan plan = patient_plan(3'600'000, 1000);  // an hour
  plan.workers = 2;
  const Stopped open(plan);
  EXPECT_TRUE(open.report().interrupted);
  EXPECT_TRUE(open.report().balanced());
  EXPECT_LT(open.report().total.sent, 3'600'000U);
  EXPECT_EQ(open.report().shed, 0U);

  plan.rate = 0;
  plan.messages = 1'000'000'000;
  const Stopped closed(plan);
  EXPECT_TRUE(closed.report().interrupted);
  EXPECT_TRUE(closed.report().balanced());
  EXPECT_LT(closed.report().total.sent, 1'000'000'000U);
}

// Saturated means that generator or delivery could not keep the rate. Being told to stop is
// neither.
TEST(RunLimits, DoesNotCallAStoppedRunSaturated) {
  RunPlan plan = patient_plan(3'600'000, 1000);
  plan.types = only(MessageType::text);
  const Stopped stopped(plan);
  EXPECT_FALSE(stopped.report().saturated) << stopped.report().rate_achieved;
}

// Coordinated omission: messages that were due while the delivery took nothing count with the time
// that they waited, although each of them, once sent, was served at once.
TEST(RunLimits, CountsTheWaitForAFrozenDeliveryAsResponseTime) {
  RunPlan plan = patient_plan(5000, 10'000);
  plan.types = only(MessageType::text);
  const std::shared_ptr<const Payloads> payloads = payloads_for(plan);
  AnyDelivery queue = queue_for(plan, payloads);
  AnyDelivery freezing(
      std::make_unique<FreezingDelivery>(queue, 100 * kMillisecond, 200 * kMillisecond));
  const RunReport report = run_over(freezing, plan, payloads);
  EXPECT_TRUE(report.clean());
  EXPECT_EQ(report.shed, 0U);
  // 2000 of the 5000 were due in those 200 ms; the 50 that waited longest waited 195 ms and more.
  EXPECT_GE(report.response.quantile(0.99), 150 * kMillisecond);
  EXPECT_GE(report.lateness.quantile(0.99), 150 * kMillisecond);
  EXPECT_LT(report.service.quantile(0.5), 50 * kMillisecond);
}

// "Slices of equal numbers of messages": 500 messages make ten slices of 50, also when no agent has
// ten of its own.
TEST(RunLimits, CutsARunOfManyAgentsIntoTenSlicesToo) {
  RunPlan plan = patient_plan(500, 100'000);
  plan.agents = 100;
  plan.types = only(MessageType::text);
  plan.mock = {LatencyModel::uniform(kMillisecond, 2 * kMillisecond), Probability(1.0)};
  const RunReport report = run_on_mock(plan);
  for (std::size_t slice = 0; slice < kWindows; ++slice) {
    EXPECT_GE(report.windows[slice].response_p50_ns, kMillisecond) << "slice " << slice;
  }
}

TEST(RunLimits, CutsARunOfFewAgentsIntoTenSlices) {
  RunPlan plan = patient_plan(900, 100'000);
  plan.types = only(MessageType::text);
  plan.mock = {LatencyModel::uniform(kMillisecond, 2 * kMillisecond), Probability(1.0)};
  const RunReport report = run_on_mock(plan);
  for (const WindowReport& slice : report.windows) {
    EXPECT_GE(slice.response_p50_ns, kMillisecond);
    EXPECT_GE(slice.response_p99_ns, slice.response_p50_ns);
  }
}

TEST(RunLimits, NeverReportsLessThanTheMocksLatency) {
  RunPlan plan = patient_plan(2000, 50'000);
  plan.mock = {LatencyModel::uniform(3 * kMillisecond, 4 * kMillisecond), Probability(1.0)};
  const RunReport report = run_on_mock(plan);
  EXPECT_GE(report.service.min(), 3 * kMillisecond);
  EXPECT_GE(report.response.min(), report.service.min());
  EXPECT_EQ(report.response.negative(), 0U);
  EXPECT_EQ(report.lateness.negative(), 0U);
}

// A seed whose Poisson schedule of that plan ends after so long, at the earliest.
std::uint64_t seed_of_a_long_schedule(const RunPlan& plan, std::int64_t last_due_ns) {
  for (std::uint64_t seed = 1; seed < 100'000; ++seed) {
    if (DueTimes(Arrivals::poisson, plan.rate, seed, plan.agents).due_ns(plan.messages - 1) >=
        last_due_ns) {
      return seed;
    }
  }
  ADD_FAILURE() << "no such seed";
  return 0;
}

// The rate says 1 s, chance says 2.6: what is due then is neither late nor given up. The limit lies
// between the two, so that a message may be a second late before the machine decides the test.
TEST(RunLimits, FollowsAPoissonScheduleToItsOwnEnd) {
  RunPlan plan = patient_plan(2, 2);
  plan.types = only(MessageType::text);
  plan.arrivals = Arrivals::poisson;
  plan.overrun_limit_ns = 1200 * kMillisecond;
  plan.seed = seed_of_a_long_schedule(plan, 2600 * kMillisecond);
  const RunReport report = run_on_mock(plan);
  EXPECT_EQ(report.shed, 0U);
  EXPECT_EQ(report.total.sent, 2U);
  EXPECT_FALSE(report.saturated);
  EXPECT_GE(report.send_ns, 2600 * kMillisecond);
}

TEST(RunLimits, MeasuresFromThePoissonSchedulesTimes) {
  RunPlan plan = patient_plan(2000, 10'000);
  plan.arrivals = Arrivals::poisson;
  const RunReport even = run_on_queue(patient_plan(2000, 10'000));
  for (const std::uint32_t workers : {1U, 2U}) {
    plan.workers = workers;
    const RunReport report = run_on_queue(plan);
    EXPECT_TRUE(report.clean());
    EXPECT_EQ(report.total.sent, 2000U);
    EXPECT_EQ(report.lateness.negative(), 0U);
    EXPECT_EQ(report.digest, even.digest);  // arrivals are no verdicts
  }
}

TEST(RunReport, IsNotBalancedWhenItsCountersDisagreeWithTheLedger) {
  RunPlan plan = patient_plan(1000, 100'000);
  plan.chaos = lively_chaos();
  plan.mock.success = Probability(0.9);
  const RunReport right = run_on_mock(plan);
  ASSERT_TRUE(right.balanced());
  for (std::uint64_t RunReport::*const counter :
       {&RunReport::failed, &RunReport::crashed, &RunReport::rejected}) {
    RunReport wrong = right;
    ++(wrong.*counter);
    EXPECT_FALSE(wrong.balanced());
  }
  for (std::uint64_t Tally::*const counter : {&Tally::expected, &Tally::refused}) {
    RunReport wrong = right;
    ++(wrong.total.*counter);
    EXPECT_FALSE(wrong.balanced());
  }
  RunReport wrong = right;
  ++wrong.account.acked_seen;
  EXPECT_FALSE(wrong.balanced());
  ++wrong.account.attempted;  // the ledger by itself adds up again
  EXPECT_FALSE(wrong.balanced());
}

std::ptrdiff_t thread_count() {
  return std::distance(std::filesystem::directory_iterator("/proc/self/task"), {});
}

// Neither the start of the threads nor the wait for what is under way lies between the two.
TEST(RunLimits, TellsWhenTheSendingBeginsAndEnds) {
  RunPlan plan = patient_plan(1000, 50'000);
  plan.types = only(MessageType::text);
  // 400 ms from the last send to the last receipt: `ended` must come before it.
  plan.mock = {LatencyModel::uniform(400 * kMillisecond, 400 * kMillisecond), Probability(1.0)};
  AnyDelivery delivery = testing_support::mock_for(plan);
  StressRun run(plan, delivery, payloads_for(plan));
  const std::ptrdiff_t threads_before = thread_count();
  std::ptrdiff_t threads_at_begin = 0;
  std::vector<std::int64_t> begins_ns;
  std::vector<std::int64_t> ended_ns;
  run.execute({[&] {
                 threads_at_begin = thread_count();
                 begins_ns.push_back(SteadyClock{}.now_ns());
               },
               [&] { ended_ns.push_back(SteadyClock{}.now_ns()); }});
  // ThreadSanitizer may add one of its own.
  EXPECT_GE(threads_at_begin, threads_before + static_cast<std::ptrdiff_t>(plan.workers));
  ASSERT_EQ(begins_ns.size(), 1U);
  ASSERT_EQ(ended_ns.size(), 1U);
  EXPECT_LT(ended_ns[0], SteadyClock{}.now_ns() - 100 * kMillisecond);
  const RunReport report = run.report();
  EXPECT_LE(report.send_ns, ended_ns[0] - begins_ns[0]);  // all of the sending lies between them
  EXPECT_TRUE(report.clean());
}

}  // namespace
}  // namespace spate
