// Servers that are killed, or end, in the middle of a run, and are started again: what each of them
// has promised to keep is there, and the run goes on.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <memory>
#include <string>
#include <string_view>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "broker_access.h"
#include "gated_delivery.h"
#include "spate/clock.h"
#include "stepped_run.h"
#include "support/brokers.h"
#include "support/until.h"

namespace spate::drivers {
namespace {

using namespace testing_support;

constexpr std::int64_t kStartLimitNs = 60 * kSecond;
constexpr std::int64_t kOutageLimitNs =
    40 * kSecond;  // RabbitMQ is back after six, when all is well
constexpr std::uint32_t kCapacity = 256;
// Between two looks at the files of a server, which needs the core more than we do.
constexpr std::chrono::milliseconds kBetweenLooks{5};
// What is unknown or lost may never come. It begins when the connections have come back and all is
// sent, so it is for what a server needs that is there.
constexpr std::int64_t kDrainLimitNs = 5 * kSecond;

// How a broker is asked to keep what it has acknowledged, and whether that outlives its process.
struct Keeping {
  const char* driver;
  const char* setting;
  const char* value;
  bool keeps;
};

std::string text_of(const Keeping& keeping) {
  return fmt::format("{}_{}", keeping.setting, keeping.value);
}

std::vector<Keeping> keepings_of(std::string_view driver) {
  std::vector<Keeping> chosen;
  for (const Keeping& one :
       {Keeping{"redis", "appendonly", "off", false},
        Keeping{"redis", "appendonly", "always", true}, Keeping{"nats", "storage", "memory", false},
        Keeping{"nats", "storage", "file", true}, Keeping{"rabbitmq", "persistent", "no", false},
        Keeping{"rabbitmq", "persistent", "yes", true}}) {
    if (one.driver == driver && !accesses_of(driver).empty()) {
      chosen.push_back(one);
    }
  }
  return chosen;
}

class BrokerFaults : public testing::TestWithParam<Keeping> {
 protected:
  void SetUp() override {
    SPATE_NEEDS_BROKER(GetParam().driver);
    Address address = parse_address(driver().address, server().address());
    if (asked_for_by_the_client()) {
      address.settings[GetParam().setting] = GetParam().value;
    }
    broker_ = driver().open({address, kOutageLimitNs});
  }

  static const Driver& driver() { return driver_named(GetParam().driver); }
  // RabbitMQ takes so long to start that all of its tests have one server, to which a run's address
  // says what it is to keep.
  static bool asked_for_by_the_client() { return driver().name == "rabbitmq"; }
  LocalBroker& server() {
    if (asked_for_by_the_client()) {
      return *broker_for_test("rabbitmq").server;
    }
    if (own_ == nullptr) {
      own_ = driver().start(
          {.timeout_ns = kStartLimitNs, .settings = {{GetParam().setting, GetParam().value}}});
    }
    return *own_;
  }
  Broker& broker() { return *broker_; }

 private:
  std::unique_ptr<LocalBroker> own_;
  std::unique_ptr<Broker> broker_;
};

constexpr auto kName = [](const auto& test) { return text_of(test.param); };

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(BrokerFaults);  // a build may be without any driver
INSTANTIATE_TEST_SUITE_P(redis, BrokerFaults, testing::ValuesIn(keepings_of("redis")), kName);
INSTANTIATE_TEST_SUITE_P(nats, BrokerFaults, testing::ValuesIn(keepings_of("nats")), kName);
INSTANTIATE_TEST_SUITE_P(rabbitmq, BrokerFaults, testing::ValuesIn(keepings_of("rabbitmq")), kName);

// Where RabbitMQ's database has what was declared: first in its log, of which it takes the older
// part when it is to go into the table; then in the table, or in a log of the table's own.
constexpr std::array<const char*, 4> kDatabaseFiles{
    "LATEST.LOG", "PREVIOUS.LOG", "rabbit_durable_queue.DCL", "rabbit_durable_queue.DCD"};

bool has(const std::filesystem::path& file, const std::string& text) {
  std::ifstream bytes(file, std::ios::binary);
  return std::string((std::istreambuf_iterator<char>(bytes)), {}).find(text) != std::string::npos;
}

// RabbitMQ keeps the declaration of a queue in its own memory for a moment, from where SIGKILL
// takes it away. Whether one of the servers of ours has it on disk, by the run's name.
bool is_declared_on_disk(const std::string& run) {
  namespace fs = std::filesystem;
  std::error_code gone;  // what belongs to other tests comes and goes
  for (const auto& server : fs::directory_iterator(fs::temp_directory_path())) {
    if (!server.path().filename().string().starts_with("spate-rabbitmq-server-")) {
      continue;
    }
    for (const auto& node : fs::directory_iterator(server.path() / "data", gone)) {
      if (std::any_of(kDatabaseFiles.begin(), kDatabaseFiles.end(), [&](const char* file) {
            return has(node.path() / file, run + ".0.normal");
          })) {
        return true;
      }
    }
  }
  return false;
}

// A run at a constant rate, whose server goes away while it holds messages that it has acknowledged
// and nobody has read. How far the run may go at each step is said by the gate, not by the clock.
class Interrupted {
 public:
  Interrupted(Broker& broker, LocalBroker& server) : broker_(broker), server_(server) {
    gate_.most_sent = kBefore;
    gate_.most_received = kRead;
    run_.plan.drain_limit_ns = kDrainLimitNs;
    run_.delivery_on(broker, kCapacity);
    run_.delivery.emplace(std::make_unique<GatedDelivery>(std::move(*run_.delivery), gate_));
    run_.start();
  }

