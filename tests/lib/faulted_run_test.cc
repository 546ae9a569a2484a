// Real faults in a run: what is done to the delivery stands in its report.
#include <gtest/gtest.h>

#include <atomic>
#include <numeric>
#include <thread>
#include <utility>

#include "spate/clock.h"
#include "spate/fault_director.h"
#include "spate/stress_run.h"
#include "support/runs.h"

namespace spate {
namespace {

using namespace testing_support;

// A way that may be shut: then nothing is taken.
struct Gate {
  std::atomic<bool> shut{false};
  std::atomic<std::int64_t> shut_from_ns{0};  // certainly shut from then on
  std::atomic<std::int64_t> shut_until_ns{0};
};

class GatedDelivery {
 public:
  class Producer {
   public:
    Producer(AnyProducer inner, const Gate& gate) : inner_(std::move(inner)), gate_(&gate) {}
    std::size_t try_send(std::span<const Message> batch) noexcept {
      return gate_->shut.load() ? 0 : inner_.try_send(batch);
    }
    std::size_t poll(std::span<Settlement> out) noexcept { return inner_.poll(out); }
    std::int64_t next_due_ns() const noexcept { return inner_.next_due_ns(); }

   private:
    AnyProducer inner_;
    const Gate* gate_;
  };

  GatedDelivery(AnyDelivery inner, const Gate& gate) : inner_(std::move(inner)), gate_(gate) {}
  Producer make_producer(WorkerId worker) { return {inner_.make_producer(worker), gate_}; }
  AnyConsumer make_consumer(WorkerId worker) { return inner_.make_consumer(worker); }

 private:
  AnyDelivery inner_;
  const Gate& gate_;
};

class ShutsTheGate final : public FaultTarget {
 public:
  explicit ShutsTheGate(Gate& gate) : gate_(gate) {}
  void begin(const Fault& /*fault*/) override {
    gate_.shut = true;
    gate_.shut_from_ns = SteadyClock{}.now_ns();
  }
  void end(const Fault& /*fault*/) override {
    gate_.shut_until_ns = SteadyClock{}.now_ns();
    gate_.shut = false;
  }

 private:
  Gate& gate_;
};

class FaultedRun : public testing::Test {
 protected:
  FaultedRun() : plan_(patient_plan(2400, 1000)) {
    plan_.workers = 2;
    plan_.types = TypeMix::parse("text");
    plan_.chaos.faults = {{.kind = Fault::Kind::blackhole,
                           .at_ns = 500 * kMillisecond,
                           .for_ns = 300 * kMillisecond}};
  }

  RunReport run() {
    check(plan_);
    const std::shared_ptr<const Payloads> payloads = payloads_for(plan_);
    AnyDelivery delivery(std::make_unique<GatedDelivery>(queue_for(plan_, payloads), gate_));
    ShutsTheGate target(gate_);
    FaultDirector director(scheduled(plan_.chaos.faults, plan_.seed), {.way = &target});
    StressRun run(plan_, delivery, payloads, {.faults = &director});
    run.execute();
    return run.report();
  }

