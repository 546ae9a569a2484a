#include "result_json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <memory>
#include <string>

#include "compare/hdr_histogram.h"
#include "spate/bench/modes.h"
#include "spate/stress_run.h"

namespace spate::bench {
namespace {

// 2,000 messages of four agents under chaos, in a tenth of a second.
Cell small_cell() {
  Cell cell;
  cell.plan.mode = "mock";
  cell.plan.agents = 4;
  cell.plan.rate = 20'000;
  cell.plan.messages = 2000;
  cell.plan.seed = 7;
  cell.plan.workers = 2;
  cell.plan.window = 11;
  cell.plan.payload_bytes = 48;
  cell.plan.types = TypeMix(TypeMix::Weights{4, 1, 2, 3});
  cell.plan.mock = {LatencyModel::uniform(100'000, 900'000), Probability(0.9)};
  cell.plan.chaos = {"on", Probability(0.02), Probability(0.1), 3'000'000, 0};
  cell.duration_ns = 100'000'000;
  cell.templates_name = "mine.txt";
  return cell;
}

RunReport run(const Cell& cell) {
  const std::shared_ptr<const Payloads> payloads = payloads_for(cell.plan);
  AnyDelivery delivery = mode_named(cell.plan.mode).make(cell.plan, payloads);
  StressRun stress(cell.plan, delivery, payloads);
  stress.execute();
  return stress.report();
}

class ResultJson : public testing::Test {
 protected:
  static void SetUpTestSuite() { report_slot() = std::make_unique<RunReport>(run(small_cell())); }
  static void TearDownTestSuite() { report_slot().reset(); }

  static const RunReport& report() { return *report_slot(); }
  static std::map<std::string, double> counters() {
    const Counters all = counters_of(small_cell().plan, report());
    std::map<std::string, double> by_name(all.begin(), all.end());
    EXPECT_EQ(by_name.size(), all.size()) << "a name is there twice";
    return by_name;
  }
  static Json spate() { return spate_object(small_cell(), report()); }

