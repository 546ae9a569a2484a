#include "spate/load_estimate.h"

#include <gtest/gtest.h>

namespace spate {
namespace {

RunPlan station_plan(std::uint64_t rate) {
  RunPlan plan;
  plan.agents = 10;
  plan.rate = rate;
  plan.types = TypeMix(TypeMix::Weights{1, 0, 0, 0});  // texts alone: one delivery each
  plan.mock.latency = LatencyModel::constant(1'000'000);
  plan.mock.station.servers = 4;  // serve 4,000 a second
  return plan;
}

TEST(LoadEstimate, IsTheShareOfTheServersTime) {
  EXPECT_DOUBLE_EQ(offered_load(station_plan(1000)), 0.25);
  EXPECT_DOUBLE_EQ(offered_load(station_plan(8000)), 2.0);
}

TEST(LoadEstimate, CountsEachDeliveryOfABroadcast) {
  RunPlan plan = station_plan(1000);
  plan.types = TypeMix(TypeMix::Weights{1, 1, 0, 0});  // 1 and 9 deliveries
  EXPECT_DOUBLE_EQ(offered_load(plan), 1.25);
}

TEST(LoadEstimate, CountsSlowAgentsByTheirShareOfTheMessages) {
  RunPlan plan = station_plan(1000);
  plan.mock.slow_agents = 1;
  plan.mock.slow_thousandths = 11'000;
  EXPECT_DOUBLE_EQ(offered_load(plan), 0.5);
}

TEST(LoadEstimate, LeavesOutWhatNeverComesToAServerAndCountsCopies) {
  RunPlan plan = station_plan(1000);
  plan.chaos.crash = Probability(0.5);
  EXPECT_DOUBLE_EQ(offered_load(plan), 0.125);
  plan.chaos.duplicate = Probability(1.0);
  EXPECT_DOUBLE_EQ(offered_load(plan), 0.25);
  plan.chaos.bursts = {Probability(0.03), Probability(0.01), Probability(0.8)};  // 60 % fail
  EXPECT_DOUBLE_EQ(offered_load(plan), 0.1);
}

TEST(LoadEstimate, IsNothingWithoutServersAndInAClosedLoop) {
  RunPlan plan = station_plan(1000);
  plan.mock.station.servers = 0;
  EXPECT_EQ(offered_load(plan), 0.0);
  EXPECT_EQ(offered_load(station_plan(0)), 0.0);
}

TEST(LoadEstimate, OfAClosedLoopIsLittlesLawUpToTheCapacity) {
  RunPlan plan = station_plan(0);
  plan.window = 2;  // 20 under way
  EXPECT_DOUBLE_EQ(mean_deliveries_per_second(plan), 4000);
  plan.mock.station.servers = 0;
  EXPECT_DOUBLE_EQ(mean_deliveries_per_second(plan), 20'000);
  plan.chaos.spike = Probability(0.5);
  plan.chaos.spike_max_ns = 4'000'000;  // 1 ms the more on average
  EXPECT_DOUBLE_EQ(mean_deliveries_per_second(plan), 10'000);
  plan.chaos.crash = Probability(0.5);  // these end at once
  EXPECT_DOUBLE_EQ(mean_deliveries_per_second(plan), 20'000);
}

}  // namespace
}  // namespace spate
