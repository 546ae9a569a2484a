#include "rounding.h"

#include <gtest/gtest.h>

namespace spate::bench {
namespace {

Json aggregate(const char* name, double real_time, double crashed) {
  return {
      {"aggregate_name", name}, {"repetitions", 3}, {"real_time", real_time}, {"crashed", crashed}};
}

TEST(Rounding, IsNoSpread) {
  // As Google Benchmark computes it of 5562531.0939907553, three times.
  Json rows{aggregate("mean", 5562531.0939907553, 12.5), aggregate("median", 1e-9, 1e-9),
            aggregate("stddev", 0.13, 0.5), aggregate("cv", 2.3e-8, 0.04)};
  clear_rounding(rows, 0);
  EXPECT_EQ(rows[2]["real_time"], 0);
  EXPECT_EQ(rows[3]["real_time"], 0);
  EXPECT_EQ(rows[2]["crashed"], 0.5) << "a spread stays";
  EXPECT_EQ(rows[3]["crashed"], 0.04);
  EXPECT_EQ(rows[1]["real_time"], 1e-9) << "what is no spread stays";
}

TEST(Rounding, IsClearedInTheLatestRowsAlone) {
  Json rows{aggregate("mean", 1.0, 1.0), aggregate("stddev", 1e-12, 1e-12)};
  clear_rounding(rows, 2);
  EXPECT_EQ(rows[1]["real_time"], 1e-12);
  clear_rounding(rows, 0);
  EXPECT_EQ(rows[1]["real_time"], 0);
}

}  // namespace
}  // namespace spate::bench
