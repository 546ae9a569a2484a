#include "broker_faults.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "spate/clock.h"
#include "spate/error.h"
#include "support/until.h"

namespace spate::bench {
namespace {

using testing::ElementsAre;
using testing_support::comes_true;

constexpr std::int64_t kMillisecond = 1'000'000;

// Writes down what it is told.
class Server final : public drivers::LocalBroker {
 public:
  std::string address() const override { return "redis://127.0.0.1"; }
  int process() const override { return 1; }
  void kill() override { note("kill"); }
  void end(std::int64_t /*timeout_ns*/) override { note("end"); }
  void start_again(std::int64_t /*timeout_ns*/) override {
    note("start again");
    if (!comes_back) {
      throw Error("it does not come back");
    }
  }
  void pause() override { note("pause"); }
  void resume() override { note("resume"); }

  std::vector<std::string> told() {
    const std::lock_guard lock(mutex_);
    return told_;
  }
  bool comes_back = true;

 private:
  void note(const char* what) {
    const std::lock_guard lock(mutex_);
    told_.emplace_back(what);
  }

  std::mutex mutex_;
  std::vector<std::string> told_;
};

class BrokerFaults : public testing::Test {
 protected:
  std::vector<ExecutedFault> execute(const std::vector<Fault>& schedule, std::size_t calls) {
    const auto injector = make_injector(schedule, {.server = &server_, .troubles = &troubles_});
    injector->start(SteadyClock{}.now_ns());
    EXPECT_TRUE(comes_true([&] { return server_.told().size() >= calls; }));
    return injector->stop();
  }

  Server server_;
  drivers::Troubles troubles_;
};

TEST_F(BrokerFaults, DoToTheProcessWhatTheyAreCalled) {
  execute({{.kind = Fault::Kind::pause_broker, .for_ns = kMillisecond},
           {.kind = Fault::Kind::kill_broker, .at_ns = 5 * kMillisecond, .for_ns = kMillisecond},
           {.kind = Fault::Kind::restart_broker, .at_ns = 10 * kMillisecond}},
          6);
  EXPECT_THAT(server_.told(),
              ElementsAre("pause", "resume", "kill", "start again", "end", "start again"));
}

TEST_F(BrokerFaults, SayThatAServerDidNotComeBack) {
  server_.comes_back = false;
  const auto done = execute({{.kind = Fault::Kind::kill_broker}}, 2);
  EXPECT_EQ(done.front().trouble, "it does not come back");
}

TEST_F(BrokerFaults, KnowWhenTheDriverNoticed) {
  troubles_.add("before it");
  const auto schedule = std::vector<Fault>{{.kind = Fault::Kind::kill_broker}};
  const auto injector = make_injector(schedule, {.server = &server_, .troubles = &troubles_});
  injector->start(SteadyClock{}.now_ns());
  ASSERT_TRUE(comes_true([&] { return server_.told().size() >= 2; }));
  EXPECT_EQ(injector->receivers_stand()->load(), false);
  troubles_.add("the connection was lost");
  const ExecutedFault fault = injector->stop().front();
  EXPECT_GE(fault.noticed_ns, fault.begun_ns);
}

TEST_F(BrokerFaults, OfWhichNobodySpeaksAreNotNoticed) {
  troubles_.add("before it");
  const auto done = execute({{.kind = Fault::Kind::kill_broker}}, 2);
  EXPECT_EQ(done.front().noticed_ns, -1);
}

TEST_F(BrokerFaults, LetReceiversStandAsLongAsOneOfThemWantsIt) {
  // The server is struck when the short one should have ended. (Were that late, it would just not
  // be seen what comes of its end.)
  const std::vector<Fault> schedule{
      {.kind = Fault::Kind::stall_receivers, .for_ns = 3600 * 1000 * kMillisecond},
      {.kind = Fault::Kind::stall_receivers, .at_ns = kMillisecond, .for_ns = kMillisecond},
      {.kind = Fault::Kind::restart_broker, .at_ns = 50 * kMillisecond}};
  const auto injector = make_injector(schedule, {.server = &server_, .troubles = &troubles_});
  const std::atomic<bool>& stand = *injector->receivers_stand();
  EXPECT_FALSE(stand);
  injector->start(SteadyClock{}.now_ns());
  EXPECT_TRUE(comes_true([&] { return stand.load(); }));
  EXPECT_TRUE(comes_true([&] { return server_.told().size() == 2; }));
  EXPECT_TRUE(stand);
  EXPECT_EQ(injector->stop().front().ended_ns, -1) << "it lasts beyond the run";
  EXPECT_FALSE(stand);
}

TEST(Detour, LeadsToEachServerByAWayOfItsOwn) {
  Detour detour(1);
  const drivers::Endpoint first = detour.around({"127.0.0.1", 1});
  const drivers::Endpoint second = detour.around({"127.0.0.1", 2});
  EXPECT_EQ(first.host, "127.0.0.1");
  EXPECT_NE(first.port, second.port);
  EXPECT_EQ(detour.around({"127.0.0.1", 1}).port, first.port);
}

}  // namespace
}  // namespace spate::bench
