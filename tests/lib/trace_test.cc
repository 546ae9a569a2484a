#include "spate/trace.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <vector>

#include "spate/simulation.h"
#include "support/runs.h"

namespace spate {
namespace {

using namespace testing_support;

TEST(TraceRing, KeepsTheLatest) {
  TraceRing ring(3);
  EXPECT_TRUE(TraceRing(0).off());
  EXPECT_FALSE(ring.off());
  std::vector<std::uint64_t> kept;
  for (std::uint64_t sequence = 0; sequence < 8; ++sequence) {
    ring.record({.sequence = sequence});
    kept.clear();
    for (const TracedDelivery& delivery : ring.kept()) {
      kept.push_back(delivery.sequence);
    }
    std::sort(kept.begin(), kept.end());
    ASSERT_EQ(kept.size(), std::min<std::size_t>(sequence + 1, 3));
    EXPECT_EQ(kept.back(), sequence);
    EXPECT_EQ(kept.back() - kept.front() + 1, kept.size());
  }
  EXPECT_EQ(ring.recorded(), 8U);
}

TEST(Trace, HasEachDeliveryWithItsTimesAfterTheStart) {
  RunPlan plan = patient_plan(2000, 100'000);
  plan.workers = 2;
  plan.traced_deliveries = 100'000;
  for (const RunReport& report : {simulate(plan), run_on_mock(plan)}) {
    ASSERT_EQ(report.trace.size(), report.total.delivered);
    EXPECT_EQ(report.trace_left_out, 0U);
    LatencyRecorder response;
    for (const TracedDelivery& delivery : report.trace) {
      EXPECT_EQ(delivery.intended_ns,
                due_offset_ns(delivery.sequence * plan.agents + delivery.sender, plan.rate));
      EXPECT_GE(delivery.sent_ns, delivery.intended_ns);
      response.record(delivery.received_ns - delivery.intended_ns);
    }
    EXPECT_EQ(response.mean(), report.response.mean());
    EXPECT_TRUE(std::is_sorted(report.trace.begin(), report.trace.end(), ReceivedEarlier{}));
  }
}

TEST(Trace, IsBoundedOverAllWorkers) {
  RunPlan plan = patient_plan(2000, 100'000);
  plan.workers = 3;
  plan.traced_deliveries = 70;
  for (const RunReport& report : {simulate(plan), run_on_mock(plan)}) {
    EXPECT_EQ(report.trace.size(), 70U);
    EXPECT_EQ(report.trace_left_out, report.total.delivered - 70);
  }
}

}  // namespace
}  // namespace spate
