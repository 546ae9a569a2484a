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
  Kept kept;
  const std::vector<double> noise = around(1, 20);
  for (std::size_t i = 0; i < 10 * levels.size(); ++i) {
    json row = delivery_row();
    row["cpu_time"] = 1000 * noise[i * 7 % 20] * levels[i / 10];
    kept.add(i, {row}, i);
  }
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
  EXPECT_THAT(trend_text(trend, {}, Script::ascii), HasSubstr("15 are\n     needed"));
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

// Seven tenths of each value are of the one before, and the last ten are three tenths more.
TEST(TrendGate, WhatMayBeWanderingIsInconclusiveAndNeverFine) {
  std::size_t doubtful = 0;
  for (std::uint64_t seed = 1; seed <= 12; ++seed) {
    Kept kept;
    Draws draws(seed);
    double now = 0;
    for (std::size_t i = 0; i < 60; ++i) {
      now = 0.7 * now + 0.07 * (draws.uniform() + draws.uniform() - 1);
      json row = delivery_row();
      row["cpu_time"] = 1000 * std::exp(now) * (i < 50 ? 1 : 1.3);
      kept.add(i, {row}, i);
    }
    const Trend trend = kept.trend(gate());
    if (!line_of(trend.series.at(0), kCpuTime).doubtful) {
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

}  // namespace
}  // namespace spate::compare
