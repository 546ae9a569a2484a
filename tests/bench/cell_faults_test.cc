#include "cell_faults.h"

#include <gtest/gtest.h>

#include "fault_text.h"
#include "spate/drivers/broker.h"
#include "support/expect_error.h"

namespace spate::bench {
namespace {

using testing_support::expect_error;

constexpr std::int64_t kSecond = 1'000'000'000;

// Ten seconds at 1,000 messages a second over a Redis server of our own.
Options some_options() {
  Options options;
  options.modes = {"redis"};
  options.rates = {1000};
  options.duration_ns = 10 * kSecond;
  options.brokers.start = true;
  options.brokers.timeout_ns = 5 * kSecond;
  options.chaos = {ChaosProfile::off()};
  return options;
}

ChaosProfile with_faults(std::initializer_list<const char*> texts) {
  ChaosProfile profile;
  for (const char* const text : texts) {
    profile.faults.push_back(parse_fault("--fault", text));
  }
  return profile;
}

std::vector<std::string> texts_of(const ChaosProfile& profile, std::string_view mode,
                                  const Options& options) {
  std::vector<std::string> texts;
  for (const Fault& fault :
       faults_of(profile, faulted_cell(mode, options.rates.front(), options), options)) {
    texts.push_back(fault_text(fault));
  }
  return texts;
}

using Texts = std::vector<std::string>;

drivers::Address address_of(std::string_view mode, std::string_view url) {
  return parse_address(drivers::driver_named(mode).address, url);
}

TEST(CellFaults, AreThoseOfTheProfileWhereThereIsABrokerAndASchedule) {
  const ChaosProfile profile = with_faults({"1s:slice"});
  Options options = some_options();
  EXPECT_EQ(texts_of(profile, "redis", options), Texts{"1s:slice"});
  for (const char* const mode : {"mock", "queue", "sim"}) {
    EXPECT_EQ(texts_of(profile, mode, options), Texts{}) << mode;
  }
  options.rates = {0};
  EXPECT_EQ(texts_of(profile, "redis", options), Texts{});
}

TEST(CellFaults, OfAStormAreWhatTheServerAllows) {
  const ChaosProfile storm = ChaosProfile::storm();
  Options options = some_options();
  const std::string pause = "1s:pause-broker,for=500ms";
  const std::string reset = "3s:reset-connections";
  EXPECT_EQ(texts_of(storm, "redis", options), (Texts{pause, reset}));
  EXPECT_EQ(texts_of(storm, "kafka", options), Texts{reset}) << "its stand-in is no process";
  EXPECT_EQ(texts_of(storm, "queue", options), Texts{});
  options.brokers.addresses["redis"] = address_of("redis", "127.0.0.1");
  EXPECT_EQ(texts_of(storm, "redis", options), Texts{reset}) << "it is somebody else's";
  options.brokers.addresses["nats"] = address_of("nats", "tls://127.0.0.1");
  EXPECT_EQ(texts_of(storm, "nats", options), Texts{}) << "its certificate names no proxy";
  EXPECT_EQ(texts_of(ChaosProfile::on(), "redis", options), Texts{});
}

TEST(CellFaults, OfAStormWantARunThatIsLongEnough) {
  const ChaosProfile storm = ChaosProfile::storm();
  Options options = some_options();
  options.duration_ns = 9 * kSecond;
  EXPECT_EQ(texts_of(storm, "redis", options).size(), 2U);
  options.duration_ns = 9 * kSecond - 1;
  EXPECT_EQ(texts_of(storm, "redis", options).size(), 0U);
  options.messages = 9000;  // in its place
  EXPECT_EQ(texts_of(storm, "redis", options).size(), 2U);
  options.plan.recover_within_ns = 6 * kSecond;
  EXPECT_EQ(texts_of(storm, "redis", options).size(), 0U);
}

TEST(CellFaults, OfAStormGiveWayToThoseThatAreGiven) {
  ChaosProfile storm = ChaosProfile::storm();
  storm.faults = with_faults({"2s:half-close"}).faults;
  EXPECT_EQ(texts_of(storm, "redis", some_options()), Texts{"2s:half-close"});
}

void expect_refused(const Options& options, std::initializer_list<const char*> faults,
                    std::initializer_list<const char*> pieces) {
  Options with = options;
  with.chaos = {with_faults(faults)};
  expect_error([&] { check_faults(with); }, pieces);
}

TEST(CellFaults, AreRefusedWhereTheyCannotBe) {
  Options options = some_options();
  Options fine = options;
  fine.chaos = {with_faults({"1s:kill-broker", "3s:slice"})};
  EXPECT_NO_THROW(check_faults(fine));
  expect_refused(options, {"1s:kill-broker,restart=5s"}, {"every handle has given up"});
  expect_refused(options, {"1s:slice", "3s:slice,for=1001ms"},
                 {"may end after 4.00 s", "give --duration 10001ms or more"});
  expect_refused(options, {"4s:slice,for=540000001ns"}, {"give --duration 10541ms or more"});
  expect_refused(options, {"1s:pause-broker", "1500ms:kill-broker"}, {"at once"});
  options.duration_ns = 30 * 3600 * kSecond;
  expect_refused(options, {"1s:slice"}, {"give a --duration of 29h or less"});
  expect_refused(options, {"30h:slice,for=1s"}, {"may end after 108001s", "let it begin earlier"});
  EXPECT_EQ(texts_of(ChaosProfile::storm(), "redis", options), Texts{});
  options = some_options();
  options.brokers.addresses["redis"] = address_of("redis", "127.0.0.1");
  expect_refused(options, {"1s:pause-broker"},
                 {"mode 'redis' has no server that was started here"});
  options.modes = {"mock", "kafka"};
  expect_refused(options, {"1s:pause-broker"}, {"mode 'kafka'", "a fault of the way"});
}

TEST(CellFaults, MayHaveNoCellAtAllAsTheyMayHaveSome) {
  Options options = some_options();
  options.chaos = {with_faults({"1s:slice"})};
  for (const char* const mode : {"mock", "queue", "sim"}) {
    options.modes = {mode};
    EXPECT_NO_THROW(check_faults(options)) << mode;
  }
  options.modes = {"redis"};
  options.rates = {0};
  EXPECT_NO_THROW(check_faults(options));
  options.rates = {1000};
  options.brokers.addresses["redis"] = address_of("redis", "127.0.0.1");
  expect_refused(options, {"1s:pause-broker"}, {"has no server that was started here"});
}

}  // namespace
}  // namespace spate::bench