 private:
  static std::unique_ptr<RunReport>& report_slot() {
    static std::unique_ptr<RunReport> report;
    return report;
  }
};

TEST_F(ResultJson, EveryCounterOfTheContractIsThereAndFinite) {
  const std::map<std::string, double> all = counters();
  std::vector<std::string> names{"sent",
                                 "expected",
                                 "delivered",
                                 "failed",
                                 "crashed",
                                 "rejected",
                                 "unknown",
                                 "lost",
                                 "spiked",
                                 "recovered",
                                 "duplicated",
                                 "reordered",
                                 "aliens",
                                 "anomalies",
                                 "shed",
                                 "success_rate",
                                 "messages_per_second",
                                 "rate_asked",
                                 "rate_achieved"};
  for (const char* const family : {"response_ns_", "service_ns_"}) {
    for (const char* const of : {"mean", "p50", "p90", "p99", "p999", "max"}) {
      names.push_back(std::string(family) + of);
    }
  }
  for (const char* const of : {"p50", "p99", "max"}) {
    names.push_back(std::string("send_lateness_ns_") + of);
  }
  for (const std::string& name : names) {
    SCOPED_TRACE(name);
    ASSERT_TRUE(all.contains(name));
    EXPECT_TRUE(std::isfinite(all.at(name)));
    EXPECT_GE(all.at(name), 0.0);
  }
}

TEST_F(ResultJson, EachExpectedDeliveryIsInExactlyOneCounter) {
  std::map<std::string, double> all = counters();
  EXPECT_EQ(all["expected"], all["delivered"] + all["failed"] + all["crashed"] + all["rejected"] +
                                 all["unknown"] + all["lost"]);
  EXPECT_EQ(all["sent"], 2000);
  EXPECT_GT(all["expected"], all["sent"]);  // there are broadcasts
  for (const char* const name : {"delivered", "failed", "crashed", "spiked"}) {
    EXPECT_GT(all[name], 0) << name;
  }
  EXPECT_DOUBLE_EQ(all["success_rate"], all["delivered"] / all["expected"]);
  EXPECT_EQ(all["rate_asked"], 20'000);
}

TEST_F(ResultJson, LatenciesAreInOrder) {
  std::map<std::string, double> all = counters();
  for (const char* const family : {"response_ns_", "service_ns_"}) {
    const std::string name(family);
    EXPECT_LE(all[name + "p50"], all[name + "p90"]);
    EXPECT_LE(all[name + "p90"], all[name + "p99"]);
    EXPECT_LE(all[name + "p99"], all[name + "p999"]);
    EXPECT_LE(all[name + "p999"], all[name + "max"]);
    EXPECT_LE(all[name + "mean"], all[name + "max"]);
    EXPECT_GE(all[name + "p50"], 100'000) << "less than the mock's least latency";
  }
  // The intended time is never after the actual one.
  EXPECT_GE(all["response_ns_mean"], all["service_ns_mean"]);
}

TEST_F(ResultJson, TheHistogramDecodesToTheSameQuantiles) {
  std::map<std::string, double> all = counters();
  compare::HdrHistogram decoded =
      compare::decode_hdr(spate()["response_histogram"].get<std::string>());
  EXPECT_EQ(decoded.count(), report().total.delivered);
  decoded.set_max(static_cast<std::int64_t>(all["response_ns_max"]));
  for (const auto& [name, q] : std::map<std::string, double>{{"response_ns_p50", 0.5},
                                                             {"response_ns_p90", 0.9},
                                                             {"response_ns_p99", 0.99},
                                                             {"response_ns_p999", 0.999},
                                                             {"response_ns_max", 1.0}}) {
    EXPECT_EQ(static_cast<double>(*decoded.quantile(q)), all[name]) << name;
  }
}

TEST_F(ResultJson, DigestsAreSixteenHexDigits) {
  const Json object = spate();
  for (const char* const name : {"digest", "mock_digest"}) {
    EXPECT_THAT(object[name].get<std::string>(), testing::MatchesRegex("[0-9a-f]+"));
    EXPECT_EQ(object[name].get<std::string>().size(), 16U);
  }
  RunReport small = report();
  small.digest = 0xabc;
  EXPECT_EQ(spate_object(small_cell(), small)["digest"], "0000000000000abc");
}

TEST_F(ResultJson, TheCellHasEveryDefiningValue) {
  EXPECT_EQ(spate()["cell"], Json::parse(R"({
    "mode": "mock",
    "chaos": {"profile": "on", "crash_rate": 0.02, "spike_rate": 0.1,
              "spike_max_ns": 3000000, "downtime_ns": 0},
    "rate": 20000, "agents": 4, "seed": 7, "duration_ns": 100000000, "window": 11,
    "payload_bytes": 48, "templates": "mine.txt",
    "types": {"text": 4, "broadcast": 1, "system": 2, "urgent": 3},
    "workers": 2, "in_flight_limit": 1048576,
    "mock": {"latency_min_ns": 100000, "latency_max_ns": 900000, "success_rate": 0.9}})"));
  Cell natural = small_cell();
  natural.plan.payload_bytes.reset();
  EXPECT_TRUE(spate_object(natural, report())["cell"]["payload_bytes"].is_null());
  natural.plan.seed = UINT64_MAX;
  EXPECT_EQ(spate_object(natural, report())["cell"]["seed"].get<std::uint64_t>(), UINT64_MAX);
}

TEST_F(ResultJson, AgentsAndTypesAddUpToTheTotals) {
  const Json object = spate();
  ASSERT_EQ(object["agents"].size(), 4U);
  EXPECT_EQ(object["agents"][0]["name"], "Agent-1");
  EXPECT_EQ(object["agents"][3]["name"], "Agent-4");
  ASSERT_EQ(object["types"].size(), 4U);
  EXPECT_EQ(object["types"][1]["name"], "broadcast");
  std::map<std::string, double> all = counters();
  for (const char* const group : {"agents", "types"}) {
    for (const char* const name : {"sent", "expected", "delivered"}) {
      double sum = 0;
      for (const Json& one : object[group]) {
        sum += one[name].get<double>();
      }
      EXPECT_EQ(sum, all[name]) << group << ' ' << name;
    }
    double failed = 0;
    for (const Json& one : object[group]) {
      failed += one["failed"].get<double>();
      for (const char* const name :
           {"success_rate", "response_ns_mean", "response_ns_p99", "last_activity_ns"}) {
        EXPECT_GT(one[name].get<double>(), 0) << group << ' ' << name;
      }
    }
    EXPECT_EQ(failed, all["failed"] + all["crashed"] + all["rejected"]) << group;
  }
  EXPECT_EQ(object["windows"].size(), 10U);
}

TEST_F(ResultJson, ChaosEventsAreThoseOfTheReport) {
  const Json events = spate()["chaos_events"];
  const auto kept = events["events"].size();
  EXPECT_EQ(static_cast<double>(kept + events["left_out"].get<std::uint64_t>()),
            counters()["crashed"] + counters()["spiked"]);
  std::int64_t before = 0;
  for (const Json& event : events["events"]) {
    EXPECT_GE(event["t_ns"].get<std::int64_t>(), before);
    before = event["t_ns"].get<std::int64_t>();
    EXPECT_GE(event["agent"].get<int>(), 1);
    EXPECT_LE(event["agent"].get<int>(), 4);
    if (event["kind"] == "spike") {
      EXPECT_GE(event["extra_ns"].get<std::int64_t>(), 1);
      EXPECT_LE(event["extra_ns"].get<std::int64_t>(), 3'000'000);
    } else {
      EXPECT_EQ(event["kind"], "crash");
    }
  }
}

TEST(ChaosEvents, AreBoundedAndTheRestIsCounted) {
  RunReport report;
  report.chaos_events.resize(1500);
  report.chaos_events_left_out = 7;
  const Json many = spate_object(small_cell(), report)["chaos_events"];
  EXPECT_EQ(many["events"].size(), 1000U);
  EXPECT_EQ(many["left_out"], 507);
  report.chaos_events.resize(1000);
  report.chaos_events_left_out = 0;
  const Json full = spate_object(small_cell(), report)["chaos_events"];
  EXPECT_EQ(full["events"].size(), 1000U);
  EXPECT_EQ(full["left_out"], 0);
}

TEST(Counters, TheLoadIsOfTheMocksServersWhichNothingElseHas) {
  RunPlan plan = small_cell().plan;
  plan.mock.station.servers = 3;
  for (const auto& [mode, mocked] :
       std::map<std::string, bool>{{"mock", true}, {"sim", true}, {"queue", false}}) {
    plan.mode = mode;
    const Counters counters = counters_of(plan, RunReport{});
    const bool told = std::ranges::any_of(
        counters, [](const auto& counter) { return counter.first == "offered_load"; });
    EXPECT_EQ(told, mocked) << mode;
  }
}

// Nothing delivered: counts of 0, and no time at all, which is not a time of 0.
TEST(Counters, AnEmptyReportHasNoTimes) {
  for (const auto& [name, value] : counters_of(small_cell().plan, RunReport{})) {
    EXPECT_EQ(std::isnan(value), name.find("_ns_") != std::string::npos) << name;
  }
}

TEST(SpateObject, OfAnEmptyReportHasNoTimes) {
  RunReport report;
  report.agents.resize(1);
  const Json object = spate_object(small_cell(), report);
  EXPECT_TRUE(object["agents"][0]["response_ns_mean"].is_null());
  EXPECT_TRUE(object["types"][0]["response_ns_p99"].is_null());
  EXPECT_TRUE(object["windows"][9]["response_ns_p50"].is_null());
}

TEST(SpateObject, SaysOfFaultsHowFarTheirRunWent) {
  RunReport report;
  report.faults.emplace().liveness.last_fault_end_ns = 50'000'000;
  report.timeline.emplace();
  const Json too_late = spate_object(small_cell(), report)["faults"]["liveness"];
  EXPECT_TRUE(too_late.contains("too_late")) << "its schedule is a tenth of a second";
  EXPECT_FALSE(too_late.contains("interrupted"));
  report.interrupted = true;
  EXPECT_TRUE(spate_object(small_cell(), report)["faults"]["liveness"].contains("interrupted"));
}

// Cells of baselines that know no other mock stay the same cells.
TEST(CellObject, NamesTheModelOnlyWhereItIsNotUniform) {
  Cell cell;
  EXPECT_EQ(spate_object(cell, {})["cell"]["mock"],
            Json::parse(R"({"latency_min_ns": 1000000, "latency_max_ns": 10000000,
                            "success_rate": 0.95})"));
  cell.plan.mock.latency = LatencyModel::exponential(1'000'000);
  EXPECT_EQ(spate_object(cell, {})["cell"]["mock"],
            Json::parse(R"({"latency": "exponential:mean=1ms", "success_rate": 0.95})"));
}

TEST(CellObject, NamesSlowAgentsOnlyWhereThereAreAny) {
  Cell cell;
  cell.plan.mock.slow_thousandths = 2500;
  EXPECT_FALSE(spate_object(cell, {})["cell"]["mock"].contains("slow_factor"));
  cell.plan.mock.slow_agents = 3;
  EXPECT_EQ(spate_object(cell, {})["cell"]["mock"],
            Json::parse(R"({"latency_min_ns": 1000000, "latency_max_ns": 10000000,
                            "success_rate": 0.95, "slow_agents": 3, "slow_factor": 2.5})"));
}

// Cells of baselines that know no other faults stay the same cells, and so do their rows.
TEST(CellObject, NamesTheFaultsOfAStormOnlyWhereThereIsOne) {
  Cell cell = small_cell();
  const std::size_t few = counters_of(cell.plan, {}).size();
  EXPECT_EQ(spate_object(cell, {})["cell"]["chaos"].size(), 5U);
  cell.plan.chaos = ChaosProfile::storm();
  EXPECT_EQ(spate_object(cell, {})["cell"]["chaos"], Json::parse(R"({
    "profile": "storm", "crash_rate": 0.002, "spike_rate": 0.05, "spike_max_ns": 500000000,
    "downtime_ns": 5000000, "burst_enter": 0.002, "burst_leave": 0.05, "burst_fail": 0.8,
    "reorder_rate": 0.02, "reorder_max_ns": 2000000, "duplicate_rate": 0.01,
    "drop_ack_rate": 0.01})"));
  RunReport report;
  report.burst_failures = 3;
  report.reorders_injected = 4;
  report.duplicates_injected = 5;
  report.acks_dropped = 6;
  const Counters counters = counters_of(cell.plan, report);
  EXPECT_EQ(counters.size(), few + 4);
  std::map<std::string, double> all(counters.begin(), counters.end());
  EXPECT_EQ(all["burst_failures"], 3);
  EXPECT_EQ(all["reorders_injected"], 4);
  EXPECT_EQ(all["duplicates_injected"], 5);
  EXPECT_EQ(all["acks_dropped"], 6);
}

TEST(ChaosEvents, AreNamedByTheirKind) {
  RunReport report;
  for (std::size_t kind = 0; kind < kChaosEventNames.size(); ++kind) {
    report.chaos_events.push_back({.kind = static_cast<ChaosEvent::Kind>(kind)});
  }
  const Json events = spate_object(small_cell(), report)["chaos_events"]["events"];
  std::vector<std::string> names;
  for (const Json& event : events) {
    names.push_back(event["kind"]);
  }
  EXPECT_THAT(names, testing::ElementsAre("crash", "spike", "burst", "reorder", "duplicate",
                                          "dropped_ack"));
}

// Cells of baselines that know no arrivals stay the same cells.
TEST(CellObject, NamesArrivalsOnlyWhereTheyArePoissons) {
  Cell cell;
  cell.plan.rate = 10;
  EXPECT_FALSE(spate_object(cell, {})["cell"].contains("arrivals"));
  cell.plan.arrivals = Arrivals::poisson;
  EXPECT_EQ(spate_object(cell, {})["cell"]["arrivals"], "poisson");
  cell.plan.rate = 0;  // a closed loop has none
  EXPECT_FALSE(spate_object(cell, {})["cell"].contains("arrivals"));
}

}  // namespace
}  // namespace spate::bench
