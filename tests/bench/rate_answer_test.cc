// What is made of a search's steps: for people, and as a row.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "rate_json.h"
#include "rate_table.h"

namespace spate::bench {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr std::uint64_t kHolds = 1000;
constexpr std::uint64_t kFails = 2000;

class RateAnswers : public testing::Test {
 protected:
  RateAnswers() {
    goal_.objective = Objective::parse("--find-rate", "p99<20ms");
    outcome_.answer = {SearchAnswer::End::found, kHolds, kFails};
    // The odd one of eight comes first.
    add(kHolds, 1, "p99 21.0 ms", 0);
    add(kHolds, 7, "", 20'000);
    add(kFails, 1, "", 20'000);
    add(kFails, 7, "p99 30.0 ms", 20'000);
  }

  void add(std::uint64_t rate, std::size_t times, const std::string& reason,
           std::uint64_t deliveries) {
    for (std::size_t i = 0; i < times; ++i) {
      outcome_.steps.push_back({.rate = rate,
                                .held = reason.empty(),
                                .reason = reason,
                                .messages = deliveries,
                                .deliveries = deliveries});
    }
  }
  std::string report() const { return search_report(goal_, outcome_, "", Palette(false)); }
  Json row() const {
    return answer_row(
        goal_, outcome_,
        {{"mode", "queue"}, {"chaos", {{"profile", "off"}}}, {"agents", 9}, {"rate", 1}});
  }
  // Of a search over the queue, whose steps last 2 s unless they need more.
  std::string announcement() const {
    Options options;
    options.modes = {"queue"};
    options.agents = {2};
    options.duration_ns = 2'000'000'000;
    options.plan.types = TypeMix::parse("text");
    return search_announcement(goal_, options);
  }
  Json answer() const { return row().at("spate").at("answer"); }

  RateGoal goal_;
  SearchOutcome outcome_;
};

TEST_F(RateAnswers, TheStepThatWasForgivenSpeaksForNoRate) {
  EXPECT_THAT(report(), HasSubstr("2,000/s held in 1 of 8 steps: p99 30.0 ms."));
  EXPECT_THAT(report(), Not(HasSubstr("Few samples")));
  EXPECT_EQ(answer().at("why_fails"), "p99 30.0 ms");
  EXPECT_EQ(answer().at("few_samples"), false);
  EXPECT_EQ(answer().at("at_least"), false);
}

TEST_F(RateAnswers, FewSamplesAreThoseOfTheStepThatHadMost) {
  goal_.objective = Objective::parse("--find-rate", "p99.9<20ms");
  EXPECT_THAT(report(), HasSubstr("a step had 20,000 deliveries; 100,000 leave 100 beyond"));
  EXPECT_THAT(report(), HasSubstr("Give a --duration 5.0 times as long."));
  EXPECT_EQ(answer().at("few_samples"), true);
}

TEST_F(RateAnswers, WhereSpateItselfFailsTheRateIsABound) {
  outcome_.generator_kept_up = true;
  EXPECT_EQ(answer().at("at_least"), false);
  outcome_.generator_kept_up = false;
  EXPECT_THAT(report(), HasSubstr("Highest rate with p99<20ms: at least 1,000/s\n"));
  EXPECT_THAT(report(), HasSubstr("That is the limit of Spate or of this machine"));
  EXPECT_EQ(answer().at("at_least"), true);
  EXPECT_EQ(answer().at("generator_limited"), true);
}

// Ctrl-C in the control run.
TEST_F(RateAnswers, WhereNobodyKnowsWhoseLimitItIsTheRateIsABound) {
  EXPECT_THAT(report(), Not(HasSubstr("is not known")));
  outcome_.control_cut_short = true;
  EXPECT_THAT(report(), HasSubstr("Highest rate with p99<20ms: at least 1,000/s\n"));
  EXPECT_THAT(report(),
              HasSubstr("Whether it holds at 2,000/s over the mock without latency is not known"));
}

TEST_F(RateAnswers, WhatIsUndecidedIsABound) {
  outcome_.answer.end = SearchAnswer::End::undecided;
  EXPECT_THAT(report(), HasSubstr(": at least 1,000/s\n"));
  EXPECT_THAT(report(), HasSubstr("After 16 steps there is no end"));
  EXPECT_THAT(report(), HasSubstr("A quieter machine helps"));
  outcome_.virtual_time = true;
  EXPECT_THAT(report(), Not(HasSubstr("machine")));
  EXPECT_THAT(report(), HasSubstr("A longer --duration helps"));
  EXPECT_EQ(answer().at("at_least"), true);
  EXPECT_EQ(answer().at("generator_limited"), false);
}

TEST_F(RateAnswers, WhyThereIsNoneIsToldAsItWas) {
  outcome_.answer.rate.reset();
  const auto message = [&](SearchAnswer::End end) {
    outcome_.answer.end = end;
    EXPECT_EQ(row().at("error_occurred"), true);
    return row().at("error_message").get<std::string>();
  };
  EXPECT_THAT(message(SearchAnswer::End::none_holds), HasSubstr("there is no rate at which"));
  EXPECT_THAT(message(SearchAnswer::End::undecided), HasSubstr("changes from step to step"));
  outcome_.generator_kept_up = false;
  EXPECT_THAT(message(SearchAnswer::End::none_holds), HasSubstr("over the mock without latency"));
}

TEST_F(RateAnswers, TheTimeThatIsAnnouncedIsThatOfTheStepsAsLongAsTheyAre) {
  goal_.objective = Objective::parse("--find-rate", "p99.9<20ms");
  EXPECT_THAT(announcement(), HasSubstr(" of 2.00 s to 20.0 s, "));
  goal_.duration_given = true;
  EXPECT_THAT(announcement(), HasSubstr(" of 2.00 s, "));
}

TEST_F(RateAnswers, TheTimeThatIsAnnouncedAllowsForStepsBelowTheFirst) {
  // 12,500 messages: 2 s from 6,250/s on, 12.5 s at the first step, 20 s at the slowest.
  goal_.limits = {.start = 1000, .lowest = 10, .highest = 1'000'000};
  EXPECT_THAT(announcement(),
              HasSubstr("some 17 to 27 steps of 2.00 s to 20.0 s, 34.0 s to 9.0 min,"));
  goal_.limits.highest = 1000;
  EXPECT_THAT(announcement(),
              HasSubstr("some 17 to 24 steps of 12.5 s to 20.0 s, 3.5 min to 8.0 min,"));
}

TEST_F(RateAnswers, AVerdictThatIsLongGoesOnBelowAndLosesNothing) {
  const Objective objective = Objective::parse("--find-rate", "lateness_p99.99<1ms");
  const auto line = [&](const Json& reasons) {
    return step_line(
        {{"rate_asked", 1000},
         {"rate_achieved", 800},
         {"response_ns_p50", 1.0},
         {"response_ns_p99", 1.0},
         {"spate",
          {{"step",
            {{"reasons", reasons}, {"values", {{"lateness_p99.99", 2e6}}}, {"control", false}}}}}},
        1, objective);
  };
  const std::string title = step_header(objective);
  const std::string usual = line({"rate not achieved", "p50 keeps rising"});
  EXPECT_EQ(usual.substr(title.find("verdict")), "no: rate not achieved, +1\n");
  EXPECT_LE(usual.size(), kTableColumns + 1);
  const std::string longer = line({"lateness_p99.99 1000001 ns", "lost 1"});
  const std::string indent(title.find("verdict"), ' ');
  EXPECT_EQ(longer.substr(indent.size()), "no: lateness_p99.99\n" + indent + "1000001 ns, +1\n");
}

TEST_F(RateAnswers, WhatIsLimitedHasAColumn) {
  for (const auto& [objective, title] : {std::pair{"service_p99<20ms", "svc p99"},
                                         {"lateness_p99.99<1ms", "late p99.99"},
                                         {"duplicated=0", "duplicated"}}) {
    const std::string header = step_header(Objective::parse("--find-rate", objective));
    EXPECT_THAT(header, HasSubstr(std::string(" ") + title + "  verdict")) << objective;
  }
}

}  // namespace
}  // namespace spate::bench
