// Servers that are ours: started, stopped, ended and started again.
#include "spate/drivers/server_process.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <thread>

#include "server_family.h"
#include "spate/error.h"
#include "support/expect_error.h"
#include "support/until.h"

namespace spate::drivers {
namespace {

using namespace testing_support;

constexpr std::int64_t kSecond = 1'000'000'000;

TEST(ServerProcess, IsKilledWithAllThatItBegan) {
  const auto server = started();
  const Family family(*server);
  ASSERT_TRUE(family.all_live());
  server->kill();
  EXPECT_TRUE(family.all_gone()) << "when the call returns";
  EXPECT_TRUE(std::filesystem::exists(server->folder()));
  expect_error([&] { server->await(30 * kSecond, [] { throw Error("no answer"); }); },
               {"family ended before it answered"});
  server->kill();  // there is nobody
}

TEST(ServerProcess, IsStartedAgainInItsFolder) {
  ServerProcess server("again", [](const auto& folder) {
    return ServerProcess::Command{{"sh", "-c", "cd $FOLDER; echo x >> starts; exec sleep 1000"},
                                  {{"FOLDER", folder.string()}}};
  });
  const auto starts = [&] {
    std::ifstream lines(server.folder() / "starts");
    return std::count(std::istreambuf_iterator<char>(lines), {}, 'x');
  };
  EXPECT_TRUE(comes_true([&] { return starts() == 1; }));
  expect_error([&] { server.start_again(); }, {"again", "it runs"});
  const int first = server.process();
  server.kill();
  EXPECT_EQ(server.process(), first);
  server.start_again();
  EXPECT_NE(server.process(), first);
  EXPECT_TRUE(lives(server.process()));
  EXPECT_TRUE(comes_true([&] { return starts() == 2; }));
}

// What it does at SIGTERM it has done when the call returns, and its descendants are gone too.
void expect_that_it_ends_when_asked() {
  ServerProcess server("polite", [](const auto& folder) {
    return ServerProcess::Command{
        {"sh", "-c",
         "cd $FOLDER; trap 'echo 42 > ended; exit 0' TERM\n"
         "(setsid sh -c 'echo $$ > away.new; mv away.new away; exec sleep 1000' &)\n"
         "while :; do sleep 0.01; done"},
        {{"FOLDER", folder.string()}}};
  });
  const auto away = [&] { return number_in(server.folder() / "away"); };
  ASSERT_TRUE(comes_true([&] { return away() != 0; }));
  EXPECT_TRUE(server.end(60 * kSecond));
  EXPECT_EQ(number_in(server.folder() / "ended"), 42);
  EXPECT_FALSE(lives(server.process()));
  EXPECT_FALSE(lives(away()));
  EXPECT_TRUE(server.end(60 * kSecond)) << "it has ended";
}

TEST(ServerProcess, IsAskedToEnd) { expect_that_it_ends_when_asked(); }

// A shell may let us ignore it; then no process would hear of its child's end.
TEST(ServerProcess, IsAskedToEndWhereOurProcessIgnoresItsChildren) {
  const auto before = std::signal(SIGCHLD, SIG_IGN);
  expect_that_it_ends_when_asked();
  std::signal(SIGCHLD, before);
}

TEST(ServerProcess, IsAskedToEndWhileItIsStopped) {
  const auto server = started();
  const Family family(*server);
  server->pause();
  EXPECT_TRUE(server->end(60 * kSecond));
  EXPECT_TRUE(family.all_gone());
}

TEST(ServerProcess, IsKilledWhenItDoesNotEnd) {
  const auto server = started();
  const Family family(*server);
  EXPECT_FALSE(server->end(kSecond / 10, SIGUSR1));
  EXPECT_TRUE(family.all_gone());
}

TEST(ServerProcess, StandsStillAndGoesOn) {
  const auto server = started();
  const Family family(*server);
  server->pause();
  EXPECT_TRUE(family.all_stand_still()) << "when the call returns";
  server->resume();
  EXPECT_TRUE(comes_true([&] { return family.all_live() && !family.all_stand_still(); }));
  for (const int process : {family.self, family.child, family.away}) {
    EXPECT_TRUE(comes_true([&] { return state_of(process) == 'S'; }));
  }
  server->pause();
  server->kill();
  EXPECT_TRUE(family.all_gone());
}

TEST(ServerProcess, CannotBeStoppedWhenItHasEnded) {
  ServerProcess server("broken", [](const auto& /*folder*/) {
    return ServerProcess::Command{{"sh", "-c", "echo no disk; exit 3"}, {}};
  });
  EXPECT_TRUE(comes_true([&] { return !lives(server.process()); }));
  expect_error([&] { server.pause(); }, {"broken", "it has ended", "no disk"});
  server.resume();  // there is nobody
  server.start_again();
  EXPECT_TRUE(comes_true([&] { return !lives(server.process()); }));
  server.kill();
  expect_error([&] { server.pause(); }, {"broken", "it has ended"});
}

// The fork is the guard's, so it does not matter what our threads hold.
TEST(ServerProcess, IsStartedAgainWhileOurProcessHasThreads) {
  const auto server = started();
  std::atomic<bool> over{false};
  std::thread busy([&] {
    while (!over) {
      setenv("SPATE_TEST", std::string(100, 'x').c_str(), 1);
    }
  });
  for (int round = 0; round < 20; ++round) {
    server->kill();
    server->start_again();
    EXPECT_TRUE(lives(server->process()));
  }
  over = true;
  busy.join();
  unsetenv("SPATE_TEST");
}

TEST(ServerProcess, GoesWithItsGuard) {
  auto server = std::make_unique<ServerProcess>("alone", [](const auto& /*folder*/) {
    return ServerProcess::Command{{"sleep", "1000"}, {}};
  });
  const int process = server->process();
  const std::filesystem::path folder = server->folder();
  kill(parent_of(process), SIGKILL);
  expect_error([&] { server->kill(); }, {"alone", "guards it is gone"});
  EXPECT_TRUE(comes_true([&] { return !lives(process); })) << "it goes with its guard";
  server.reset();
  EXPECT_FALSE(std::filesystem::exists(folder));
}

TEST(ServerProcess, TwoAreIndependent) {
  auto first = started();
  auto second = started();
  const Family family(*second);
  first.reset();
  EXPECT_TRUE(family.all_live());
}

TEST(ServerProcess, SaysWhatTheServerSaidWhenItEnds) {
  ServerProcess server("broken", [](const auto& /*folder*/) {
    return ServerProcess::Command{{"sh", "-c", "echo no disk; echo is there >&2; exit 3"}, {}};
  });
  expect_error([&] { server.await(30 * kSecond, [] { throw Error("no answer"); }); },
               {"broken ended before it answered", "no disk is there"});
}

TEST(ServerProcess, SaysThatTheProgramIsNotThere) {
  ServerProcess server("absent", [](const auto& /*folder*/) {
    return ServerProcess::Command{{"no-such-server"}, {}};
  });
  expect_error([&] { server.await(30 * kSecond, [] { throw Error("no answer"); }); },
               {"absent", "no-such-server", "No such file"});
}

TEST(ServerProcess, HasADeadline) {
  ServerProcess server("silent", [](const auto& /*folder*/) {
    return ServerProcess::Command{{"sleep", "1000"}, {}};
  });
  expect_error([&] { server.await(kSecond / 10, [] { throw Error("no answer"); }); },
               {"silent did not answer within 0.1 s", "no answer"});
}

TEST(ServerProcess, HasTheEnvironmentThatItIsGiven) {
  const ServerProcess server("env", [](const auto& folder) {
    return ServerProcess::Command{{"sh", "-c", "echo $SPATE_TEST > $FOLDER/out; exec sleep 1000"},
                                  {{"SPATE_TEST", "42"}, {"FOLDER", folder.string()}}};
  });
  EXPECT_TRUE(comes_true([&] { return number_in(server.folder() / "out") == 42; }));
}

TEST(ServerProcess, HasThatEnvironmentAlone) {
  setenv("SPATE_TEST", "1", 1);
  const ServerProcess server("env", [](const auto& folder) {
    return ServerProcess::Command{
        {"/bin/sh", "-c", "echo ${SPATE_TEST-42} > $FOLDER/out; exec /bin/sleep 1000"},
        {{"FOLDER", folder.string()}},
        /*environment_alone=*/true};
  });
  unsetenv("SPATE_TEST");
  EXPECT_TRUE(comes_true([&] { return number_in(server.folder() / "out") == 42; }));
}

}  // namespace
}  // namespace spate::drivers
