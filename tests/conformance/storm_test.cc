// Chaos that does everything at once, before deliveries that are right and such that are not.
#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <set>
#include <span>
#include <tuple>
#include <utility>

#include "faulty_delivery.h"
#include "spate/chaos_marks.h"
#include "spate/stress_run.h"
#include "support/runs.h"

namespace spate::conformance {
namespace {

using namespace testing_support;

RunPlan stormy_plan() {
  RunPlan plan = patient_plan(4000, 100'000);
  plan.workers = 2;
  plan.drain_limit_ns = 5 * kSecond;  // what is lost is waited for so long
  plan.chaos = lively_storm();
  return plan;
}

// What chaos did: all that the seed fixes.
auto injected(const RunReport& report) {
  return std::tuple(report.digest, report.crashed, report.spiked, report.burst_failures,
                    report.reorders_injected, report.duplicates_injected, report.acks_dropped);
}

TEST(Storm, IsTheSameOnEveryModeAndAnyNumberOfWorkers) {
  std::set<decltype(injected(RunReport{}))> all;
  for (const std::uint32_t workers : {1U, 2U, 3U}) {
    RunPlan plan = stormy_plan();
    plan.workers = workers;
    for (const RunReport& report : {run_on_mock(plan), run_on_queue(plan)}) {
      EXPECT_TRUE(report.clean());
      EXPECT_EQ(report.shed, 0U);
      EXPECT_EQ(report.account.recovered, report.acks_dropped);
      EXPECT_EQ(report.total.expected, report.total.delivered + report.failed + report.crashed);
      all.insert(injected(report));
    }
  }
  ASSERT_EQ(all.size(), 1U);
  const auto& [digest, crashed, spiked, burst, reorders, duplicates, drops] = *all.begin();
  for (const std::uint64_t count : {crashed, spiked, burst, reorders, duplicates, drops}) {
    EXPECT_GT(count, 20U);
  }
}

TEST(Storm, ShedsWithTheSameDigest) {
  RunPlan plan = stormy_plan();
  const std::uint64_t digest = run_on_mock(plan).digest;
  plan.in_flight_limit = 20;
  plan.mock.latency = LatencyModel::uniform(10'000, 5 * kMillisecond);
  const RunReport report = run_on_mock(plan);
  EXPECT_GT(report.shed, 100U);
  EXPECT_EQ(report.digest, digest);
  EXPECT_TRUE(report.clean());
}

TEST(Storm, EndsAClosedLoopWithEverythingAccountedFor) {
  RunPlan plan = stormy_plan();
  plan.rate = 0;
  plan.window = 3;
  plan.chaos.downtime_ns = 0;  // else nearly all attempts fail
  for (const RunReport& report : {run_on_mock(plan), run_on_queue(plan)}) {
    EXPECT_TRUE(report.clean());
    EXPECT_EQ(report.total.sent, plan.messages);
    EXPECT_GT(report.duplicates_injected, 100U);
    EXPECT_EQ(report.account.recovered, report.acks_dropped);
  }
}

// A message that is held back to be overtaken may be held for longer than the drain waits.
TEST(Storm, IsWaitedForByTheDrain) {
  RunPlan plan = patient_plan(1, 100'000);
  plan.drain_limit_ns = 20 * kMillisecond;
  plan.mock = {.latency = LatencyModel::constant(0), .success = Probability(1.0)};
  plan.types = only(MessageType::text);
  plan.chaos.reorder = Probability(1.0);
  plan.chaos.reorder_max_ns = 500 * kMillisecond;
  const RunReport report = run_on_mock(plan);
  EXPECT_TRUE(report.clean());
  EXPECT_EQ(report.total.delivered, 1U);
  ASSERT_EQ(report.chaos_events.size(), 1U);
  EXPECT_GT(report.chaos_events[0].extra_ns, 2 * plan.drain_limit_ns) << "choose another seed";
}

// Takes a copy of chaos's every five milliseconds at the most; all else at once.
class SlowForCopies {
 public:
  explicit SlowForCopies(AnyDelivery& inner) : inner_(&inner) {}

  class Producer {
   public:
    explicit Producer(AnyProducer inner) : inner_(std::move(inner)) {}
    std::size_t try_send(std::span<const Message> batch) noexcept {
      std::size_t taken = 0;
      for (; taken < batch.size(); ++taken) {
        const std::int64_t now_ns = SteadyClock{}.now_ns();
        const bool copy = is_copy(batch[taken].ordinal);
        if ((copy && now_ns < next_ns_) || inner_.try_send(batch.subspan(taken, 1)) == 0) {
          break;
        }
        next_ns_ = copy ? now_ns + 5 * kMillisecond : next_ns_;
      }
      return taken;
    }
    std::size_t poll(std::span<Settlement> out) noexcept { return inner_.poll(out); }

   private:
    AnyProducer inner_;
    std::int64_t next_ns_ = 0;
  };

  Producer make_producer(WorkerId worker) { return Producer(inner_->make_producer(worker)); }
  AnyConsumer make_consumer(WorkerId worker) { return inner_->make_consumer(worker); }

 private:
  AnyDelivery* inner_;
};

TEST(Storm, HasHandedOverEveryCopyBeforeItEnds) {
  RunPlan plan = patient_plan(200, 100'000);
  plan.workers = 2;
  // Far less than the copies take, and more than a busy machine keeps a thread waiting.
  plan.drain_limit_ns = 200 * kMillisecond;
  plan.types = only(MessageType::text);
  plan.chaos.duplicate = Probability(1.0);
  const std::shared_ptr<const Payloads> payloads = payloads_for(plan);
  AnyDelivery queue = queue_for(plan, payloads, 1);  // so that the receivers are needed to the end
  AnyDelivery slow(std::make_unique<SlowForCopies>(queue));
  const RunReport report = run_over(slow, plan, payloads);
  EXPECT_TRUE(report.clean());
  EXPECT_EQ(report.duplicates_injected, 200U);
}

// Faults of the delivery: found by their exact number, whatever chaos does beside them.

struct Outcomes {
  RunReport report;
  std::uint64_t injected = 0;
};
Outcomes run_with(Fault fault) {
  const RunPlan plan = stormy_plan();
  const std::shared_ptr<const Payloads> payloads = payloads_for(plan);
  AnyDelivery queue = queue_for(plan, payloads);
  auto made = std::make_unique<FaultyDelivery>(queue, fault, 10, plan.workers);
  const FaultyDelivery& faulty = *made;
  AnyDelivery delivery(std::move(made));
  Outcomes outcomes;
  outcomes.report = run_over(delivery, plan, payloads);
  outcomes.injected = faulty.injected();
  EXPECT_TRUE(outcomes.report.balanced());
  EXPECT_GT(outcomes.report.duplicates_injected, 100U);
  EXPECT_EQ(outcomes.injected > 0, fault != Fault::none);
  return outcomes;
}

TEST(Storm, HidesNoDuplicateOfTheDeliverys) {
  EXPECT_EQ(run_with(Fault::none).report.account.duplicated, 0U);
  const auto [report, injected] = run_with(Fault::duplicate);
  EXPECT_EQ(report.account.duplicated, injected) << "those of our own copies included";
}

TEST(Storm, HidesNothingThatIsLost) {
  const auto [report, injected] = run_with(Fault::lose);
  EXPECT_GT(report.account.lost, 0U);
  // An ack that was dropped promised nothing.
  EXPECT_EQ(report.account.lost + report.account.unknown, injected);
  EXPECT_EQ(report.account.recovered + report.account.unknown, report.acks_dropped);
}

TEST(Storm, HidesNoDamageAndNoInvention) {
  const auto [damaged, flipped] = run_with(Fault::flip_bit);
  EXPECT_EQ(damaged.account.corrupted, flipped);
  const auto [strange, invented] = run_with(Fault::invent);
  EXPECT_EQ(strange.account.aliens, invented);
}

TEST(Storm, HidesNoSecondAnswer) {
  const auto [report, injected] = run_with(Fault::ack_twice);
  EXPECT_EQ(report.account.misreported, injected);
}

}  // namespace
}  // namespace spate::conformance
