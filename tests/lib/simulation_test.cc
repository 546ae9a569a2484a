#include "spate/simulation.h"

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <ostream>
#include <string>
#include <vector>

#include "lib/src/sim/latest_events.h"
#include "support/runs.h"
#include "support/same_report.h"

namespace spate {
namespace {

using namespace testing_support;

struct Case {
  std::string name;
  RunPlan plan;
};
std::ostream& operator<<(std::ostream& out, const Case& test) { return out << test.name; }

RunPlan plan_of(std::uint64_t messages, std::uint64_t rate) {
  RunPlan plan;
  plan.messages = messages;
  plan.rate = rate;
  plan.seed = 23;
  return plan;
}

// At a rate that divides nothing, so that due times are rounded.
Case busy() {
  RunPlan plan = plan_of(20'000, 99'991);
  plan.chaos = ChaosProfile::on();
  return {"busy", plan};
}
Case quiet() { return {"quiet", plan_of(3000, 100)}; }
Case poisson() {
  RunPlan plan = plan_of(10'000, 20'000);
  plan.arrivals = Arrivals::poisson;
  plan.chaos = ChaosProfile::on();
  return {"poisson", plan};
}
Case two_agents() {
  RunPlan plan = plan_of(5000, 50'000);
  plan.agents = 2;
  plan.types = only(MessageType::urgent);
  return {"two_agents", plan};
}
// More than ReorderDetector can tell apart, and fewer messages than agents have.
Case many_agents() {
  RunPlan plan = plan_of(2500, 1'000'000);
  plan.agents = 3000;
  plan.types = TypeMix::parse("text,urgent");
  return {"many_agents", plan};
}
// Everything is due at the same few moments, so ties decide.
Case ties() {
  RunPlan plan = plan_of(20'000, 1'000'000'000);
  plan.agents = 2;  // so a message and the next of its sender are received together, too
  plan.mock = {.latency = LatencyModel::uniform(0, 3), .success = Probability(0.9)};
  plan.chaos = {"ties", Probability(0.1), Probability(0.5), 2, 0};
  return {"ties", plan};
}
Case immediate() {
  RunPlan plan = plan_of(1000, 1000);
  plan.mock = {.latency = LatencyModel::uniform(0, 0), .success = Probability(1.0)};
  return {"immediate", plan};
}

class EveryWay : public testing::TestWithParam<Case> {};
INSTANTIATE_TEST_SUITE_P(Simulation, EveryWay,
                         testing::Values(busy(), quiet(), poisson(), two_agents(), many_agents(),
                                         ties(), immediate()),
                         [](const auto& test) { return test.param.name; });

TEST_P(EveryWay, GivesTheSameReport) {
  const RunPlan& plan = GetParam().plan;
  ASSERT_TRUE(may_go_direct(plan));
  const RunReport direct = simulate(plan, {.way = SimulationWay::direct});
  EXPECT_TRUE(direct.clean());
  EXPECT_EQ(direct.shed, 0U);
  EXPECT_EQ(difference(simulate(plan, {.way = SimulationWay::heap}), direct), "");
  EXPECT_EQ(difference(simulate(plan, {.way = SimulationWay::wheel}), direct), "");
}

// What cannot go directly goes through either queue.
Case storm() {
  RunPlan plan = plan_of(20'000, 50'000);
  plan.chaos = ChaosProfile::storm();
  return {"storm", plan};
}
Case stormy_loop() {
  RunPlan plan = plan_of(20'000, 0);
  plan.window = 5;
  plan.chaos = ChaosProfile::storm();
  return {"stormy_loop", plan};
}
Case crowded_station() {
  RunPlan plan = plan_of(20'000, 10'000);
  plan.arrivals = Arrivals::poisson;
  plan.chaos = ChaosProfile::storm();
  plan.mock.latency = LatencyModel::exponential(kMillisecond);
  plan.mock.station = {.servers = 10, .fifo = true};
  plan.in_flight_limit = 500;  // and its servers cannot keep up
  return {"crowded_station", plan};
}
Case tied_station() {
  RunPlan plan = ties().plan;
  plan.mock.station = {.servers = 2, .fifo = true};
  plan.chaos.duplicate = Probability(0.2);
  return {"tied_station", plan};
}

class EitherQueue : public testing::TestWithParam<Case> {};
INSTANTIATE_TEST_SUITE_P(Simulation, EitherQueue,
                         testing::Values(storm(), stormy_loop(), crowded_station(), tied_station()),
                         [](const auto& test) { return test.param.name; });

TEST_P(EitherQueue, GivesTheSameReport) {
  const RunPlan& plan = GetParam().plan;
  ASSERT_FALSE(may_go_direct(plan));
  const RunReport heap = simulate(plan, {.way = SimulationWay::heap});
  EXPECT_TRUE(heap.clean());
  EXPECT_EQ(difference(simulate(plan, {.way = SimulationWay::wheel}), heap), "");
  EXPECT_EQ(difference(simulate(plan), heap), "");
}

TEST_P(EveryWay, DoesNotDependOnTheWorkers) {
  RunPlan plan = GetParam().plan;
  // Enough for each worker to be given a thread.
  plan.messages *= 20;
  plan.workers = 1;
  const RunReport one = simulate(plan, {.way = SimulationWay::direct});
  for (const std::uint32_t workers : {2U, 3U, 7U}) {
    plan.workers = workers;
    EXPECT_EQ(difference(simulate(plan, {.way = SimulationWay::direct}), one), "") << workers;
  }
}

// Draws, verdicts and ledger are those of the wall clock; there, only lateness comes on top.
TEST(Simulation, AgreesWithTheMockOnTheWallClock) {
  for (const std::uint64_t rate : {std::uint64_t{50'000}, std::uint64_t{0}}) {
    RunPlan plan = patient_plan(20'000, rate);
    plan.mock = {.latency = LatencyModel::uniform(kMillisecond, 3 * kMillisecond),
                 .success = Probability(0.9)};
    plan.chaos = {"lively", Probability(0.05), Probability(0.1), 5 * kMillisecond, 0};
    plan.workers = 2;
    const RunReport sim = simulate(plan);
    const RunReport mock = run_on_mock(plan);
    EXPECT_EQ(sim.digest, mock.digest);
    EXPECT_EQ(sim.mock_digest, mock.mock_digest);
    EXPECT_EQ(sim.total.sent, mock.total.sent);
    EXPECT_EQ(sim.total.expected, mock.total.expected);
    EXPECT_EQ(sim.total.delivered, mock.total.delivered);
    EXPECT_EQ(sim.failed, mock.failed);
    EXPECT_EQ(sim.crashed, mock.crashed);
    EXPECT_EQ(sim.spiked, mock.spiked);
    EXPECT_TRUE(sim.clean());
    for (std::size_t type = 0; type < kMessageTypes; ++type) {
      EXPECT_EQ(sim.types[type].tally.delivered, mock.types[type].tally.delivered);
    }
    for (AgentId agent = 0; agent < plan.agents; ++agent) {
      EXPECT_EQ(sim.agents[agent].tally.refused, mock.agents[agent].tally.refused);
    }
    // Each delivery takes on the wall clock what it takes here, and never less.
    for (const double q : {0.0, 0.01, 0.1, 0.5, 0.9, 0.99, 1.0}) {
      EXPECT_LE(sim.service.quantile(q), mock.service.quantile(q)) << q;
    }
    EXPECT_LE(sim.service.mean(), mock.service.mean());
  }
}

// With a downtime, which goes by the schedule; with bursts, copies and dropped acks.
TEST(Simulation, MeetsTheSameStormAsTheMock) {
  RunPlan plan = patient_plan(20'000, 50'000);
  plan.mock.latency = LatencyModel::uniform(kMillisecond, 3 * kMillisecond);
  plan.mock.success = Probability(0.9);
  plan.chaos = ChaosProfile::storm();
  plan.chaos.spike_max_ns = 20 * kMillisecond;
  plan.workers = 2;
  const RunReport sim = simulate(plan);
  const RunReport mock = run_on_mock(plan);
  EXPECT_TRUE(sim.clean());
  EXPECT_EQ(sim.digest, mock.digest);
  EXPECT_EQ(sim.mock_digest, mock.mock_digest);
  EXPECT_EQ(sim.total.expected, mock.total.expected);
  EXPECT_EQ(sim.total.delivered, mock.total.delivered);
  EXPECT_EQ(sim.failed, mock.failed);
  EXPECT_EQ(sim.crashed, mock.crashed);
  EXPECT_EQ(sim.spiked, mock.spiked);
  EXPECT_EQ(sim.reorders_injected, mock.reorders_injected);
  EXPECT_EQ(sim.burst_failures, mock.burst_failures);
  EXPECT_EQ(sim.duplicates_injected, mock.duplicates_injected);
  EXPECT_EQ(sim.acks_dropped, mock.acks_dropped);
  EXPECT_EQ(sim.account.recovered, mock.account.recovered);
  EXPECT_GT(sim.account.recovered, 0U);
  EXPECT_GT(sim.burst_failures, 0U);
  EXPECT_GT(sim.duplicates_injected, 0U);
}

TEST(Simulation, SendsEverythingWhenItIsDue) {
  const RunReport report = simulate(quiet().plan);
  EXPECT_EQ(report.lateness.count(), report.total.expected);
  EXPECT_EQ(report.lateness.max(), 0);
  EXPECT_EQ(report.send_ns, quiet().plan.duration_ns());
  EXPECT_DOUBLE_EQ(report.rate_achieved, 100.0);
  EXPECT_FALSE(report.saturated);
  EXPECT_FALSE(report.interrupted);
}

TEST(Simulation, ResponseTimesAreTheLatenciesThatWereDrawn) {
  RunPlan plan = quiet().plan;
  plan.types = only(MessageType::text);
  const RunReport report = simulate(plan);
  LatencyRecorder expected;
  const Agents agents(plan.seed, plan.agents, plan.types);
  for (AgentId sender = 0; sender < plan.agents; ++sender) {
    for (std::uint64_t sequence = 0; sequence < plan.messages_of(sender); ++sequence) {
      const MessageDraws draws = agents.draws(sender, sequence);
      const MockVerdict verdict =
          mock_verdict(plan.mock, draws, agents.intent(sender, draws).recipient);
      if (verdict.success) {
        expected.record(verdict.latency_ns);
      }
    }
  }
  EXPECT_EQ(report.response.count(), expected.count());
  EXPECT_EQ(report.response.mean(), expected.mean());
  EXPECT_EQ(report.response.quantile(0.5), expected.quantile(0.5));
  EXPECT_EQ(report.response.max(), expected.max());
}

// A closed loop of one message in flight an agent sends the next when the last has ended.
TEST(Simulation, AClosedLoopSendsWhenItsWindowHasRoom) {
  RunPlan plan = plan_of(3000, 0);
  plan.agents = 3;
  plan.window = 1;
  plan.types = only(MessageType::text);
  plan.mock = {.latency = LatencyModel::uniform(1000, 1000), .success = Probability(0.5)};
  const RunReport report = simulate(plan);
  EXPECT_EQ(report.total.sent, 3000U);
  EXPECT_TRUE(report.clean());
  EXPECT_EQ(report.send_ns, 999 * 1000);
  EXPECT_EQ(report.agents[2].last_activity_ns, report.agents[0].last_activity_ns);

  plan.window = 10;
  EXPECT_EQ(simulate(plan).send_ns, 99 * 1000);
  // What crashes has ended at once, and the next takes its place.
  plan.chaos = {"all crash", Probability(1.0), Probability(0.0), 1, 0};
  EXPECT_EQ(simulate(plan).send_ns, 0);
}

TEST(Simulation, AClosedLoopWaitsForTheInFlightLimit) {
  RunPlan plan = plan_of(5000, 0);
  plan.types = TypeMix::parse("text,broadcast");
  plan.in_flight_limit = 20;  // of 9 * 64 that the windows would allow
  for (const SimulationWay way : {SimulationWay::heap, SimulationWay::wheel}) {
    const RunReport report = simulate(plan, {.way = way});
    EXPECT_EQ(report.total.sent, 5000U);
    EXPECT_EQ(report.shed, 0U);
    EXPECT_TRUE(report.clean());
  }
  const RunReport limited = simulate(plan);
  plan.in_flight_limit = 1 << 20;
  EXPECT_GT(limited.send_ns, simulate(plan).send_ns);
}

TEST(Simulation, AnOpenLoopShedsBeyondTheInFlightLimit) {
  RunPlan plan = plan_of(10'000, 100'000);
  plan.types = only(MessageType::text);
  plan.mock = {.latency = LatencyModel::uniform(kMillisecond, kMillisecond),
               .success = Probability(1.0)};
  plan.agents = 2;
  plan.in_flight_limit = 50;  // and 100 are due in a latency's time
  EXPECT_FALSE(may_go_direct(plan));
  const RunReport report = simulate(plan);
  // Of each 100 that are due in 1 ms, 50 find room.
  EXPECT_EQ(report.shed, 5000U);
  EXPECT_EQ(report.total.delivered, 5000U);
  EXPECT_TRUE(report.saturated);
  EXPECT_TRUE(report.clean());
  plan.in_flight_limit = 1 << 20;
  EXPECT_EQ(simulate(plan).digest, report.digest) << "shed messages belong to the digest";
}

TEST(Simulation, EachDeliveryOfAShedBroadcastIsInTheDigest) {
  RunPlan plan = busy().plan;
  const std::uint64_t digest = simulate(plan).digest;
  plan.in_flight_limit = 20;
  const RunReport report = simulate(plan);
  EXPECT_GT(report.shed, 1000U);
  EXPECT_EQ(report.digest, digest);
}

// Of Poisson arrivals the direct way keeps each, so it must end where memory would.
TEST(Simulation, GoesInOrderWhereThereAreTooManyArrivalsToKeep) {
  RunPlan plan = quiet().plan;
  plan.messages = std::uint64_t{1} << 23;
  plan.arrivals = Arrivals::poisson;
  ASSERT_TRUE(may_go_direct(plan));
  EXPECT_EQ(best_way(plan), SimulationWay::direct);
  ++plan.messages;
  ASSERT_TRUE(may_go_direct(plan));
  EXPECT_NE(best_way(plan), SimulationWay::direct);
  plan.arrivals = Arrivals::constant;
  EXPECT_EQ(best_way(plan), SimulationWay::direct) << "these are reckoned, not kept";
}

TEST(Simulation, EndsWhenItIsStopped) {
  const std::atomic<bool> stop{true};
  for (const SimulationWay way :
       {SimulationWay::direct, SimulationWay::heap, SimulationWay::wheel}) {
    const RunReport report = simulate(busy().plan, {.way = way, .stop = &stop});
    EXPECT_TRUE(report.interrupted);
    EXPECT_LT(report.total.sent, busy().plan.messages);
    EXPECT_TRUE(report.balanced());
  }
}

// Whatever the order in which they come, also among events of one moment.
TEST(LatestEvents, AreTheSameInEveryOrder) {
  constexpr AgentId kEvents = 3 * LatestEvents::kCapacity;
  LatestEvents rising;
  LatestEvents falling;
  for (AgentId agent = 0; agent < kEvents; ++agent) {
    rising.record({.t_ns = 5, .agent = agent});
    falling.record({.t_ns = 5, .agent = kEvents - 1 - agent});
  }
  EXPECT_EQ(rising.recorded(), kEvents);
  const std::vector<ChaosEvent> kept = rising.sorted();
  EXPECT_TRUE(same_all(kept, falling.sorted()));
  ASSERT_EQ(kept.size(), LatestEvents::kCapacity);
  EXPECT_EQ(kept.front().agent, kEvents - LatestEvents::kCapacity);
}

TEST(Simulation, KeepsTheLatestChaosEvents) {
  RunPlan plan = busy().plan;
  plan.messages = 100'000;
  const RunReport report = simulate(plan);
  ASSERT_EQ(report.chaos_events.size(), ChaosEventLog::kCapacity);
  EXPECT_GT(report.chaos_events_left_out, 0U);
  EXPECT_EQ(report.chaos_events.size() + report.chaos_events_left_out,
            report.spiked + report.crashed);
  for (std::size_t i = 1; i < report.chaos_events.size(); ++i) {
    EXPECT_FALSE(EarlierEvent{}(report.chaos_events[i], report.chaos_events[i - 1]));
  }
  // The last of the run is among them.
  EXPECT_GT(report.chaos_events.back().t_ns, 990 * kMillisecond);
}

// No broadcast can be drawn, so none counts.
TEST(MayGoDirect, WithAnyNumberOfAgentsThatSendToOne) {
  RunPlan plan = busy().plan;
  plan.agents = kMaxAgents;
  plan.rate = 1'000'000;
  plan.messages = 100'000'000;
  EXPECT_FALSE(may_go_direct(plan)) << "a broadcast alone is a million deliveries";
  plan.types = only(MessageType::text);
  EXPECT_TRUE(may_go_direct(plan));
}

TEST(MayGoDirect, OnlyWhereDeliveriesDoNotInfluenceEachOther) {
  EXPECT_TRUE(may_go_direct(quiet().plan));
  RunPlan plan = quiet().plan;
  plan.rate = 0;
  EXPECT_FALSE(may_go_direct(plan)) << "closed loop";
  plan = quiet().plan;
  plan.mock.station.servers = 3;
  EXPECT_FALSE(may_go_direct(plan)) << "capacity";
  plan = quiet().plan;
  plan.mock.station.fifo = true;
  EXPECT_FALSE(may_go_direct(plan)) << "order";
  plan = quiet().plan;
  plan.chaos = ChaosProfile::on();
  EXPECT_TRUE(may_go_direct(plan));
  plan.chaos.downtime_ns = 1;
  EXPECT_FALSE(may_go_direct(plan)) << "downtime";
  plan.chaos = {
      .bursts = {.enter = Probability(0.1), .leave = Probability(0.1), .fail = Probability(0.1)}};
  EXPECT_FALSE(may_go_direct(plan)) << "bursts";
  plan.chaos = {.duplicate = Probability(0.1)};
  EXPECT_FALSE(may_go_direct(plan)) << "duplicates";
  plan.chaos = {.drop_ack = Probability(0.1)};
  EXPECT_FALSE(may_go_direct(plan)) << "dropped acks";
}

}  // namespace
}  // namespace spate