  void until_it_holds_messages() {
    ASSERT_TRUE(comes_true([&] { return gate_.received() == kRead && gate_.acked() == kBefore; }));
  }
  const std::string& name() const { return run_.name; }
  // After checked_report(): whether RabbitMQ itself had lost a queue of the run.
  bool a_queue_was_gone() const {
    return lines_.find("a queue was gone when the connection came back") != std::string::npos;
  }
  void goes_away(const std::function<void()>& how) {
    const int process = server_.process();
    away_ns_ = SteadyClock{}.now_ns();
    gate_.most_sent = kMeanwhile;
    ASSERT_TRUE(comes_true([&] { return gate_.acked() > kBefore; })) << "no load when it goes";
    const std::uint64_t acked = gate_.acked();
    how();
    acked_before_ = gate_.acked();
    acked_meanwhile_ = acked_before_ - acked;
    gate_.most_received = Gate::kAll;
    server_.start_again(kStartLimitNs);
    EXPECT_NE(server_.process(), process);
    comes_back();
  }

  // Nobody was told later than this of what it took while it went.
  std::uint64_t most_taken_meanwhile() const { return acked_meanwhile_ + kCapacity; }

  // Whatever it kept: the run is accounted for, and all is well after the server's return.
  RunReport checked_report() {
    RunReport report = run_.report();
    EXPECT_TRUE(report.balanced());
    EXPECT_EQ(report.account.anomalies + report.account.misreported, 0U);
    EXPECT_EQ(report.account.aliens + report.account.corrupted, 0U);
    EXPECT_EQ(report.rejected + report.shed, 0U);
    EXPECT_LE(report.account.unknown, kCapacity) << "more than was under way";
    // What was acknowledged before it went, though we may have read that afterwards.
    EXPECT_LE(report.account.lost, acked_before_ - kRead + kCapacity)
        << "some was lost after its return";
    EXPECT_GT(gate_.acked(), acked_before_ + 1000) << "no load after its return";
    EXPECT_LT(broker_.troubles().first_said_since(away_ns_), away_ns_ + kOutageLimitNs);
    lines_ = said(broker_);
    EXPECT_FALSE(broker_.troubles().take_given_up()) << lines_;
    EXPECT_THAT(lines_, testing::HasSubstr("the connection was lost"));
    return report;
  }

 private:
  // What is sent after its return arrives; there is more to send than that.
  void comes_back() {
    const std::int64_t back_ns = SteadyClock{}.now_ns();
    gate_.most_sent = kUntilBack;
    EXPECT_TRUE(comes_true([&] { return gate_.all_received_since(back_ns, 1); }));
    gate_.most_sent = Gate::kAll;
  }

  static constexpr std::uint64_t kRead = 500;
  static constexpr std::uint64_t kAhead = 1000;  // more than a consumer is sent ahead
  static constexpr std::uint64_t kBefore = kRead + kAhead;
  static constexpr std::uint64_t kMeanwhile = kBefore + 2000;
  static constexpr std::uint64_t kUntilBack = kMeanwhile + 4000;

  Broker& broker_;
  LocalBroker& server_;
  Gate gate_;
  SteppedRun run_{patient_plan(5000, 4000)};  // more than twice as many deliveries
  std::int64_t away_ns_ = 0;
  std::uint64_t acked_before_ = 0;
  std::uint64_t acked_meanwhile_ = 0;
  std::string lines_;
};

TEST_P(BrokerFaults, KeepsWhatItPromisedWhenItIsKilled) {
  Interrupted run(broker(), server());
  ASSERT_NO_FATAL_FAILURE(run.until_it_holds_messages());
  if (driver().name == "rabbitmq") {
    ASSERT_TRUE(comes_true([&] {
      std::this_thread::sleep_for(kBetweenLooks);
      return is_declared_on_disk(run.name());
    }));
  }
  ASSERT_NO_FATAL_FAILURE(run.goes_away([&] { server().kill(); }));
  const RunReport report = run.checked_report();
  if (driver().name == "rabbitmq" && run.a_queue_was_gone()) {
    // Once in some twenty times it comes back without a durable queue that its log had: with the
    // queue goes what was in it, and the ledger has to say so.
    EXPECT_GT(report.account.lost, 0U);
  } else if (GetParam().keeps) {
    EXPECT_EQ(report.account.lost, 0U);
  } else {
    EXPECT_GT(report.account.lost, 0U);
  }
}

TEST_P(BrokerFaults, KeepsWhatItPromisedWhenItIsAskedToEnd) {
  if (asked_for_by_the_client() && !GetParam().keeps) {
    GTEST_SKIP() << "as when it is killed, and it takes long";
  }
  Interrupted run(broker(), server());
  ASSERT_NO_FATAL_FAILURE(run.until_it_holds_messages());
  ASSERT_NO_FATAL_FAILURE(run.goes_away([&] { server().end(kStartLimitNs); }));
  const RunReport report = run.checked_report();
  if (!GetParam().keeps) {
    EXPECT_GT(report.account.lost, 0U);
  } else if (driver().name == "nats") {
    // It ends a stream's readers before it ends the stream. What comes in between it acknowledges,
    // and as nobody wants to read it, it does not keep it.
    EXPECT_LE(report.account.lost, run.most_taken_meanwhile());
  } else {
    EXPECT_EQ(report.account.lost, 0U);
  }
}

}  // namespace
}  // namespace spate::drivers
