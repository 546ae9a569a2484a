// Runs as tests make them: a plan, a delivery for it, a report.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string_view>

#include "spate/delivery.h"
#include "spate/mock_delivery.h"
#include "spate/queue_delivery.h"
#include "spate/run_plan.h"
#include "spate/stress_run.h"

namespace spate::testing_support {

inline constexpr std::int64_t kMillisecond = 1'000'000;
inline constexpr std::int64_t kSecond = 1000 * kMillisecond;

// All four types; latencies of microseconds; and limits that only a run that hangs will meet, so
// that a slow machine or a sanitizer cannot decide a test.
inline RunPlan patient_plan(std::uint64_t messages, std::uint64_t rate) {
  RunPlan plan;
  plan.messages = messages;
  plan.rate = rate;
  plan.seed = 17;
  plan.mock = {LatencyModel::uniform(10'000, 500'000), Probability(1.0)};
  plan.in_flight_limit = 1 << 20;
  plan.overrun_limit_ns = 120 * kSecond;
  plan.drain_limit_ns = 60 * kSecond;
  return plan;
}

inline ChaosProfile lively_chaos() {
  return {"lively", Probability(0.05), Probability(0.1), kMillisecond, 0};
}

// Everything that chaos can do, within times that a test has.
inline ChaosProfile lively_storm() {
  ChaosProfile profile = ChaosProfile::storm();
  profile.name = "lively_storm";
  profile.crash = Probability(0.005);
  profile.downtime_ns = kMillisecond / 5;
  profile.bursts.enter = Probability(0.01);
  profile.spike_max_ns = kMillisecond;
  profile.reorder = Probability(0.05);
  profile.reorder_max_ns = kMillisecond / 5;
  profile.duplicate = Probability(0.05);
  profile.drop_ack = Probability(0.05);
  return profile;
}

inline TypeMix only(MessageType type) {
  TypeMix::Weights weights{};
  weights[index_of(type)] = 1;
  return TypeMix(weights);
}

// `capacity`: per worker.
inline AnyDelivery mock_for(const RunPlan& plan, std::uint32_t capacity = 1 << 16) {
  return AnyDelivery(
      std::make_unique<MockDelivery>(SteadyClock{}, plan.seed, plan.mock, plan.workers, capacity));
}
inline AnyDelivery queue_for(const RunPlan& plan, std::shared_ptr<const Payloads> payloads,
                             std::uint32_t capacity = 1 << 12) {
  return AnyDelivery(std::make_unique<QueueDelivery>(InboxLayout{plan.agents, plan.workers},
                                                     std::move(payloads), capacity));
}

inline RunReport run_over(AnyDelivery& delivery, const RunPlan& plan,
                          std::shared_ptr<const Payloads> payloads,
                          const std::atomic<bool>* stop = nullptr) {
  check(plan);
  StressRun run(plan, delivery, std::move(payloads), {.stop = stop});
  run.execute();
  return run.report();
}
inline RunReport run_on_mock(const RunPlan& plan) {
  AnyDelivery delivery = mock_for(plan);
  return run_over(delivery, plan, payloads_for(plan));
}
inline RunReport run_on_queue(const RunPlan& plan) {
  const std::shared_ptr<const Payloads> payloads = payloads_for(plan);
  AnyDelivery delivery = queue_for(plan, payloads);
  return run_over(delivery, plan, payloads);
}

}  // namespace spate::testing_support
