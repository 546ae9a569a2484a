#include "step_verdict.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "rate_table.h"
#include "spate/simulation.h"

namespace spate::bench {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// A second of the mock in virtual time: nothing is wrong with it.
class StepVerdicts : public testing::Test {
 protected:
  StepVerdicts() {
    plan_.rate = 1000;
    plan_.messages = 1000;
    report_ = simulate(plan_);
  }

  std::vector<std::string> reasons(std::string_view objective) const {
    return judge_step(Objective::parse("--find-rate", objective), report_).reasons;
  }

  RunPlan plan_;
  RunReport report_;
};

TEST_F(StepVerdicts, AGoodRunHolds) { EXPECT_THAT(reasons("p99<20ms,lost=0"), IsEmpty()); }

TEST_F(StepVerdicts, EachConditionThatIsNotMetIsNamedWithItsValue) {
  const std::vector<std::string> found = reasons("p99<5ms,lost=0,success>=0.99");
  ASSERT_EQ(found.size(), 2U);
  EXPECT_THAT(found[0], testing::MatchesRegex("p99 9\\.[0-9]+ ms"));
  EXPECT_THAT(found[1], testing::MatchesRegex("success 9[0-9]\\.[0-9]+%"));
}

TEST_F(StepVerdicts, ValuesAreKeptWhetherTheyMeetTheirLimitsOrNot) {
  const StepVerdict verdict =
      judge_step(Objective::parse("--find-rate", "p99<5ms,lost=0"), report_);
  ASSERT_EQ(verdict.values.size(), 2U);
  EXPECT_EQ(verdict.values[0].first, "p99");
  EXPECT_EQ(verdict.values[0].second, static_cast<double>(report_.response.quantile(0.99)));
  EXPECT_EQ(verdict.values[1].second, 0);
}

TEST_F(StepVerdicts, ARateThatWasNotAchievedDoesNotHold) {
  report_.saturated = true;
  EXPECT_THAT(reasons("p99<20ms"), ElementsAre("rate not achieved"));
}

TEST_F(StepVerdicts, WhatMayBeShedDoesNotSaturate) {
  report_.saturated = true;
  report_.shed = 5;
  EXPECT_THAT(reasons("p99<20ms,shed<=5"), IsEmpty());
  EXPECT_THAT(reasons("p99<20ms,shed<5"), ElementsAre("shed 5"));
  EXPECT_THAT(reasons("p99<20ms"), ElementsAre("rate not achieved"));
  report_.rate_achieved = 980;
  EXPECT_THAT(reasons("p99<20ms,shed<=5"), ElementsAre("rate not achieved"));
  // Of a schedule by chance that asked for less.
  report_.rate_due = 985;
  EXPECT_THAT(reasons("p99<20ms,shed<=5"), IsEmpty());
}

TEST_F(StepVerdicts, OnlyALimitOfResponseTimesSaysHowLongPeopleWait) {
  for (std::size_t i = 0; i < report_.windows.size(); ++i) {
    report_.windows[i].response_p50_ns = static_cast<std::int64_t>(1'000'000 + 100'000 * i);
  }
  EXPECT_THAT(reasons("p99<20ms,lateness_p99<1ms"), IsEmpty());
  EXPECT_THAT(reasons("p99<20ms,p50<7ms"), testing::Contains("p50 keeps rising"));
}

TEST_F(StepVerdicts, AReasonDoesNotReadLikeItsLimit) {
  report_.total.expected = 1'000'000;
  report_.total.delivered = 999'985;
  EXPECT_THAT(reasons("success>=99.999%"), testing::Contains("success 99.9985%"));
}

TEST_F(StepVerdicts, ALedgerWithAFindingDoesNotHoldUnlessTheObjectiveHasALimitForIt) {
  const auto expect = [&](const std::function<void(RunReport&)>& harm, const char* reason) {
    const RunReport good = report_;
    harm(report_);
    EXPECT_THAT(reasons("p99<20ms"), testing::Contains(reason));
    report_ = good;
  };
  expect([](RunReport& report) { report.account.lost = 3; }, "lost 3");
  expect([](RunReport& report) { report.account.duplicated = 3; }, "duplicated 3");
  expect([](RunReport& report) { report.account.anomalies = 1; }, "anomalies 1");
  expect([](RunReport& report) { report.account.aliens = 1; }, "aliens 1");
  expect([](RunReport& report) { report.account.corrupted = 1; }, "corrupted 1");
  expect([](RunReport& report) { report.account.misreported = 1; }, "misreported 1");
  expect([](RunReport& report) { report.account.unknown = 2; }, "unknown 2");
  expect([](RunReport& report) { report.rejected = 2; }, "rejected 2");
  expect([](RunReport& report) { ++report.total.expected; }, "broken account");

  report_.account.duplicated = 3;
  EXPECT_THAT(reasons("duplicated<=3"), IsEmpty());
  EXPECT_THAT(reasons("duplicated<3"), ElementsAre("duplicated 3"));
}

TEST_F(StepVerdicts, WhatArrivesWithoutAnAckIsNotUnknown) {
  plan_.chaos.drop_ack = Probability(0.1);
  report_ = simulate(plan_);
  ASSERT_GT(report_.account.recovered, 0U);
  EXPECT_THAT(reasons("p99<20ms"), IsEmpty());
}

TEST_F(StepVerdicts, WhereNothingArrivesNothingHolds) {
  plan_.mock.success = Probability(0.0);
  report_ = simulate(plan_);
  EXPECT_THAT(reasons("p99<20ms"), ElementsAre("nothing delivered"));
  EXPECT_THAT(reasons("lost=0"), ElementsAre("nothing delivered"));
}

// A queue that builds up passes no limit while it is young.
TEST_F(StepVerdicts, AQueueThatBuildsUpDoesNotHold) {
  plan_.types = TypeMix::parse("text");
  plan_.mock = {LatencyModel::constant(1'000'000), Probability(1.0)};
  plan_.mock.station.servers = 1;
  plan_.rate = 1010;
  plan_.messages = 4040;  // 4 s, in which 40 come to wait
  report_ = simulate(plan_);
  EXPECT_THAT(reasons("p99<100ms"), ElementsAre("p50 keeps rising"));
  plan_.rate = 990;
  report_ = simulate(plan_);
  EXPECT_THAT(reasons("p99<100ms"), IsEmpty());
}

// What the table shows.
class StepLines : public StepVerdicts {
 protected:
  Json row(std::string_view objective) const {
    const StepVerdict verdict = judge_step(Objective::parse("--find-rate", objective), report_);
    Json result;
    for (const auto& [name, value] : counters_of(plan_, report_)) {
      result[name] = value;
    }
    result["spate"]["step"] = {
        {"reasons", verdict.reasons}, {"values", Json::object()}, {"control", false}};
    for (const auto& [name, value] : verdict.values) {
      result["spate"]["step"]["values"][name] = value;
    }
    return result;
  }
  std::string line(std::string_view objective) const {
    return step_line(row(objective), 7, Objective::parse("--find-rate", objective));
  }
};

TEST_F(StepLines, AreAsWideAsATerminalAtTheMost) {
  for (const char* const objective :
       {"p99<5ms", "p99.99<5ms,lost=0", "lateness_p99.99<5ms,success>=0.99,duplicated=0"}) {
    plan_.rate = 100'000'000;
    EXPECT_LE(line(objective).size(), kTableColumns + 1) << line(objective);
    const Objective parsed = Objective::parse("--find-rate", objective);
    EXPECT_LE(step_header(parsed).size(), kTableColumns + 1);
  }
}

TEST_F(StepLines, ShowWhatTheObjectiveAsksFor) {
  EXPECT_THAT(line("p99<20ms,max<1s"), HasSubstr("holds"));
  EXPECT_THAT(line("p99<20ms,max<1s"), HasSubstr(" 10.0 ms"));
  EXPECT_THAT(step_header(Objective::parse("--find-rate", "p99<20ms,max<1s")), HasSubstr("max"));
  EXPECT_THAT(line("p99<5ms,p50<1ms"), HasSubstr("no: p50 5."));
  EXPECT_THAT(line("p99<5ms,p50<1ms"), HasSubstr(", +1"));
}

TEST_F(StepLines, AFailedStepHasNoFigures) {
  const Json failed{{"error_occurred", true}, {"error_message", "no server"}};
  EXPECT_EQ(step_line(failed, 7, Objective::parse("--find-rate", "p99<5ms")), "   7  failed\n");
}

}  // namespace
}  // namespace spate::bench
