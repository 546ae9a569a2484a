#include "spate/stress_run.h"

#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <ostream>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "support/runs.h"
#include "support/watched_delivery.h"

namespace spate {
namespace {

using namespace testing_support;

using Run = std::function<RunReport(const RunPlan&)>;

struct Mode {
  std::string name;
  Run run;
};
std::ostream& operator<<(std::ostream& out, const Mode& mode) { return out << mode.name; }

class EveryMode : public testing::TestWithParam<Mode> {};
INSTANTIATE_TEST_SUITE_P(Modes, EveryMode,
                         testing::Values(Mode{"Mock", run_on_mock}, Mode{"Queue", run_on_queue}),
                         [](const auto& test) { return test.param.name; });

// Everything that a plan with all four types fixes, whatever the delivery does.
struct Expected {
  std::uint64_t deliveries = 0;
  std::array<std::uint64_t, kMessageTypes> messages{};
};
Expected expected_of(const RunPlan& plan) {
  Expected expected;
  const Agents agents(plan.seed, plan.agents, plan.types);
  for (AgentId sender = 0; sender < plan.agents; ++sender) {
    for (std::uint64_t sequence = 0; sequence < plan.messages_of(sender); ++sequence) {
      const MessageType type = agents.intent(sender, agents.draws(sender, sequence)).type;
      ++expected.messages[index_of(type)];
      expected.deliveries += agents.fanout(type);
    }
  }
  return expected;
}

TEST_P(EveryMode, DeliversEachMessageOfEveryType) {
  for (const std::uint64_t rate : {std::uint64_t{0}, std::uint64_t{100'000}}) {
    for (const std::uint32_t workers : {1U, 2U, 3U}) {
      RunPlan plan = patient_plan(3001, rate);
      plan.workers = workers;
      const RunReport report = GetParam().run(plan);
      const Expected expected = expected_of(plan);
      EXPECT_EQ(report.total.sent, 3001U);
      EXPECT_EQ(report.total.expected, expected.deliveries);
      EXPECT_EQ(report.total.delivered, expected.deliveries);
      EXPECT_EQ(report.response.count(), expected.deliveries);
      EXPECT_EQ(report.service.count(), expected.deliveries);
      EXPECT_EQ(report.lateness.count(), expected.deliveries);
      for (std::size_t type = 0; type < kMessageTypes; ++type) {
        EXPECT_EQ(report.types[type].tally.sent, expected.messages[type]);
      }
      EXPECT_TRUE(report.clean());
      EXPECT_EQ(report.shed, 0U);
      EXPECT_FALSE(report.interrupted);
    }
  }
}

TEST_P(EveryMode, AccountsForChaosInBothLoops) {
  for (const std::uint64_t rate : {std::uint64_t{0}, std::uint64_t{100'000}}) {
    RunPlan plan = patient_plan(4000, rate);
    plan.workers = 2;
    plan.chaos = lively_chaos();
    plan.mock.success = Probability(0.8);
    const RunReport report = GetParam().run(plan);
    EXPECT_TRUE(report.clean());
    EXPECT_GT(report.crashed, 0U);
    EXPECT_GT(report.spiked, 0U);
    EXPECT_EQ(report.failed > 0, GetParam().name == "Mock");
    EXPECT_EQ(report.total.expected, report.total.delivered + report.failed + report.crashed);
    EXPECT_EQ(report.account.refused_unseen, report.total.refused);
    EXPECT_EQ(report.chaos_events.size() + report.chaos_events_left_out,
              report.crashed + report.spiked);
  }
}

void expect_sums_equal(const RunReport& report, auto& groups) {
  Tally sum;
  for (const GroupReport& group : groups) {
    sum.sent += group.tally.sent;
    sum.expected += group.tally.expected;
    sum.delivered += group.tally.delivered;
    sum.refused += group.tally.refused;
  }
  EXPECT_EQ(sum.sent, report.total.sent);
  EXPECT_EQ(sum.expected, report.total.expected);
  EXPECT_EQ(sum.delivered, report.total.delivered);
  EXPECT_EQ(sum.refused, report.total.refused);
}

TEST_P(EveryMode, ReportsAgentsAndTypesThatAddUpToTheTotals) {
  for (const std::uint32_t workers : {1U, 2U}) {
    RunPlan plan = patient_plan(3001, 100'000);
    plan.workers = workers;
    plan.chaos = lively_chaos();
    plan.mock.success = Probability(0.8);
    const RunReport report = GetParam().run(plan);
    ASSERT_EQ(report.agents.size(), plan.agents);
    expect_sums_equal(report, report.agents);
    expect_sums_equal(report, report.types);
    for (AgentId agent = 0; agent < plan.agents; ++agent) {
      EXPECT_EQ(report.agents[agent].tally.sent, plan.messages_of(agent));
      EXPECT_GE(report.agents[agent].last_activity_ns, 0);
    }
  }
}

// The digest.

TEST(StressRun, HasOneDigestOnEveryModeAndAnyNumberOfWorkers) {
  for (const bool chaos : {false, true}) {
    std::set<std::uint64_t> digests;
    std::set<std::uint64_t> mock_digests;
    for (const std::uint64_t rate : {std::uint64_t{0}, std::uint64_t{200'000}}) {
      for (const std::uint32_t workers : {1U, 2U, 3U}) {
        RunPlan plan = patient_plan(2000, rate);
        plan.workers = workers;
        plan.mock.success = Probability(0.9);
        plan.chaos = chaos ? lively_chaos() : ChaosProfile::off();
        const RunReport on_mock = run_on_mock(plan);
        const RunReport on_queue = run_on_queue(plan);
        digests.insert(on_mock.digest);
        digests.insert(on_queue.digest);
        mock_digests.insert(on_mock.mock_digest);
        EXPECT_EQ(on_queue.mock_digest, 0U);
      }
    }
    EXPECT_EQ(digests.size(), 1U) << "chaos " << chaos;
    EXPECT_EQ(mock_digests.size(), 1U) << "chaos " << chaos;
  }
}

TEST(StressRun, HasADigestOfAllThatThePlanFixes) {
  std::set<std::uint64_t> digests;
  const RunPlan plan = patient_plan(500, 200'000);
  digests.insert(run_on_queue(plan).digest);
  RunPlan other = plan;
  other.seed = plan.seed + 1;
  digests.insert(run_on_queue(other).digest);
  other = plan;
  other.agents = 10;
  digests.insert(run_on_queue(other).digest);
  other = plan;
  other.types = only(MessageType::text);
  digests.insert(run_on_queue(other).digest);
  other = plan;
  other.messages = 499;
  digests.insert(run_on_queue(other).digest);
  other = plan;
  other.chaos = lively_chaos();
  digests.insert(run_on_queue(other).digest);
  EXPECT_EQ(digests.size(), 6U);
}

// What reaches whom.

TEST_P(EveryMode, BroadcastsToEachOtherAgentExactlyOnce) {
  RunPlan plan = patient_plan(300, 50'000);
  plan.types = only(MessageType::broadcast);
  plan.workers = 2;
  const std::shared_ptr<const Payloads> payloads = payloads_for(plan);
  AnyDelivery inner = GetParam().name == "Mock" ? mock_for(plan) : queue_for(plan, payloads);
  std::vector<WatchedDelivery::Log> logs(plan.workers);
  AnyDelivery watched(std::make_unique<WatchedDelivery>(inner, plan.agents, logs));
  EXPECT_TRUE(run_over(watched, plan, payloads).clean());
  std::map<std::pair<AgentId, std::uint64_t>, std::multiset<AgentId>> reached;
  for (const WatchedDelivery::Log& log : logs) {
    for (const Message& message : log.received) {
      reached[{message.sender, message.sequence}].insert(message.recipient);
    }
  }
  EXPECT_EQ(reached.size(), 300U);
  for (const auto& [message, recipients] : reached) {
    std::multiset<AgentId> others;
    for (AgentId agent = 0; agent < plan.agents; ++agent) {
      if (agent != message.first) {
        others.insert(agent);
      }
    }
    EXPECT_EQ(recipients, others);
  }
}

TEST_P(EveryMode, KeepsNoMoreInFlightThanTheWindow) {
  for (const std::uint32_t window : {1U, 3U, 64U}) {
    RunPlan plan = patient_plan(5000, 0);
    plan.types = only(MessageType::text);
    plan.window = window;
    const std::shared_ptr<const Payloads> payloads = payloads_for(plan);
    AnyDelivery inner = GetParam().name == "Mock" ? mock_for(plan) : queue_for(plan, payloads);
    std::vector<WatchedDelivery::Log> logs(1);
    AnyDelivery watched(std::make_unique<WatchedDelivery>(inner, plan.agents, logs));
    const RunReport report = run_over(watched, plan, payloads);
    EXPECT_TRUE(report.clean());
    EXPECT_EQ(report.total.sent, 5000U);
    EXPECT_EQ(logs[0].most_outstanding, window) << "used, and not overrun";
  }
}

// Chaos that refuses must give the window back, or a closed loop would come to a stand.
TEST(StressRun, KeepsAClosedLoopGoingWhenEveryAttemptFails) {
  RunPlan plan = patient_plan(2000, 0);
  plan.window = 2;
  plan.workers = 2;
  plan.chaos.crash = Probability(1.0);
  const RunReport report = run_on_queue(plan);
  EXPECT_EQ(report.total.sent, 2000U);
  EXPECT_EQ(report.crashed, report.total.expected);
  EXPECT_TRUE(report.clean());
}

TEST(StressRun, WorksWithMoreWorkersThanAgents) {
  RunPlan plan = patient_plan(500, 50'000);
  plan.agents = 2;
  plan.workers = 4;
  const RunReport open = run_on_queue(plan);
  EXPECT_TRUE(open.clean());
  EXPECT_EQ(open.total.sent, 500U);
  plan.rate = 0;
  const RunReport closed = run_on_mock(plan);
  EXPECT_TRUE(closed.clean());
  EXPECT_EQ(closed.total.sent, 500U);
  EXPECT_EQ(closed.digest, open.digest);
}

TEST(StressRun, SharesInboxesAmongMoreThan256Agents) {
  RunPlan plan = patient_plan(3000, 100'000);
  plan.agents = 600;
  plan.workers = 2;
  plan.types = TypeMix::parse("text=8,urgent=2");
  const RunReport report = run_on_queue(plan);
  EXPECT_TRUE(report.clean());
  EXPECT_EQ(report.total.delivered, 3000U);
}

}  // namespace
}  // namespace spate
