#include "fault_text.h"

#include <gtest/gtest.h>

#include "support/expect_error.h"

namespace spate::bench {
namespace {

using testing_support::expect_error;

constexpr std::int64_t kMillisecond = 1'000'000;
constexpr std::int64_t kSecond = 1'000 * kMillisecond;

Fault parsed(std::string_view text) { return parse_fault("--fault", text); }

TEST(FaultText, SaysKindTimeAndLength) {
  const Fault kill = parsed("3s:kill-broker,restart=2s");
  EXPECT_EQ(kill.kind, Fault::Kind::kill_broker);
  EXPECT_EQ(kill.at_ns, 3 * kSecond);
  EXPECT_EQ(kill.for_ns, 2 * kSecond);
  EXPECT_EQ(kill.end_ns(), 5 * kSecond);

  const Fault latency = parsed("600ms:latency,add=50ms,jitter=20ms,for=2s,spread=100ms");
  EXPECT_EQ(latency.kind, Fault::Kind::latency);
  EXPECT_EQ(latency.at_ns, 600 * kMillisecond);
  EXPECT_EQ(latency.add_ns, 50 * kMillisecond);
  EXPECT_EQ(latency.jitter_ns, 20 * kMillisecond);
  EXPECT_EQ(latency.for_ns, 2 * kSecond);
  EXPECT_EQ(latency.spread_ns, 100 * kMillisecond);
  EXPECT_EQ(latency.end_ns(), 2700 * kMillisecond);
}

TEST(FaultText, AssumesASecondWhereNoLengthIsGiven) {
  for (const char* const text :
       {"1s:kill-broker", "1s:pause-broker", "1s:latency,add=1ms", "1s:bandwidth,limit=1MB/s",
        "1s:blackhole", "1s:slice", "1s:drop-acks", "1s:stall-receivers"}) {
    EXPECT_EQ(parsed(text).for_ns, kSecond) << text;
  }
  for (const char* const text : {"1s:restart-broker", "1s:reset-connections", "1s:half-close"}) {
    EXPECT_EQ(parsed(text).for_ns, 0) << text;
  }
  EXPECT_EQ(parsed("1s:kill-broker,restart=0s").for_ns, 0);
}

TEST(FaultText, KnowsRates) {
  const auto limit = [](const std::string& rate) {
    return parsed("1s:bandwidth,limit=" + rate).bytes_per_second;
  };
  EXPECT_EQ(limit("1MB/s"), 1'000'000U);
  EXPECT_EQ(limit("1.5kB/s"), 1'500U);
  EXPECT_EQ(limit("64KiB/s"), 65'536U);
  EXPECT_EQ(limit("2MiB/s"), 2'097'152U);
  EXPECT_EQ(limit("3GB/s"), 3'000'000'000U);
  EXPECT_EQ(limit("1B/s"), 1U);
}

TEST(FaultText, IsWrittenAsItIsRead) {
  for (const char* const text :
       {"3s:kill-broker,restart=500ms", "3s:kill-broker,restart=0s", "3s:kill-broker",
        "2500us:restart-broker", "0s:pause-broker,for=2s", "4s:reset-connections",
        "9s:half-close,spread=1s", "6s:latency,add=50ms,jitter=20ms,for=2s",
        "7s:bandwidth,limit=1MB/s,for=2s", "7s:bandwidth,limit=1001B/s", "8s:blackhole",
        "10s:slice,for=1min", "11s:drop-acks", "12s:stall-receivers,for=2s",
        "1h:drop-acks,for=7ns"}) {
    EXPECT_EQ(fault_text(parsed(text)), text);
    EXPECT_EQ(parsed(fault_text(parsed(text))), parsed(text));
  }
}

TEST(FaultText, RefusesWhatItDoesNotUnderstand) {
  const auto refused = [](const char* text, const char* why) {
    expect_error([&] { parsed(text); }, {"--fault", text, why});
  };
  refused("", "give TIME:KIND");
  refused("kill-broker", "give TIME:KIND");
  refused("3s:kill", "there is no fault 'kill'; use kill-broker, restart-broker, ");
  refused("3:kill-broker", "its time is '3'");
  refused("-1s:kill-broker", "its time is '-1s'");
  refused("2000h:kill-broker", "its time is '2000h'");
  EXPECT_EQ(parsed("23h:kill-broker").at_ns, 23 * 3600 * kSecond);
  refused("3s:kill-broker,for=1s", "kill-broker takes no 'for'; use restart, spread");
  refused("3s:reset-connections,for=1s", "takes no 'for'; use spread");
  refused("3s:pause-broker,for", "'for' has no value");
  refused("3s:pause-broker,", "'' has no value");
  refused("3s:pause-broker,for=1s,for=2s", "'for' is there twice");
  refused("3s:pause-broker,for=0s", "it lasts no time; give for=TIME");
  refused("3s:pause-broker,for=long", "for is 'long'; give 0 to 1h");
  refused("3s:latency", "it adds nothing; give add=TIME");
  refused("3s:latency,add=0ms", "it adds nothing");
  refused("3s:bandwidth", "give limit=RATE");
  refused("3s:bandwidth,limit=0B/s", "limit is '0B/s'; give 1B/s to 1000GB/s");
  refused("3s:bandwidth,limit=1MB", "limit is '1MB'");
  refused("3s:bandwidth,limit=nan", "limit is 'nan'");
}

TEST(FaultText, TellsAllKindsInItsUsage) {
  for (const std::string_view name : kFaultNames) {
    EXPECT_NE(fault_usage().find(name), std::string::npos) << name;
  }
  EXPECT_NE(fault_usage(true).find("drop-acks"), std::string::npos);
  EXPECT_EQ(fault_usage(true).find("kill-broker"), std::string::npos);
}

TEST(FaultText, LetsOneFaultAtATimeHaveTheProcess) {
  const auto check = [](std::initializer_list<const char*> texts) {
    std::vector<Fault> plan;
    for (const char* const text : texts) {
      plan.push_back(parsed(text));
    }
    check_faults("--fault", plan);
  };
  EXPECT_NO_THROW(check({"1s:pause-broker,for=1s", "2001ms:kill-broker", "1s:latency,add=1ms"}));
  EXPECT_NO_THROW(check({"1s:latency,add=1ms", "1s:blackhole", "1s:slice"}));
  expect_error(
      [&] {
        check({"2s:kill-broker", "1s:pause-broker,for=1s"});
      },
      {"--fault '1s:pause-broker' and '2s:kill-broker'", "when the other has ended"});
  expect_error(
      [&] {
        check({"1s:kill-broker,restart=10ms,spread=1s", "2s:pause-broker"});
      },
      {"want the broker's process at once"});
}

TEST(LatestMoment, IsTheBeginningOrTheEnd) {
  ExecutedFault executed;
  executed.fault = parse_fault("--fault", "1s:slice,for=2s");
  executed.begun_ns = 1001;
  EXPECT_EQ(latest_moment(executed)->at_ns, 1001);
  EXPECT_EQ(latest_moment(executed)->text, "begins 1s:slice,for=2s");
  executed.ended_ns = 2002;
  executed.trouble = "it could not";
  EXPECT_EQ(latest_moment(executed)->at_ns, 2002);
  EXPECT_EQ(latest_moment(executed)->text, "ends 1s:slice,for=2s: it could not");
}

TEST(LatestMoment, IsToldOnceOfWhatIsOverAtOnce) {
  ExecutedFault executed;
  executed.fault = parse_fault("--fault", "1s:half-close");
  executed.begun_ns = 1001;
  EXPECT_TRUE(latest_moment(executed));
  executed.ended_ns = 1002;
  EXPECT_FALSE(latest_moment(executed));
}

}  // namespace
}  // namespace spate::bench
