#include "spate/messaging_core.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

#include "support/core_settings.h"
#include "support/messages.h"

namespace spate {
namespace {

using namespace testing_support;

bool same(const Receipt& a, const Receipt& b) {
  return a.outcome == b.outcome && a.latency_ns == b.latency_ns && a.spiked == b.spiked &&
         a.sequence == b.sequence;
}

TEST(MessagingCore, DecidesAsAStressRunDoes) {
  const CoreSettings settings = wild_settings();
  MockMessagingCore core(settings);
  for (std::uint64_t sequence = 0; sequence < 2000; ++sequence) {
    const auto recipient = static_cast<AgentId>(sequence % 2 == 0 ? 1 : 5);
    const Receipt receipt = core.send_message(3, recipient, "hello", MessageType::urgent);
    const MessageDraws draws(settings.seed, 3, sequence);
    const ChaosVerdict chaos = chaos_verdict(settings.chaos, draws, recipient);
    const MockVerdict mock = mock_verdict(settings.mock, draws, recipient);
    ASSERT_EQ(receipt.sequence, sequence);
    if (chaos.crash) {
      ASSERT_EQ(receipt.outcome, Outcome::crashed);
      ASSERT_EQ(receipt.latency_ns, 0);
      ASSERT_FALSE(receipt.spiked);
    } else {
      ASSERT_EQ(receipt.outcome, mock.success ? Outcome::acked : Outcome::failed);
      ASSERT_EQ(receipt.latency_ns, mock.latency_ns + chaos.spike_ns);
      ASSERT_EQ(receipt.spiked, chaos.spike_ns > 0);
    }
  }
}

TEST(MessagingCore, NumbersEachSendersMessagesApart) {
  MockMessagingCore alone(wild_settings());
  MockMessagingCore mixed(wild_settings());
  for (int message = 0; message < 500; ++message) {
    mixed.send_message(7, 0, "", MessageType::system);
    ASSERT_TRUE(same(mixed.send_message(2, 4, ""), alone.send_message(2, 4, "")));
    mixed.send_message(4, 2, "", MessageType::broadcast);
  }
}

TEST(MessagingCore, TakesAMessageAsAnObject) {
  MockMessagingCore by_parts(wild_settings());
  MockMessagingCore by_object(wild_settings());
  for (int message = 0; message < 100; ++message) {
    ASSERT_TRUE(same(by_object.send_message_object({1, 2, "hello", MessageType::system}),
                     by_parts.send_message(1, 2, "hello", MessageType::system)));
  }
}

TEST(MessagingCore, CountsWhatItsReceiptsSay) {
  MockMessagingCore core(wild_settings());
  CoreStatistics expected;
  std::int64_t successful_ns = 0;
  std::int64_t all_ns = 0;
  for (int message = 0; message < 5000; ++message) {
    const Receipt receipt = core.send_message(0, 1, "");
    const bool acked = receipt.outcome == Outcome::acked;
    expected.successful += acked ? 1U : 0U;
    expected.failed += receipt.outcome == Outcome::failed ? 1U : 0U;
    expected.crashed += receipt.outcome == Outcome::crashed ? 1U : 0U;
    expected.spiked += receipt.spiked ? 1U : 0U;
    successful_ns += acked ? receipt.latency_ns : 0;
    all_ns += receipt.latency_ns;
  }
  const CoreStatistics statistics = core.statistics();
  EXPECT_EQ(statistics.total(), 5000U);
  EXPECT_EQ(statistics.successful, expected.successful);
  EXPECT_EQ(statistics.failed, expected.failed);
  EXPECT_EQ(statistics.crashed, expected.crashed);
  EXPECT_EQ(statistics.spiked, expected.spiked);
  EXPECT_GT(statistics.failed * statistics.crashed * statistics.spiked, 0U);
  EXPECT_DOUBLE_EQ(statistics.success_rate(), static_cast<double>(expected.successful) / 5000);
  EXPECT_DOUBLE_EQ(statistics.successful_ns_mean(),
                   static_cast<double>(successful_ns) / static_cast<double>(expected.successful));
  EXPECT_DOUBLE_EQ(statistics.all_ns_mean(), static_cast<double>(all_ns) / 5000);
}

TEST(MessagingCore, HasRatesAndMeansOfNothing) {
  const CoreStatistics none = MockMessagingCore({}).statistics();
  EXPECT_EQ(none.total(), 0U);
  EXPECT_EQ(none.success_rate(), 0.0);
  EXPECT_EQ(none.successful_ns_mean(), 0.0);
  EXPECT_EQ(none.all_ns_mean(), 0.0);
}

TEST(CoreStatistics, HaveAnExactMeanBeyond64Bits) {
  constexpr std::int64_t kLongNs = 7'199'999'999'989;
  CoreStatistics statistics;
  statistics.successful = 3'000'000'025;  // with these, a quotient of doubles is off
  statistics.successful_ns_sum = Uint128{kLongNs} * statistics.successful;
  EXPECT_EQ(statistics.successful_ns_mean(), kLongNs);
  CoreStatistics twice = statistics;
  twice += statistics;
  EXPECT_EQ(twice.successful_ns_mean(), kLongNs);
  EXPECT_EQ(twice.all_ns_mean(), kLongNs);
}

TEST(MessagingCore, TakesItsLatencyAtLeastWhereItSleeps) {
  CoreSettings settings = wild_settings();
  settings.sleep = true;
  settings.chaos.spike_max_ns = 1'000'000;
  MockMessagingCore core(settings);
  for (int message = 0; message < 20; ++message) {
    const std::int64_t began_ns = SteadyClock{}.now_ns();
    const Receipt receipt = core.send_message(0, 1, "");
    EXPECT_GE(SteadyClock{}.now_ns() - began_ns, receipt.latency_ns);
  }
}

// Would it sleep, the test would take an hour, and its time limit show it.
TEST(MessagingCore, ReturnsAtOnceWhereItDoesNotSleep) {
  CoreSettings settings;
  settings.mock = {LatencyModel::uniform(3'600'000'000'000, 3'600'000'000'000), Probability(1)};
  settings.sleep = false;
  MockMessagingCore core(settings);
  EXPECT_EQ(core.send_message(0, 1, "").latency_ns, 3'600'000'000'000);
}

// Events.

TEST(MessagingCore, WritesDownEachCrashAndSpikeWithItsTime) {
  const std::int64_t before_ns = SteadyClock{}.now_ns();
  MockMessagingCore core(wild_settings());
  std::vector<Receipt> struck;
  while (struck.size() < 200) {
    const Receipt receipt = core.send_message(6, 2, "");
    if (receipt.outcome == Outcome::crashed || receipt.spiked) {
      struck.push_back(receipt);
    }
  }
  const CoreEvents events = core.chaos_events();
  EXPECT_EQ(events.left_out, 0U);
  EXPECT_EQ(core.statistics().chaos_events(), struck.size());
  ASSERT_EQ(events.events.size(), struck.size());
  std::int64_t latest_ns = 0;
  for (std::size_t at = 0; at < struck.size(); ++at) {
    const ChaosEvent& event = events.events[at];
    const bool crash = struck[at].outcome == Outcome::crashed;
    EXPECT_EQ(event.agent, 6U);
    EXPECT_EQ(event.sequence, struck[at].sequence);
    EXPECT_EQ(event.kind, crash ? ChaosEvent::Kind::crash : ChaosEvent::Kind::spike);
    const MessageDraws draws(wild_settings().seed, 6, event.sequence);
    EXPECT_EQ(event.extra_ns, crash ? 0 : chaos_verdict(wild_settings().chaos, draws, 2).spike_ns);
    EXPECT_GE(event.t_ns, latest_ns);
    latest_ns = event.t_ns;
  }
  EXPECT_LE(latest_ns, SteadyClock{}.now_ns() - before_ns);
}

TEST(MessagingCore, KeepsTheLatestEventsAndCountsTheRest) {
  CoreSettings settings = wild_settings();
  settings.chaos.crash = Probability(1);
  MockMessagingCore core(settings);
  constexpr std::uint64_t kEvents = ChaosEventLog::kCapacity + 500;
  for (std::uint64_t event = 0; event < kEvents; ++event) {
    core.send_message(0, 1, "");
  }
  const CoreEvents events = core.chaos_events();
  EXPECT_EQ(events.left_out, 500U);
  ASSERT_EQ(events.events.size(), ChaosEventLog::kCapacity);
  EXPECT_EQ(events.events.front().sequence, 500U);
  EXPECT_EQ(events.events.back().sequence, kEvents - 1);
}

TEST(CoreEvents, AreTheLatestOfAllLogs) {
  constexpr std::int64_t kEvents = ChaosEventLog::kCapacity + 77;
  std::vector<ChaosEvent> events;
  for (std::int64_t number = 0; number < kEvents; ++number) {
    events.push_back({number * 1009 % kEvents});  // 1009 and kEvents have no common divisor
  }
  const CoreEvents latest = latest_of(events, 5);
  EXPECT_EQ(latest.left_out, 82U);
  ASSERT_EQ(latest.events.size(), ChaosEventLog::kCapacity);
  for (std::size_t at = 0; at < latest.events.size(); ++at) {
    ASSERT_EQ(latest.events[at].t_ns, static_cast<std::int64_t>(at) + 77);
  }
}

// What it refuses.

struct BadSettings {
  const char* name;
  std::function<void(CoreSettings&)> set;
  std::vector<std::string_view> said;
};

class BadCore : public testing::TestWithParam<BadSettings> {};

TEST_P(BadCore, IsRefusedWithTheValueAndWhatIsAllowed) {
  CoreSettings settings;
  GetParam().set(settings);
  expect_line_with(error_of([&] { MockMessagingCore core(settings); }), GetParam().said);
}

INSTANTIATE_TEST_SUITE_P(
    Values, BadCore,
    testing::Values(
        BadSettings{"OneAgent", [](CoreSettings& s) { s.agents = 1; }, {"agents 1", "at least 2"}},
        BadSettings{"TooManyAgents",
                    [](CoreSettings& s) { s.agents = 1'000'001; },
                    {"agents 1000001", "2 to 1000000"}},
        BadSettings{"SuccessAboveOne",
                    [](CoreSettings& s) { s.mock.success = Probability(1.5); },
                    {"success rate 1.5", "0 to 1"}},
        BadSettings{"TooManySlowAgents",
                    [](CoreSettings& s) { s.mock.slow_agents = 10; },
                    {"slow agents 10", "0 to 9"}},
        BadSettings{"CrashAboveOne",
                    [](CoreSettings& s) { s.chaos.crash = Probability(1.5); },
                    {"crash rate 1.5", "0 to 1"}},
        BadSettings{"Downtime",
                    [](CoreSettings& s) { s.chaos.downtime_ns = 5; },
                    {"crash downtime 5 ns", "schedule", "give 0"}},
        BadSettings{"Station",
                    [](CoreSettings& s) { s.mock.station.servers = 2; },
                    {"servers", "leave them out"}},
        BadSettings{"MoreThanCrashesAndSpikes",
                    [](CoreSettings& s) { s.chaos.duplicate = Probability(0.1); },
                    {"chaos profile", "duplicates", "set those to 0"}}),
    [](const auto& test) { return test.param.name; });

TEST(MessagingCore, RefusesAMessageThatCannotBeAndCountsNothing) {
  MockMessagingCore core(wild_settings());
  expect_line_with(error_of([&] { core.send_message(9, 0, ""); }), {"sender 9", "0 to 8"});
  expect_line_with(error_of([&] { core.send_message(0, 9, ""); }), {"recipient 9", "0 to 8"});
  expect_line_with(error_of([&] { core.send_message(3, 3, ""); }), {"recipient 3", "another"});
  expect_line_with(error_of([&] {
                     core.send_message_object({0, 1, "", static_cast<MessageType>(4)});
                   }),
                   {"message type 4", "0 to 3"});
  EXPECT_EQ(core.statistics().total(), 0U);
  EXPECT_EQ(core.send_message(0, 1, "").sequence, 0U);
}

}  // namespace
}  // namespace spate