  RunPlan plan_;
  Gate gate_;
};

TEST_F(FaultedRun, ReportsFromSliceToSliceWhatHappened) {
  const RunReport report = run();
  EXPECT_TRUE(report.clean());
  ASSERT_TRUE(report.timeline);
  const Timeline& timeline = *report.timeline;
  EXPECT_EQ(timeline.slice_ns, 100 * kMillisecond);
  EXPECT_GE(timeline.slices.size(), 24U);
  const auto sum = [&](std::uint64_t TimelineSlice::*count) {
    return std::accumulate(
        timeline.slices.begin(), timeline.slices.end(), std::uint64_t{0},
        [&](std::uint64_t all, const TimelineSlice& slice) { return all + slice.*count; });
  };
  EXPECT_EQ(sum(&TimelineSlice::sent), report.total.sent);
  EXPECT_EQ(sum(&TimelineSlice::attempted), report.total.expected);
  EXPECT_EQ(sum(&TimelineSlice::delivered), report.total.delivered);
  EXPECT_EQ(sum(&TimelineSlice::acked), report.account.acked_seen);
  // The gate's own times, by those of the fault, which are about it.
  ASSERT_TRUE(report.faults);
  const ExecutedFault& fault = report.faults->faults.front().executed;
  const std::int64_t shut_ns = gate_.shut_until_ns - gate_.shut_from_ns;
  const std::int64_t slack_ns = fault.ended_ns - fault.begun_ns - shut_ns;
  for (std::int64_t slice = (fault.begun_ns + slack_ns) / timeline.slice_ns + 1;
       slice < (fault.ended_ns - slack_ns) / timeline.slice_ns; ++slice) {
    EXPECT_EQ(timeline.slices[static_cast<std::size_t>(slice)].sent, 0U) << "the gate was shut";
  }
}

// How soon it recovers is for the tests of the assessment: here it is that it is asked.
TEST_F(FaultedRun, SaysWhatBecameOfEachFault) {
  plan_.recover_within_ns = 3'600'000 * kMillisecond;
  const RunReport report = run();
  ASSERT_TRUE(report.faults);
  ASSERT_EQ(report.faults->faults.size(), 1U);
  const FaultOutcome& outcome = report.faults->faults.front();
  EXPECT_EQ(outcome.executed.fault, plan_.chaos.faults.front());
  EXPECT_GE(outcome.executed.begun_ns, 500 * kMillisecond);
  EXPECT_GE(outcome.executed.ended_ns, 800 * kMillisecond);
  EXPECT_EQ(report.faults->liveness.last_fault_end_ns, outcome.executed.ended_ns);
  EXPECT_EQ(report.faults->liveness.wanted_within_ns, plan_.recover_within_ns);
  EXPECT_GT(report.faults->response_p99_before_ns, 0);
}

// Lets the receivers stand until it is told otherwise.
class StandingReceivers final : public FaultInjector {
 public:
  const std::atomic<bool>* receivers_stand() const override { return &stand_; }
  void start(std::int64_t /*start_ns*/) override {}
  std::vector<ExecutedFault> stop() override { return {}; }
  void let_go() { stand_ = false; }

 private:
  std::atomic<bool> stand_{true};
};

TEST_F(FaultedRun, MayLetReceiversStandWhileSendingGoesOn) {
  plan_.messages = 300;
  const std::shared_ptr<const Payloads> payloads = payloads_for(plan_);
  AnyDelivery delivery = queue_for(plan_, payloads);
  StandingReceivers receivers;
  StressRun run(plan_, delivery, payloads, {.observed = Observed::yes, .faults = &receivers});
  std::thread thread([&] { run.execute(); });
  LiveCursor cursor;
  LiveReport seen = run.observe(cursor);
  while (seen.counts.sent < plan_.messages / 2) {
    seen = run.observe(cursor);
  }
  EXPECT_EQ(seen.counts.delivered, 0U);
  receivers.let_go();
  thread.join();
  EXPECT_EQ(run.report().total.delivered, plan_.messages);
}

TEST_F(FaultedRun, TakesWhatCameTwiceForNoFinding) {
  plan_.messages = 100;
  RunReport report = run();
  report.account.duplicated = 5;
  EXPECT_TRUE(report.clean());
  report.account.lost = 1;
  EXPECT_FALSE(report.clean());
  report.account.lost = 0;
  report.faults.reset();
  EXPECT_FALSE(report.clean()) << "without a fault nothing may come twice";
}

TEST_F(FaultedRun, WithoutFaultsHasNoTimeline) {
  plan_.chaos.faults.clear();
  plan_.messages = 10;
  const RunReport report = run();
  EXPECT_FALSE(report.timeline);
  EXPECT_FALSE(report.faults);
}

}  // namespace
}  // namespace spate
