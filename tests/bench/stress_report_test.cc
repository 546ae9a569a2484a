#include "stress_report.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstddef>
#include <string>

namespace spate::bench {
namespace {

using testing::ContainsRegex;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

const Palette plain(false);
const Palette coloured(true);

Json group(const std::string& name) {
  return {{"name", name},
          {"sent", 1000},
          {"expected", 2500},
          {"delivered", 2000},
          {"success_rate", 0.8},
          {"response_ns_mean", 5'500'000.0},
          {"response_ns_p99", 9'900'000},
          {"last_activity_ns", 1'234'500'000}};
}

// The part of a row that the report reads.
Json some_row() {
  Json row;
  for (const char* const key :
       {"failed", "crashed", "rejected", "unknown", "lost", "spiked", "recovered", "duplicated",
        "reordered", "aliens", "anomalies", "corrupted", "misreported", "shed", "saturated"}) {
    row[key] = 0;
  }
  row.update({{"sent", 10'000}, {"expected", 25'000}, {"delivered", 20'000}, {"failed", 5000}});
  row.update({{"rate_asked", 1000.0}, {"rate_achieved", 999.6}});
  for (const char* const time : {"response_ns", "service_ns"}) {
    for (const char* const statistic : {"mean", "p50", "p90", "p99", "p999", "max"}) {
      row[fmt::format("{}_{}", time, statistic)] = 5'500'000;
    }
  }
  for (const char* const statistic : {"p50", "p99", "max"}) {
    row[fmt::format("send_lateness_ns_{}", statistic)] = 850;
  }
  row["spate"] = {
      {"cell",
       {{"mode", "mock"},
        {"chaos",
         {{"profile", "on"},
          {"crash_rate", 0.01},
          {"spike_rate", 0.05},
          {"spike_max_ns", 500'000'000},
          {"downtime_ns", 0}}},
        {"mock",
         {{"latency_min_ns", 1'000'000}, {"latency_max_ns", 10'000'000}, {"success_rate", 0.95}}},
        {"rate", 1000},
        {"agents", 2},
        {"window", 64},
        {"duration_ns", 10'000'000'000}}},
      {"digest", "0123456789abcdef"},
      {"mock_digest", "fedcba9876543210"},
      {"agents", {group("Agent-1"), group("Agent-2")}},
      {"agents_left_out", 0},
      {"types", {group("text")}}};
  return row;
}

std::string report_of(const Json& row, const Palette& palette = plain) {
  return stress_report(row, "spate_stress --seed=1", "", palette);
}

TEST(StressReport, BeginsWithWhatWasRun) {
  Json row = some_row();
  EXPECT_THAT(report_of(row),
              testing::StartsWith("mock, chaos on, 2 agents, 1,000 messages/s for 10.0 s\n"));
  row["spate"]["cell"]["rate"] = 0;
  EXPECT_THAT(report_of(row), HasSubstr("a closed loop with 64 in flight an agent\n\nTotals"));
  row["messages_per_second"] = 20'000'000.0;
  EXPECT_THAT(report_of(row), HasSubstr("an agent\nonly 10,000 messages, in 500 us of 10s: too "));
}

TEST(StressReport, SaysHowTheMockIsWhereItIsNotAsUsual) {
  Json row = some_row();
  EXPECT_THAT(report_of(row), Not(HasSubstr("mock latency")));
  Json& mock = row["spate"]["cell"]["mock"];
  mock["latency_max_ns"] = 20'000'000;
  EXPECT_THAT(report_of(row), HasSubstr("for 10.0 s\nmock latency uniform:min=1ms,max=20ms\n"));
  mock = {{"latency", "exponential:mean=1ms"}, {"slow_agents", 2}, {"slow_factor", 2.5}};
  EXPECT_THAT(report_of(row), HasSubstr("\nmock latency exponential:mean=1ms, 2.5 times as long "
                                        "to the first 2 agents\n"));
  mock = {{"latency", "from:0123456789abcdef"}};
  EXPECT_THAT(stress_report(row, "", "results/latest.json", plain),
              HasSubstr("\nmock latency from:0123456789abcdef (results/latest.json)\n"));
  row["spate"]["mock_digest"] = "0000000000000000";  // another delivery
  EXPECT_THAT(report_of(row), Not(HasSubstr("mock latency")));
}

TEST(StressReport, EndsWithWhatRepeatsIt) {
  Json row = some_row();
  EXPECT_THAT(report_of(row),
              testing::EndsWith("\nDigest 0123456789abcdef, mock's own draws fedcba9876543210\n"
                                "Repeat spate_stress --seed=1\n"));
  row["spate"]["mock_digest"] = "0000000000000000";
  EXPECT_THAT(report_of(row), HasSubstr("Digest 0123456789abcdef\n"));
}

TEST(StressReport, MarksWhatThereIsNotWithADash) {
  Json row = some_row();
  row["response_ns_p50"] = nullptr;
  Json& agent = row["spate"]["agents"][0];
  agent["response_ns_mean"] = nullptr;
  agent["response_ns_p99"] = nullptr;
  agent["last_activity_ns"] = -1;
  agent["expected"] = 0;
  const std::string report = report_of(row);
  EXPECT_THAT(report, ContainsRegex("response +5[.]50 ms +- +5[.]50 ms"));
  EXPECT_THAT(report, ContainsRegex("Agent-1 +1,000 +0 +2,000 +- +- +- +-\n"));
  EXPECT_THAT(report, ContainsRegex("Agent-2 .*80[.]00% +5[.]50 ms +9[.]90 ms +1[.]23[45] s\n"));
}

TEST(StressReport, SharesOfNothingAreNoDivisionByZero) {
  Json row = some_row();
  row["expected"] = row["delivered"] = row["failed"] = 0;
  EXPECT_THAT(report_of(row), ContainsRegex("delivered +0 +0[.]00%\n"));
}

TEST(StressReport, NamesWhatElseWasSeen) {
  Json row = some_row();
  EXPECT_THAT(report_of(row), HasSubstr("  besides     nothing\n"));
  row["reordered"] = 1234;
  row["shed"] = 5;
  EXPECT_THAT(report_of(row), HasSubstr("  besides     reordered 1,234, shed 5\n"));
}

TEST(StressReport, HasNoMoreThanFiftyAgents) {
  Json row = some_row();
  Json& agents = row["spate"]["agents"];
  for (std::size_t agent = agents.size() + 1; agent <= 50; ++agent) {
    agents.push_back(group(fmt::format("Agent-{}", agent)));
  }
  EXPECT_THAT(report_of(row), HasSubstr("Agent-50 "));
  EXPECT_THAT(report_of(row), Not(HasSubstr("more;")));
  agents.push_back(group("Agent-51"));
  row["spate"]["agents_left_out"] = 9000;  // of which the file knows nothing either
  EXPECT_THAT(report_of(row), Not(HasSubstr("Agent-51 ")));
  EXPECT_THAT(report_of(row), HasSubstr("… and 9,001 more;"));
}

TEST(StressReport, HasLostMessagesInRedWhereThereAreColours) {
  Json row = some_row();
  const auto red = ContainsRegex("\x1b\\[1;31m +lost +[0-9]+ +[0-9.]+%\x1b\\[0m\n");
  EXPECT_THAT(report_of(row, coloured), Not(red)) << "none is lost";
  row["lost"] = 3;
  EXPECT_THAT(report_of(row, coloured), red);
  EXPECT_THAT(report_of(row), ContainsRegex("    lost +3 +0[.]01%\n"));
}

TEST(StressReport, HasTheSameTextWithAndWithoutColours) {
  Json row = some_row();
  row["saturated"] = row["lost"] = 1;
  std::string text = report_of(row, coloured);
  EXPECT_NE(text, report_of(row));
  for (std::size_t begin = text.find('\x1b'); begin != std::string::npos;
       begin = text.find('\x1b')) {
    text.erase(begin, text.find('m', begin) + 1 - begin);
  }
  EXPECT_EQ(text, report_of(row));
}

TEST(StressReport, SaysWhenTheRateWasNotReached) {
  Json row = some_row();
  EXPECT_THAT(report_of(row), HasSubstr("asked 1,000/s, achieved 1,000/s\n"));
  EXPECT_THAT(report_of(row), Not(HasSubstr("saturated")));
  row["saturated"] = 1;
  EXPECT_THAT(report_of(row), HasSubstr("\n  saturated: "));
}

TEST(StressReport, CountsChaosBesideWhatWasAskedFor) {
  Json row = some_row();
  row["crashed"] = 1234;
  row["spiked"] = 7;
  EXPECT_THAT(report_of(row),
              HasSubstr("  crashed     1,234 (asked for: 1.00%)\n"
                        "  delayed     7 (asked for: 5.00%, each by up to 500 ms)\n"));
  row["spate"]["cell"]["chaos"]["downtime_ns"] = 20'000'000;
  EXPECT_THAT(report_of(row),
              HasSubstr("  crashed     1,234 (asked for: 1.00%, and all attempts for "
                        "20.0 ms after each)\n"));
  row["spate"]["cell"]["chaos"]["profile"] = "off";
  EXPECT_THAT(report_of(row), HasSubstr("Chaos\n  off\n"));
}

TEST(StressReport, ListsTheFaultsOfAStorm) {
  Json row = some_row();
  row.update({{"burst_failures", 2500},
              {"reorders_injected", 30},
              {"duplicates_injected", 20},
              {"acks_dropped", 10}});
  row["spate"]["cell"]["chaos"].update({{"burst_enter", 0.002},
                                        {"burst_leave", 0.05},
                                        {"burst_fail", 0.8},
                                        {"reorder_rate", 0.02},
                                        {"reorder_max_ns", 2'000'000},
                                        {"duplicate_rate", 0.01},
                                        {"drop_ack_rate", 0.015}});
  EXPECT_THAT(
      report_of(row),
      HasSubstr("  in bursts   2,500 failed (asked for: bursts of 20.0 messages, 3.85% of the\n"
                "              time, in which 80.00% fail)\n"
                "  held back   30 (asked for: 2.00%, each by up to 2.00 ms)\n"
                "  sent twice  20 (asked for: 1.00%)\n"
                "  acks lost   10 (asked for: 1.50%)\n"));
}

TEST(StressReport, OfARunThatNothingRepeatsHasNoDigest) {
  EXPECT_THAT(stress_report(some_row(), "", "", plain), Not(HasSubstr("Digest")));
  EXPECT_THAT(stress_report(some_row(), "", "", plain), Not(HasSubstr("Repeat")));
}

std::string warnings_of(const Json& build_type, const Json& idle_percent) {
  return context_warnings({{"build_type", build_type}, {"host_idle_percent", idle_percent}}, plain);
}

TEST(ContextWarnings, AreOfAnotherBuild) {
  EXPECT_THAT(warnings_of("Debug", 99.0), ContainsRegex("^This is a Debug build: .+\n$"));
  EXPECT_THAT(warnings_of("", 99.0), ContainsRegex("^This is a nameless build: .+\n$"));
  EXPECT_THAT(warnings_of("Release", 99.0), IsEmpty());
}

TEST(ContextWarnings, AreOfABusyMachine) {
  EXPECT_THAT(warnings_of("Release", 89.0), ContainsRegex("^This machine was only 89% idle .*\n$"));
  EXPECT_THAT(warnings_of("Release", 0.0), HasSubstr("0% idle"));
  EXPECT_THAT(warnings_of("Release", 90.0), IsEmpty());
}

TEST(ContextWarnings, AreNotOfAMachineThatDoesNotSay) {
  EXPECT_THAT(warnings_of("Release", -1.0), IsEmpty());
  EXPECT_THAT(warnings_of("Release", nullptr), IsEmpty());
}

}  // namespace
}  // namespace spate::bench
