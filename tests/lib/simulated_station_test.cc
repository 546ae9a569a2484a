// One server in virtual time: what comes of it can be computed by hand.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include "spate/chaos_verdict.h"
#include "spate/simulation.h"
#include "support/messages.h"

namespace spate {
namespace {

using namespace testing_support;

// When each comes to the station follows from the draws; one server, and the same time for each.
TEST(SimulatedStation, AClosedLoopsStationServesInTheOrderInWhichMessagesComeToIt) {
  constexpr std::int64_t kServiceNs = 10'000;
  RunPlan plan;
  plan.rate = 0;
  plan.messages = 2000;
  plan.seed = 23;
  plan.types = TypeMix(TypeMix::Weights{1, 0, 0, 0});
  plan.window = 2;
  plan.chaos.spike = Probability(0.3);
  plan.chaos.spike_max_ns = 1'000'000;
  plan.mock.latency = LatencyModel::constant(kServiceNs);
  plan.mock.success = Probability(1.0);
  plan.mock.station.servers = 1;
  plan.traced_deliveries = 2000;
  for (const SimulationWay way : {SimulationWay::heap, SimulationWay::wheel}) {
    const RunReport report = simulate(plan, {.way = way});
    ASSERT_EQ(report.trace.size(), 2000U);
    std::vector<std::pair<std::int64_t, std::int64_t>> come_and_done;
    for (const TracedDelivery& delivery : report.trace) {
      const MessageDraws draws(plan.seed, delivery.sender, delivery.sequence);
      const ChaosVerdict verdict = chaos_verdict(plan.chaos, draws, delivery.recipient);
      come_and_done.emplace_back(delivery.sent_ns + verdict.held_ns(), delivery.received_ns);
    }
    std::sort(come_and_done.begin(), come_and_done.end());
    std::int64_t free_ns = 0;
    for (const auto& [come_ns, done_ns] : come_and_done) {
      free_ns = std::max(free_ns, come_ns) + kServiceNs;
      ASSERT_EQ(done_ns, free_ns);
    }
  }
}

TEST(SimulatedStation, RefusesToPassTheEndOfTime) {
  RunPlan plan;
  plan.rate = 0;
  plan.messages = 2'000'000;
  plan.types = TypeMix(TypeMix::Weights{1, 0, 0, 0});
  plan.mock.latency = LatencyModel::constant(kMaxDelayNs);
  plan.mock.station.servers = 1;
  expect_line_with(error_of([&] { simulate(plan); }), {"146 years", "give fewer messages"});
}

}  // namespace
}  // namespace spate
