#include "conditions.h"

#include <gtest/gtest.h>

#include <set>
#include <vector>

#include "spate/clock.h"

namespace spate::proxy {
namespace {

constexpr std::int64_t kMillisecondNs = 1'000'000;

Fault latency(std::int64_t add_ns, std::int64_t jitter_ns) {
  Fault fault{.kind = Fault::Kind::latency};
  fault.add_ns = add_ns;
  fault.jitter_ns = jitter_ns;
  return fault;
}

Fault bandwidth(std::uint64_t bytes_per_second) {
  Fault fault{.kind = Fault::Kind::bandwidth};
  fault.bytes_per_second = bytes_per_second;
  return fault;
}

TEST(FaultsInForce, ComeToNothingAtFirst) {
  FaultsInForce faults;
  EXPECT_EQ(faults.conditions(), Conditions{});
  EXPECT_TRUE(faults.conditions().free());
  faults.begin({.kind = Fault::Kind::half_close});
  faults.begin({.kind = Fault::Kind::reset_connections});
  EXPECT_EQ(faults.conditions(), Conditions{});
}

TEST(FaultsInForce, AddUp) {
  FaultsInForce faults;
  faults.begin(latency(10, 3));
  faults.begin(latency(20, 0));
  faults.begin(latency(5, 7));
  EXPECT_EQ(faults.conditions().add_ns, 35);
  EXPECT_EQ(faults.conditions().jitters_ns, (std::vector<std::int64_t>{3, 7}));
  faults.begin(bandwidth(1000));
  faults.begin(bandwidth(100));
  faults.begin(bandwidth(500));
  EXPECT_EQ(faults.conditions().bytes_per_second, 100U);
  faults.end(bandwidth(100));
  EXPECT_EQ(faults.conditions().bytes_per_second, 500U);
  EXPECT_FALSE(faults.conditions().free());
}

TEST(FaultsInForce, OfOneKindEndOneByOne) {
  FaultsInForce faults;
  const Fault hole{.kind = Fault::Kind::blackhole};
  faults.begin(hole);
  faults.begin(hole);
  faults.end(hole);
  EXPECT_TRUE(faults.conditions().blackhole);
  faults.end(hole);
  EXPECT_FALSE(faults.conditions().blackhole);
  faults.end(hole);
  faults.begin(hole);
  EXPECT_TRUE(faults.conditions().blackhole) << "one that was not there has not ended";
}

TEST(Conditions, DrawAJitterFromSeedAndPlace) {
  FaultsInForce faults;
  faults.begin(latency(1000, 100));
  const Conditions& conditions = faults.conditions();
  std::set<std::int64_t> seen;
  for (std::uint64_t offset = 0; offset < 10'000; ++offset) {
    const std::int64_t delay_ns = conditions.delay_ns(MessageDraws(1, 0, offset));
    EXPECT_EQ(delay_ns, conditions.delay_ns(MessageDraws(1, 0, offset)));
    seen.insert(delay_ns);
  }
  EXPECT_EQ(seen.size(), 101U) << "each of them, and both ends";
  EXPECT_EQ(*seen.begin(), 1000);
  EXPECT_EQ(*seen.rbegin(), 1100);
  faults.begin(latency(0, 1'000'000'000));
  EXPECT_NE(conditions.delay_ns(MessageDraws(1, 0, 0)), conditions.delay_ns(MessageDraws(2, 0, 0)));
}

TEST(Conditions, HoldWhatADelayNeedsAndNoMore) {
  Conditions conditions;
  EXPECT_EQ(conditions.held_bytes(), 1U);
  conditions.add_ns = 10 * kMillisecondNs;
  EXPECT_EQ(conditions.held_bytes(), 1'250'001U) << "at 1 Gbit/s";
  conditions.jitters_ns = {10 * kMillisecondNs};
  EXPECT_EQ(conditions.held_bytes(), 2'500'001U);
  conditions.bytes_per_second = 100'000;
  EXPECT_EQ(conditions.held_bytes(), 2001U);
  conditions.bytes_per_second = 0;
  conditions.add_ns = kNever / 4;
  EXPECT_EQ(conditions.held_bytes(), kUnderWayBytes);
}

TEST(Conditions, ReadNoMoreThanABandwidthTakesSoon) {
  Conditions conditions;
  EXPECT_EQ(conditions.read_bytes(), kReadBytes);
  conditions.bytes_per_second = 1;
  EXPECT_EQ(conditions.read_bytes(), 4096U);
  conditions.bytes_per_second = 1'000'000;
  EXPECT_EQ(conditions.read_bytes(), 20'000U);
  conditions.bytes_per_second = ~std::uint64_t{0};
  EXPECT_EQ(conditions.read_bytes(), kReadBytes);
}

}  // namespace
}  // namespace spate::proxy
