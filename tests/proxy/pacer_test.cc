#include "pacer.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "spate/clock.h"
#include "spate/random.h"

namespace spate::proxy {
namespace {

constexpr std::int64_t kSecondNs = 1'000'000'000;
constexpr std::int64_t kMillisecondNs = 1'000'000;
constexpr std::size_t kMany = 1 << 30;

// Sends as much as may go whenever the pacer says that some may, and a little later.
std::size_t sent_within(Pacer& pacer, std::int64_t begin_ns, std::int64_t end_ns,
                        std::int64_t late_ns) {
  std::size_t sent = 0;
  std::int64_t now_ns = begin_ns;
  for (std::uint64_t step = 0; now_ns < end_ns; ++step) {
    const std::size_t some = pacer.allowed(now_ns, kMany);
    pacer.spend(now_ns, some);
    sent += some;
    const auto late = static_cast<std::uint64_t>(late_ns) + 1;
    now_ns = std::max(now_ns, pacer.ready_ns(kMany)) +
             static_cast<std::int64_t>(scaled(mix64(step), late));
  }
  return sent;
}

TEST(Pacer, KeepsToItsRate) {
  for (const std::uint64_t rate :
       {std::uint64_t{1}, std::uint64_t{1000}, std::uint64_t{100'000}, std::uint64_t{1} << 33}) {
    Pacer pacer;
    pacer.set_rate(7, rate);
    const std::size_t sent = sent_within(pacer, 7, 7 + 10 * kSecondNs, 2 * kMillisecondNs);
    EXPECT_LE(sent, 10 * rate + rate / 100 + 1) << rate;
    EXPECT_GE(sent, 10 * rate - rate / 100 - 1) << rate;
  }
}

TEST(Pacer, HasNoBursts) {
  Pacer pacer;
  pacer.set_rate(0, 1'000'000);
  EXPECT_EQ(pacer.allowed(0, kMany), 0U) << "nothing is saved up before it began";
  EXPECT_EQ(pacer.allowed(3 * kMillisecondNs, kMany), 3000U);
  EXPECT_EQ(pacer.allowed(3 * kMillisecondNs, 100), 100U);
  EXPECT_EQ(pacer.allowed(60 * kSecondNs, kMany), 10'000U) << "10 ms are made up for";
  pacer.spend(60 * kSecondNs, 10'000);
  EXPECT_EQ(pacer.allowed(60 * kSecondNs, kMany), 0U);
}

TEST(Pacer, WakesForSmallPieces) {
  Pacer pacer;
  pacer.set_rate(0, 1'000'000);
  EXPECT_EQ(pacer.ready_ns(kMany), 5 * kMillisecondNs);
  EXPECT_EQ(pacer.ready_ns(1000), kMillisecondNs);
  for (const std::size_t wanted : {std::size_t{1}, std::size_t{999}, kMany}) {
    EXPECT_GE(pacer.allowed(pacer.ready_ns(wanted), wanted), std::min<std::size_t>(wanted, 5000));
  }
  pacer.set_rate(0, 1);
  EXPECT_EQ(pacer.ready_ns(kMany), kSecondNs);
  EXPECT_EQ(pacer.allowed(kSecondNs, kMany), 1U);
}

TEST(Pacer, StartsAnewWithANewRate) {
  Pacer pacer;
  EXPECT_EQ(pacer.allowed(0, kMany), kMany);
  pacer.set_rate(kSecondNs, 1000);
  EXPECT_EQ(pacer.allowed(kSecondNs, kMany), 0U);
  pacer.set_rate(2 * kSecondNs, 1000);  // the same: nothing is lost
  EXPECT_EQ(pacer.allowed(2 * kSecondNs, kMany), 10U);
  pacer.set_rate(2 * kSecondNs, 2000);
  EXPECT_EQ(pacer.allowed(2 * kSecondNs, kMany), 0U);
  pacer.set_rate(2 * kSecondNs, 0);
  EXPECT_EQ(pacer.allowed(2 * kSecondNs, kMany), kMany);
}

}  // namespace
}  // namespace spate::proxy
