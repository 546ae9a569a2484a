#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "compare/history/trend.h"
#include "compare/history/trend_report.h"
#include "tests/compare/history/kept.h"

namespace spate::compare {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

TEST(TrendGate, WhatWasBrokenLatelyIsBroken) {
  for (const std::size_t after : {0U, 9U, 10U}) {
    Kept kept;
    for (std::size_t i = 0; i < 21; ++i) {
      json row = delivery_row();
      if (i == 20 - after) {
        row["delivered"] = row["delivered"].get<int>() - 1;
        row["lost"] = 1;
      }
      kept.add(i, {row}, i);
    }
    EXPECT_EQ(kept.trend(gate()).exit_code, after < 10 ? ExitCode::broken : ExitCode::fine)
        << after;
  }
}

TEST(TrendGate, ANewStepForTheWorseIsAFinding) {
  Kept kept;
  kept.add_step(40, 34, 1.3);
  EXPECT_EQ(kept.trend(gate()).exit_code, ExitCode::finding);
}

TEST(TrendGate, AnOldOneIsNone) {
  Kept kept;
  kept.add_step(40, 29, 1.3);
  EXPECT_EQ(kept.trend(gate()).exit_code, ExitCode::fine);
  Kept again;
  again.add_step(40, 29, 1.3);
  TrendSettings settings = gate();
  settings.recent = 11;
  EXPECT_EQ(again.trend(settings).exit_code, ExitCode::finding);
}

// Levels of ten commits each.
Trend of_levels(const std::vector<double>& levels, TrendSettings settings) {
  std::vector<std::pair<std::size_t, double>> all;
  for (const double level : levels) {
    all.emplace_back(10, level);
  }
  Kept kept;
  kept.add_levels(all);
  return kept.trend(std::move(settings));
}

// Seven tenths of each value are of the one before, whatever the level is.
Trend of_wandering(std::uint64_t seed, const std::vector<std::pair<std::size_t, double>>& levels,
                   TrendSettings settings) {
  Draws draws(seed);
  std::vector<double> values;
  double now = 0;
  for (const auto& [commits, level] : levels) {
    for (std::size_t i = 0; i < commits; ++i) {
      now = 0.7 * now + 0.07 * (draws.uniform() + draws.uniform() - 1);
      values.push_back(1000 * std::exp(now) * level);
    }
  }
  Kept kept;
  kept.add_values(values);
  return kept.trend(std::move(settings));
}

TEST(TrendGate, HalfOfARegressionUndoneLeavesTheOtherHalf) {
  TrendSettings settings = gate();
  settings.recent = 20;
  EXPECT_EQ(of_levels({1, 1, 1.6, 1.3}, settings).exit_code, ExitCode::finding);
  EXPECT_EQ(of_levels({1, 1, 1.6, 1}, settings).exit_code, ExitCode::fine);
  // The first one is no news.
  settings.recent = 10;
  EXPECT_EQ(of_levels({1, 1, 1.6, 1.3}, settings).exit_code, ExitCode::fine);
}

TEST(TrendGate, WhatIsMeasuredNoMoreIsNoNewsAndNamed) {
  Kept kept;
  const std::vector<double> noise = around(1, 20);
  for (std::size_t i = 0; i < 60; ++i) {
    json gone = plain_row("BM_gone", 1000 * noise[i * 7 % 20] * (i < 20 ? 1 : 2));
    const json stays = plain_row("BM_stays", 1000 * noise[i * 7 % 20]);
    kept.add(i, i < 25 ? std::vector<json>{gone, stays} : std::vector<json>{stays}, i);
  }
  const Trend trend = kept.trend(gate());
  EXPECT_EQ(trend.exit_code, ExitCode::fine) << summary(trend);
  EXPECT_THAT(trend.ended, ElementsAre("BM_gone"));
  EXPECT_THAT(trend_text(trend, {}, Script::ascii), HasSubstr("measured no more: BM_gone"));
}

TEST(TrendGate, WhatIsMeasuredNowAndThenHasNewsToo) {
  for (const std::size_t every : {5U, 20U}) {
    Kept kept;
    const std::vector<double> noise = around(1, 20);
    for (std::size_t i = 0; i < 30 * every; ++i) {
      std::vector<json> rows{plain_row("BM_each", 1000 * noise[i * 7 % 20])};
      if (i % every == 0) {
        rows.push_back(
            plain_row("BM_rare", 1000 * noise[i / every * 7 % 20] * (i < 24 * every ? 1 : 2)));
      }
      kept.add(i, rows, i);
    }
    const Trend trend = kept.trend(gate());
    EXPECT_EQ(trend.exit_code, ExitCode::finding) << summary(trend);
    EXPECT_TRUE(trend.ended.empty());
  }
}

TEST(TrendGate, ForTheBetterIsAFindingOnlyIfAskedFor) {
  Kept kept;
  kept.add_step(40, 34, 0.7);
  EXPECT_EQ(kept.trend(gate()).exit_code, ExitCode::fine);
  Kept again;
  again.add_step(40, 34, 0.7);
  TrendSettings settings = gate();
  settings.settings.fail_on.better = true;
  EXPECT_EQ(again.trend(settings).exit_code, ExitCode::finding);
}

TEST(TrendGate, AStepThatIsKnownIsNone) {
  for (const auto& [expires, code] :
       {std::pair{"2027-01-01", ExitCode::fine}, {"2026-11-30", ExitCode::finding}}) {
    Kept kept;
    kept.add_step(40, 34, 1.3);
    TrendSettings settings = gate();
    settings.settings.acknowledgements = {{"mode:*", "cpu_time", "agreed", expires}};
    const Trend trend = kept.trend(settings);
    EXPECT_EQ(trend.exit_code, code) << expires;
    const std::string text = trend_text(trend, {}, Script::ascii);
    EXPECT_EQ(code == ExitCode::fine, text.find("acknowledged +30.") != std::string::npos);
    EXPECT_EQ(code == ExitCode::finding, text.find("acknowledged no longer") != std::string::npos);
  }
}

TEST(TrendGate, TooFewPointsAreInconclusive) {
  Kept kept;
  kept.add_step(14, 7, 2);
  const Trend trend = kept.trend(gate());
  EXPECT_EQ(trend.exit_code, ExitCode::inconclusive);
  EXPECT_THAT(trend_text(trend, {}, Script::ascii), HasSubstr("15 are\n     needed (see --all)"));
  EXPECT_THAT(trend_text(trend, {.all = true}, Script::ascii), Not(HasSubstr("--all")));
  EXPECT_THAT(trend_markdown(trend, true), Not(HasSubstr("all)")));
  Kept again;
  again.add_step(14, 7, 2);
  EXPECT_EQ(again.trend().exit_code, ExitCode::fine) << "for people, that is how a history begins";
}

TEST(TrendGate, WhatCannotBeReadIsInconclusiveButHidesNoFinding) {
  Kept kept;
  kept.add_step(40, 34, 1.3);
  kept.unreadable = {"x.json is an array; expected an object"};
  EXPECT_EQ(kept.trend(gate()).exit_code, ExitCode::finding);
  Kept again;
  again.add_step(40, 40, 1);
  again.unreadable = {"x.json is an array; expected an object"};
  const Trend trend = again.trend();
  EXPECT_EQ(trend.exit_code, ExitCode::inconclusive);
  EXPECT_THAT(trend_text(trend, {}, Script::ascii), HasSubstr("note left out: x.json is an array"));
}

TEST(TrendGate, WhatMayBeWanderingIsInconclusiveAndNeverFine) {
  std::size_t doubtful = 0;
  for (std::uint64_t seed = 1; seed <= 12; ++seed) {
    const Trend trend = of_wandering(seed, {{50, 1}, {10, 1.3}}, gate());
    if (line_of(trend.series.at(0), kCpuTime).doubtful.empty()) {
      EXPECT_EQ(trend.exit_code, ExitCode::finding) << seed;
      continue;
    }
    ++doubtful;
    EXPECT_EQ(trend.exit_code, ExitCode::inconclusive) << seed;
    EXPECT_THAT(trend_text(trend, {}, Script::ascii), HasSubstr("\n      cannot tell +"));
    EXPECT_THAT(summary(trend), HasSubstr("of 1 line nobody can tell"));
  }
  EXPECT_GT(doubtful, 2U) << "where each is shown, this shows nothing";
}

// As of those that are sure: the last one alone says nothing of what is left of the ones before it.
TEST(TrendGate, OfSeveralDoubtfulStepsWhatIsLeftCounts) {
  TrendSettings settings = gate();
  settings.recent = 25;
  std::size_t halved = 0;
  std::size_t undone = 0;
  for (std::uint64_t seed = 1; halved < 3 || undone < 3; ++seed) {
    ASSERT_LE(seed, 200U) << halved << " of the one, " << undone << " of the other";
    for (const double back : {1.35, 1.0}) {
      const Trend trend = of_wandering(seed, {{40, 1}, {10, 1.7}, {10, back}}, settings);
      const TrendLine& line = line_of(trend.series.at(0), kCpuTime);
      if (!line.steps.empty() || line.doubtful.size() != 2 || line.doubtful.back().step.is_worse) {
        continue;
      }
      const double left =
          std::abs(line.doubtful[0].step.difference) - std::abs(line.doubtful[1].step.difference);
      const bool matters = left >= std::log(1.15);
      EXPECT_EQ(line.doubtful[0].is_new, matters) << seed;
      EXPECT_EQ(trend.exit_code, matters ? ExitCode::inconclusive : ExitCode::fine) << seed;
      const std::string text = trend_text(trend, {}, Script::ascii);
      EXPECT_THAT(text, HasSubstr("\n      cannot tell +"));
      EXPECT_THAT(text, HasSubstr("\n      cannot tell -"));
      ++(matters ? halved : undone);
    }
  }
}

TEST(TrendGate, AnAcknowledgementSinceACommitIsOfThatStepAlone) {
  for (const auto& [since, code] : {std::pair{"", ExitCode::fine},
                                    {"00000000001e", ExitCode::fine},
                                    {"00000000001eabcdef", ExitCode::fine},  // as git has it
                                    {"00000000001c", ExitCode::fine},        // two points before
                                    {"00000000001b", ExitCode::finding},
                                    {"000000000014", ExitCode::finding},
                                    {"2026-01-01", ExitCode::fine},
                                    {"2026-01-02", ExitCode::finding}}) {
    Kept kept;
    kept.add_levels({{20, 1}, {10, 1.5}, {10, 2}});
    TrendSettings settings = gate();
    settings.settings.acknowledgements = {{"mode:*", "cpu_time", "agreed", "2027-01-01", since}};
    const Trend trend = kept.trend(settings);
    EXPECT_EQ(trend.exit_code, code) << since;
  }
}

json answer_at(std::size_t commit, bool at_least) {
  json row = delivery_row();
  row["cpu_time"] = 1000 * around(1, 20)[commit * 7 % 20];
  row["messages_per_second"] = at_least ? 700 : 1000 * around(1, 20)[commit * 7 % 20];
  row["spate"]["cell"].erase("rate");
  row["spate"]["cell"]["objective"] = "p99<20ms";
  row["spate"]["answer"] = {{"at_least", at_least}};
  return row;
}

TEST(TrendGate, ALowerBoundIsNamedAndAmongTheLastPointsInconclusive) {
  for (const std::size_t after : {0U, 9U, 10U}) {
    Kept kept;
    for (std::size_t i = 0; i < 30; ++i) {
      kept.add(i, {answer_at(i, i == 29 - after)}, i);
    }
    const Trend trend = kept.trend(gate());
    EXPECT_EQ(trend.exit_code, after < 10 ? ExitCode::inconclusive : ExitCode::fine) << after;
    EXPECT_EQ(line_of(trend.series.at(0), kThroughput).points.size(), 29U);
    EXPECT_THAT(summary(trend), HasSubstr("1 lower bound left out"));
    EXPECT_THAT(trend_markdown(trend, true),
                HasSubstr("being but a lower bound: mode:mock chaos:off highest\\_rate:p99\\<20ms "
                          "agents:9, " +
                          trend.points[29 - after].commit));
    EXPECT_EQ(json::parse(trend_json(trend)).at("bounds").at(0).at("points"), json({29 - after}));
  }
}

TEST(TrendGate, WhatIsOfLateOnlyALowerBoundGoesOn) {
  Kept kept;
  for (std::size_t i = 0; i < 40; ++i) {
    kept.add(i, {answer_at(i, i >= 20), plain_row("BM_a", 1000 * around(1, 20)[i * 7 % 20])}, i);
  }
  Kept only = kept;
  TrendSettings settings;
  settings.cells = {"*highest_rate*"};
  const Trend trend = kept.trend(settings);
  EXPECT_THAT(trend.ended, ElementsAre());
  EXPECT_THAT(trend_text(trend, {}, Script::ascii), HasSubstr("20 points, the last of them"));
  EXPECT_EQ(trend.exit_code, ExitCode::fine) << "nobody asked for more";
  TrendSettings others = gate();
  others.cells = {"BM_a"};
  EXPECT_EQ(only.trend(others).exit_code, ExitCode::fine) << "bounds of other cells";
}

}  // namespace
}  // namespace spate::compare
