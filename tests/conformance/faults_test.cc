// The ledger names each fault of a delivery, by exactly the number that was injected.
#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <vector>

#include "faulty_delivery.h"
#include "spate/stress_run.h"
#include "support/runs.h"

namespace spate::conformance {
namespace {

using namespace testing_support;

struct Outcomes {
  RunReport report;
  std::uint64_t injected = 0;
};

RunPlan faulty_plan() {
  RunPlan plan = patient_plan(2000, 100'000);
  plan.agents = 3;
  plan.workers = 2;
  plan.drain_limit_ns = 5 * kSecond;  // what is lost is waited for so long
  return plan;
}

Outcomes run_with(Fault fault, const RunPlan& plan, std::uint64_t every = 10) {
  const std::shared_ptr<const Payloads> payloads = payloads_for(plan);
  AnyDelivery queue = queue_for(plan, payloads);
  auto made = std::make_unique<FaultyDelivery>(queue, fault, every, plan.workers);
  const FaultyDelivery& faulty = *made;
  AnyDelivery delivery(std::move(made));
  Outcomes outcomes;
  outcomes.report = run_over(delivery, plan, payloads);
  outcomes.injected = faulty.injected();
  EXPECT_EQ(outcomes.injected > 0, fault != Fault::none);
  return outcomes;
}

// All faults that an account can name.
struct Faults {
  std::uint64_t lost = 0;
  std::uint64_t recovered = 0;
  std::uint64_t unknown = 0;
  std::uint64_t anomalies = 0;
  std::uint64_t duplicated = 0;
  std::uint64_t reordered = 0;
  std::uint64_t aliens = 0;
  std::uint64_t corrupted = 0;
  std::uint64_t misreported = 0;
  std::uint64_t rejected = 0;
};

void expect_just(const RunReport& report, const Faults& faults) {
  const Account& account = report.account;
  EXPECT_EQ(account.lost, faults.lost);
  EXPECT_EQ(account.recovered, faults.recovered);
  EXPECT_EQ(account.unknown, faults.unknown);
  EXPECT_EQ(account.anomalies, faults.anomalies);
  EXPECT_EQ(account.duplicated, faults.duplicated);
  EXPECT_EQ(account.reordered, faults.reordered);
  EXPECT_EQ(account.aliens, faults.aliens);
  EXPECT_EQ(account.corrupted, faults.corrupted);
  EXPECT_EQ(account.misreported, faults.misreported);
  EXPECT_EQ(report.rejected, faults.rejected);
  EXPECT_EQ(report.total.sent, 2000U);
  EXPECT_TRUE(report.balanced());
}

TEST(Faults, AreNotFoundWhereThereAreNone) {
  const auto [report, injected] = run_with(Fault::none, faulty_plan());
  expect_just(report, {});
  EXPECT_TRUE(report.clean());
}

TEST(Faults, LosingIsNamed) {
  const auto [report, injected] = run_with(Fault::lose, faulty_plan());
  expect_just(report, {.lost = injected});
  EXPECT_FALSE(report.clean());
}

TEST(Faults, DuplicatingIsNamed) {
  const auto [report, injected] = run_with(Fault::duplicate, faulty_plan());
  expect_just(report, {.duplicated = injected});
  EXPECT_FALSE(report.clean());
}

TEST(Faults, ReorderingIsNamedAndNoReasonToFail) {
  RunPlan plan = faulty_plan();
  plan.agents = 2;
  plan.rate = 0;  // batches full of each other's neighbours
  plan.types = only(MessageType::text);
  const auto [report, injected] = run_with(Fault::swap_neighbours, plan);
  expect_just(report, {.reordered = injected});
  EXPECT_TRUE(report.clean());
}

TEST(Faults, InventingIsNamed) {
  const auto [report, injected] = run_with(Fault::invent, faulty_plan());
  expect_just(report, {.aliens = injected});
  EXPECT_FALSE(report.clean());
}

TEST(Faults, AFlippedBitIsNamedAndItsMessageIsMissing) {
  const auto [report, injected] = run_with(Fault::flip_bit, faulty_plan());
  expect_just(report, {.lost = injected, .corrupted = injected});
  EXPECT_FALSE(report.clean());
}

TEST(Faults, ARefusalThatIsDeliveredIsNamed) {
  const auto [report, injected] = run_with(Fault::refuse_but_send, faulty_plan());
  expect_just(report, {.anomalies = injected, .rejected = injected});
  EXPECT_FALSE(report.clean());
}

TEST(Faults, AnHonestRefusalIsNone) {
  for (const std::uint64_t rate : {std::uint64_t{0}, std::uint64_t{100'000}}) {
    RunPlan plan = faulty_plan();
    plan.rate = rate;
    const auto [report, injected] = run_with(Fault::refuse, plan);
    expect_just(report, {.rejected = injected});
    EXPECT_TRUE(report.clean());
  }
}

TEST(Faults, AMessageThatIsNeverSettledButSeenIsRecovered) {
  const auto [report, injected] = run_with(Fault::forget_to_settle, faulty_plan());
  expect_just(report, {.recovered = injected});
}

TEST(Faults, AMessageThatIsUnknownButSeenIsRecovered) {
  const auto [report, injected] = run_with(Fault::say_unknown, faulty_plan());
  expect_just(report, {.recovered = injected});
  EXPECT_TRUE(report.clean());
}

// "Each message that try_send took is settled exactly once" is the contract.
TEST(Faults, SettlingTwiceIsNamed) {
  const auto [report, injected] = run_with(Fault::ack_twice, faulty_plan());
  expect_just(report, {.misreported = injected});
  EXPECT_EQ(report.account.acked_seen, report.total.expected);
  EXPECT_FALSE(report.clean());
}

// A message that was refused and is delivered all the same ends twice. That must not make up for
// another one that is still on its way.
TEST(Faults, AnAnomalyDoesNotHideWhatIsStillUnderWay) {
  RunPlan plan = faulty_plan();
  plan.workers = 1;
  plan.messages = 200;
  plan.rate = 1000;  // so that the last is sent when the first arrives
  plan.types = only(MessageType::text);
  const std::shared_ptr<const Payloads> payloads = payloads_for(plan);
  AnyDelivery queue = queue_for(plan, payloads);
  AnyDelivery late(std::make_unique<LateDelivery>(queue, 200 * kMillisecond));
  auto made = std::make_unique<FaultyDelivery>(late, Fault::refuse_but_send, 10, plan.workers);
  const FaultyDelivery& faulty = *made;
  AnyDelivery delivery(std::move(made));
  const RunReport report = run_over(delivery, plan, payloads);
  EXPECT_EQ(faulty.injected(), 20U);
  EXPECT_EQ(report.account.anomalies, 20U);
  EXPECT_EQ(report.account.lost, 0U);
}

TEST(Faults, NeverChangeTheDigest) {
  const std::uint64_t digest = run_with(Fault::none, faulty_plan()).report.digest;
  EXPECT_EQ(run_with(Fault::duplicate, faulty_plan()).report.digest, digest);
  EXPECT_EQ(run_with(Fault::refuse, faulty_plan()).report.digest, digest);
}

}  // namespace
}  // namespace spate::conformance
