#include <gtest/gtest.h>

#include "lib/src/idle.h"
#include "spate/clock.h"

namespace spate {
namespace {

constexpr std::int64_t kStart = 1'000'000'000;
constexpr std::int64_t kSilence = Naps::kEveryNs;

Naps active_at_start() {
  Naps naps;
  naps.acted(kStart);
  naps.heard(kStart);
  return naps;
}

TEST(Naps, OneIsDueAfterASilence) {
  const Naps naps = active_at_start();
  EXPECT_FALSE(naps.due(kStart + kSilence - 1, kNever));
  EXPECT_TRUE(naps.due(kStart + kSilence, kNever));
}

TEST(Naps, NoneDelaysWhatIsAboutToBeSent) {
  const Naps naps = active_at_start();
  EXPECT_FALSE(naps.due(kStart + kSilence, kStart + kSilence + kWorthwhileSleepNs));
  EXPECT_TRUE(naps.due(kStart + kSilence, kStart + kSilence + kWorthwhileSleepNs + 1));
}

TEST(Naps, AfterOneComesASpanWithout) {
  Naps naps = active_at_start();
  naps.napped(kStart + kSilence);
  EXPECT_FALSE(naps.due(kStart + 2 * kSilence - 1, kNever));
  EXPECT_TRUE(naps.due(kStart + 2 * kSilence, kNever));
}

// A server that was starved by its own load would answer no more, however much were sent.
TEST(Naps, WhoHearsNothingTakesThemThoughItSends) {
  Naps naps = active_at_start();
  const std::int64_t deaf_ns = kStart + Naps::kDeafNs;
  naps.acted(deaf_ns - 1);
  EXPECT_FALSE(naps.due(deaf_ns - 1, deaf_ns));
  EXPECT_TRUE(naps.due(deaf_ns, deaf_ns));
}

}  // namespace
}  // namespace spate
