#include "rate_flags.h"

#include <gtest/gtest.h>

#include <vector>

#include "stress_options.h"

namespace spate::bench {
namespace {

StressOptions parsed(const std::vector<const char*>& flags) {
  std::vector<const char*> argv{"spate_stress"};
  argv.insert(argv.end(), flags.begin(), flags.end());
  return parse_stress_options(static_cast<int>(argv.size()), argv.data()).value();
}

TEST(RateFlags, ASearchHasDefaultsOfItsOwn) {
  EXPECT_FALSE(parsed({}).find_rate);
  const StressOptions options = parsed({"--find-rate", "p99<20ms,lost=0"});
  ASSERT_TRUE(options.find_rate);
  EXPECT_EQ(options.find_rate->objective.conditions().size(), 2U);
  EXPECT_EQ(options.find_rate->limits.start, 1000U);
  EXPECT_EQ(options.find_rate->limits.lowest, 10U);
  EXPECT_EQ(options.find_rate->limits.highest, 10'000'000U);
  EXPECT_EQ(options.find_rate->limits.resolution_thousandths, 20U);
  EXPECT_EQ(options.matrix.duration_ns, 2'000'000'000);
  EXPECT_FALSE(options.find_rate->duration_given);
  EXPECT_FALSE(options.find_rate->highest_given);
}

TEST(RateFlags, ASearchTakesWhatItIsGiven) {
  const StressOptions options =
      parsed({"--find-rate=lost=0", "--rate=50", "--max-rate=400", "--rate-resolution=0.5%",
              "--duration=10s", "--sim", "--seed=7", "--workers=1"});
  ASSERT_TRUE(options.find_rate);
  EXPECT_EQ(options.find_rate->limits.start, 50U);
  EXPECT_EQ(options.find_rate->limits.lowest, 1U);
  EXPECT_EQ(options.find_rate->limits.highest, 400U);
  EXPECT_EQ(options.find_rate->limits.resolution_thousandths, 5U);
  EXPECT_TRUE(options.find_rate->duration_given);
  EXPECT_TRUE(options.find_rate->highest_given);
  EXPECT_EQ(repeat_search_command(options),
            "spate_stress --sim --rate=50 --find-rate=lost=0 --max-rate=400 "
            "--rate-resolution=0.5% --duration=10s --seed=7 --workers=1");
}

}  // namespace
}  // namespace spate::bench
