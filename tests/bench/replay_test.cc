#include "replay.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace spate::bench {
namespace {

using testing::AllOf;
using testing::HasSubstr;

constexpr const char* kDigest = "00000000000000d1";
constexpr const char* kMockDigest = "00000000000000d2";

Json row(const std::string& mode) {
  return {{"shed", 0},
          {"spate",
           {{"cell", {{"mode", mode}, {"rate", 100}, {"chaos", {{"downtime_ns", 5}}}}},
            {"digest", kDigest},
            {"mock_digest", kMockDigest}}}};
}

TEST(Replay, TheMocksDrawsRepeatWhereTheSeedFixesWhatItGets) {
  const std::string both = std::string(kDigest) + ":" + kMockDigest;
  EXPECT_EQ(repeatable_digests(row("mock")), both);
  EXPECT_EQ(repeatable_digests(row("sim")), both);
  EXPECT_EQ(repeatable_digests(row("queue")), kDigest);
}

TEST(Replay, OnTheWallClockTheyDoNotWhereTheTimeDecides) {
  for (const char* const mode : {"mock", "sim"}) {
    Json shed = row(mode);
    shed["shed"] = 1;
    Json timed = row(mode);
    timed["spate"]["cell"]["rate"] = 0;  // and there is a downtime
    for (const Json& doubtful : {shed, timed}) {
      EXPECT_EQ(repeatable_digests(doubtful) == kDigest, mode == std::string("mock")) << mode;
    }
  }
  Json loop = row("mock");
  loop["spate"]["cell"]["rate"] = 0;
  loop["spate"]["cell"]["chaos"]["downtime_ns"] = 0;
  EXPECT_NE(repeatable_digests(loop), kDigest);
}

TEST(Replay, NamesTheDigestThatDiffers) {
  const Json run = row("mock");
  EXPECT_EQ(digest_difference(run, ""), "");
  EXPECT_EQ(digest_difference(run, kDigest), "");
  EXPECT_EQ(digest_difference(run, repeatable_digests(run)), "");
  EXPECT_THAT(digest_difference(run, "00000000000000d3"),
              AllOf(HasSubstr("digest 00000000000000d1"), HasSubstr("expected 00000000000000d3")));
  EXPECT_THAT(digest_difference(run, std::string(kDigest) + ":00000000000000d3"),
              AllOf(HasSubstr("the mock's digest 00000000000000d2"),
                    HasSubstr("expected 00000000000000d3")));
}

// So that both rows of a comparison can be held against what the mock's has.
TEST(Replay, HoldsTheMocksHalfAgainstRunsOverTheMockAlone) {
  const std::string other_draws = std::string(kDigest) + ":00000000000000d3";
  EXPECT_EQ(digest_difference(row("queue"), other_draws), "");
  EXPECT_NE(digest_difference(row("sim"), other_draws), "");
  EXPECT_THAT(digest_difference(row("queue"), "00000000000000d3:00000000000000d2"),
              HasSubstr("digest 00000000000000d1 is not"));
}

}  // namespace
}  // namespace spate::bench
