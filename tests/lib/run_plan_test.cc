#include "spate/run_plan.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <functional>
#include <limits>
#include <string_view>
#include <vector>

#include "support/messages.h"

namespace spate {
namespace {

using namespace testing_support;

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

TEST(RunPlan, DefaultsAreThoseOfTheSystemThatIsReCreated) {
  const RunPlan plan;
  EXPECT_NO_THROW(check(plan));
  EXPECT_EQ(plan.agents, 9U);
  EXPECT_EQ(plan.mock.latency, LatencyModel::uniform(1'000'000, 10'000'000));
  EXPECT_EQ(plan.mock.success.value(), 0.95);
  EXPECT_TRUE(plan.chaos.quiet());
}

struct BadValue {
  const char* name;
  std::function<void(RunPlan&)> set;
  std::vector<std::string_view> said;  // the value, and what is allowed
};

class BadPlan : public testing::TestWithParam<BadValue> {};

TEST_P(BadPlan, IsRefusedWithTheValueAndWhatIsAllowed) {
  RunPlan plan;
  GetParam().set(plan);
  expect_line_with(error_of([&] { check(plan); }), GetParam().said);
}

INSTANTIATE_TEST_SUITE_P(
    Values, BadPlan,
    testing::Values(
        BadValue{"NoAgent", [](RunPlan& p) { p.agents = 0; }, {"agents 0", "at least 2"}},
        BadValue{"OneAgent", [](RunPlan& p) { p.agents = 1; }, {"agents 1", "at least 2"}},
        BadValue{"TooManyAgents",
                 [](RunPlan& p) { p.agents = 1'000'001; },
                 {"agents 1000001", "2 to 1000000"}},
        BadValue{"NoWorker", [](RunPlan& p) { p.workers = 0; }, {"workers 0", "1 to 256"}},
        BadValue{
            "TooManyWorkers", [](RunPlan& p) { p.workers = 257; }, {"workers 257", "1 to 256"}},
        BadValue{"LedgerInOddParts",
                 [](RunPlan& p) { p.ledger_window = LedgerWindow{.segments = 3}; },
                 {"ledger window of 3", "power of two"}},
        BadValue{"TooFast",
                 [](RunPlan& p) { p.rate = 1'000'000'001; },
                 {"rate 1000000001", "0 to 1000000000"}},
        BadValue{"NoMessage", [](RunPlan& p) { p.messages = 0; }, {"messages 0", "1 to"}},
        BadValue{"TooManyMessages",
                 [](RunPlan& p) { p.messages = 9'000'000'001; },
                 {"messages 9000000001", "1 to 9000000000"}},
        BadValue{"NoWindow", [](RunPlan& p) { p.window = 0; }, {"window 0", "1 to 1000000"}},
        BadValue{"WideWindow",
                 [](RunPlan& p) { p.window = 1'000'001; },
                 {"window 1000001", "1 to 1000000"}},
        BadValue{"LargePayload",
                 [](RunPlan& p) { p.payload_bytes = (1U << 20) + 1; },
                 {"payload bytes 1048577", "0 to 1048576"}},
        BadValue{"NothingInFlight",
                 [](RunPlan& p) { p.in_flight_limit = 0; },
                 {"in-flight limit 0", "1 to"}},
        BadValue{"TooMuchInFlight",
                 [](RunPlan& p) { p.in_flight_limit = (std::uint64_t{1} << 24) + 1; },
                 {"in-flight limit 16777217", "1 to 16777216"}},
        BadValue{"TooMuchTraced",
                 [](RunPlan& p) { p.traced_deliveries = 10'000'001; },
                 {"traced deliveries 10000001", "0 to 10000000"}},
        BadValue{"TooManyServers",
                 [](RunPlan& p) { p.mock.station.servers = 1'000'001; },
                 {"servers 1000001", "0 to 1000000"}},
        BadValue{"SuccessAboveOne",
                 [](RunPlan& p) { p.mock.success = Probability(1.5); },
                 {"success rate 1.5", "0 to 1"}},
        BadValue{"NegativeSuccess",
                 [](RunPlan& p) { p.mock.success = Probability(-0.5); },
                 {"success rate -0.5", "0 to 1"}},
        BadValue{"SuccessIsNaN",
                 [](RunPlan& p) { p.mock.success = Probability(kNaN); },
                 {"success rate", "nan", "0 to 1"}},
        BadValue{"CrashIsNaN",
                 [](RunPlan& p) { p.chaos.crash = Probability(kNaN); },
                 {"crash rate", "nan", "0 to 1"}},
        BadValue{"CrashAboveOne",
                 [](RunPlan& p) { p.chaos.crash = Probability(1.01); },
                 {"crash rate 1.01", "0 to 1"}},
        BadValue{"SpikeIsInfinite",
                 [](RunPlan& p) {
                   p.chaos.spike = Probability(std::numeric_limits<double>::infinity());
                 },
                 {"spike rate inf", "0 to 1"}},
        BadValue{"TooManySlowAgents",
                 [](RunPlan& p) { p.mock.slow_agents = 10; },
                 {"slow agents 10", "0 to 9"}},
        BadValue{"SlowIsFast",
                 [](RunPlan& p) { p.mock.slow_thousandths = 999; },
                 {"slow factor in thousandths 999", "1000 to 1000000"}},
        BadValue{"TooSlow",
                 [](RunPlan& p) { p.mock.slow_thousandths = 1'000'001; },
                 {"slow factor in thousandths 1000001", "1000 to 1000000"}},
        BadValue{"NegativeSpikeMax",
                 [](RunPlan& p) { p.chaos.spike_max_ns = -1; },
                 {"spike max -1 ns", "0 to 1 h"}},
        BadValue{"SpikeOfNothing",
                 [](RunPlan& p) {
                   p.chaos.spike = Probability(0.1);
                   p.chaos.spike_max_ns = 0;
                 },
                 {"spike max 0 ns", "at least 1 ns"}},
        BadValue{"ReorderingByNothing",
                 [](RunPlan& p) {
                   p.chaos.reorder = Probability(0.1);
                   p.chaos.reorder_max_ns = 0;
                 },
                 {"reorder max 0 ns", "at least 1 ns"}},
        BadValue{"ReorderAboveOne",
                 [](RunPlan& p) { p.chaos.reorder = Probability(1.5); },
                 {"reorder rate 1.5", "0 to 1"}},
        BadValue{"NegativeReorderMax",
                 [](RunPlan& p) { p.chaos.reorder_max_ns = -1; },
                 {"reorder max -1 ns", "0 to 1 h"}},
        BadValue{"DuplicateIsNaN",
                 [](RunPlan& p) { p.chaos.duplicate = Probability(kNaN); },
                 {"duplicate rate nan", "0 to 1"}},
        BadValue{"NegativeDropAck",
                 [](RunPlan& p) { p.chaos.drop_ack = Probability(-1); },
                 {"drop-ack rate -1", "0 to 1"}},
        BadValue{"BurstThatNeverEnds",
                 [](RunPlan& p) {
                   p.chaos.bursts = {Probability(0.1), {}, Probability(1)};
                 },
                 {"leave probability 0", "never end"}},
        BadValue{"BurstFailAboveOne",
                 [](RunPlan& p) { p.chaos.bursts.fail = Probability(2); },
                 {"burst fail probability 2", "0 to 1"}},
        BadValue{"BurstEnterIsNaN",
                 [](RunPlan& p) { p.chaos.bursts.enter = Probability(kNaN); },
                 {"burst enter probability nan", "0 to 1"}},
        BadValue{"NegativeDowntime",
                 [](RunPlan& p) { p.chaos.downtime_ns = -1; },
                 {"crash downtime -1 ns", "0 to 1 h"}}),
    [](const auto& test) { return test.param.name; });

TEST(RunPlan, TakesTheEndsOfItsRanges) {
  RunPlan plan;
  plan.agents = 2;
  plan.workers = kMaxWorkers;
  plan.rate = kMaxRate;
  plan.messages = kMaxMessages;
  plan.window = kMaxWindow;
  plan.payload_bytes = kMaxPayloadBytes;
  plan.in_flight_limit = kMaxInFlight;
  plan.mock = {LatencyModel::uniform(0, kMaxDelayNs), Probability(0.0), 2, kMaxSlowThousandths};
  plan.chaos.crash = Probability(1.0);
  EXPECT_NO_THROW(check(plan));
  plan.chaos = ChaosProfile::storm();
  EXPECT_NO_THROW(check(plan));
}

// 2^63 ns are 292 years; at 1 message per second that is soon reached.
TEST(RunPlan, ThatPassesHasADurationThatATimeCanHold) {
  RunPlan plan;
  plan.messages = kMaxMessages;
  plan.rate = 1;
  bool refused = false;
  try {
    check(plan);
  } catch (const Error&) {
    refused = true;
  }
  EXPECT_TRUE(refused || plan.duration_ns() > 0) << plan.duration_ns();
}

TEST(RunPlan, DealsItsMessagesOutInTurn) {
  RunPlan plan;
  plan.agents = 7;
  for (const std::uint64_t messages : {1U, 6U, 7U, 100U}) {
    plan.messages = messages;
    std::uint64_t sum = 0;
    for (AgentId agent = 0; agent < plan.agents; ++agent) {
      sum += plan.messages_of(agent);
      EXPECT_LE(plan.messages_of(0) - plan.messages_of(agent), 1U);
    }
    EXPECT_EQ(sum, messages);
  }
}

TEST(RunPlan, AlwaysAllowsABroadcastPerWorker) {
  RunPlan plan;
  plan.agents = 100;
  plan.workers = 4;
  plan.in_flight_limit = 8;
  EXPECT_EQ(plan.in_flight_limit_per_worker(), 99U);
  plan.in_flight_limit = 4000;
  EXPECT_EQ(plan.in_flight_limit_per_worker(), 1000U);
}

}  // namespace
}  // namespace spate
