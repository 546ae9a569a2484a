// Servers that are ours: there while we live, and gone with all that they began however we end.
#include "spate/drivers/server_process.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <iterator>
#include <memory>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "spate/clock.h"
#include "spate/error.h"
#include "support/expect_error.h"
#include "support/until.h"

namespace spate::drivers {
namespace {

using testing_support::comes_true;
using testing_support::expect_error;

constexpr std::int64_t kSecond = 1'000'000'000;

// As /proc has it; X where there is none.
char state_of(int process) {
  std::ifstream stat(fmt::format("/proc/{}/stat", process));
  std::string text;
  std::getline(stat, text);
  const std::size_t name_end = text.rfind(')');
  return name_end == std::string::npos ? 'X' : text[name_end + 2];
}

// A zombie has ended; whoever should wait for it is not our concern.
bool lives(int process) {
  const char state = state_of(process);
  return state != 'X' && state != 'Z';
}

int number_in(const std::filesystem::path& file) {
  int number = 0;
  std::ifstream(file) >> number;
  return number;
}

// A server that begets one process in the usual way, and one that tries to get away: it is in a
// session of its own, and its parent is gone.
ServerProcess::Command with_descendants(const std::filesystem::path& folder) {
  return {{"sh", "-c",
           "sleep 1000 & echo $! > child.new; mv child.new child\n"
           "(setsid sh -c 'echo $$ > away.new; mv away.new away; exec sleep 1000' &)\n"
           "wait"},
          {{"PWD", folder.string()}}};
}

struct Family {
  explicit Family(const ServerProcess& server)
      : self(server.process()),
        child(number_in(server.folder() / "child")),
        away(number_in(server.folder() / "away")) {}
  bool all_live() const { return lives(self) && lives(child) && lives(away); }
  bool all_gone() const { return !lives(self) && !lives(child) && !lives(away); }
  bool all_stand_still() const {
    return state_of(self) == 'T' && state_of(child) == 'T' && state_of(away) == 'T';
  }
  int self;
  int child;
  int away;
};

std::unique_ptr<ServerProcess> started() {
  auto server = std::make_unique<ServerProcess>("family", [](const auto& folder) {
    ServerProcess::Command command = with_descendants(folder);
    command.words[2] = fmt::format("cd '{}'\n", folder.string()) + command.words[2];
    return command;
  });
  server->await(30 * kSecond, [&] {
    if (number_in(server->folder() / "child") == 0 || number_in(server->folder() / "away") == 0) {
      throw Error("not yet");
    }
  });
  return server;
}

TEST(ServerProcess, EndsWithItsObjectAndAllThatItBegan) {
  auto server = started();
  const Family family(*server);
  const std::filesystem::path folder = server->folder();
  EXPECT_TRUE(family.all_live());
  server.reset();
  EXPECT_TRUE(family.all_gone()) << "when the destructor returns";
  EXPECT_FALSE(std::filesystem::exists(folder));
}

// What another process did to a server of its own before it was killed in the middle of that.
struct Orphaned {
  std::vector<int> processes;
  std::filesystem::path folder;
};

// `before`: what it does, after it has told of the server by calling `tell`.
Orphaned killed_while(
    const std::function<void(ServerProcess& server, const std::function<void()>& tell)>& before) {
  std::array<int, 2> ends{};
  EXPECT_EQ(pipe(ends.data()), 0);
  const int us = fork();
  if (us == 0) {
    const auto server = started();
    const Family family(*server);
    before(*server, [&] {
      const std::string told = fmt::format("{} {} {} {}\n", family.self, family.child, family.away,
                                           server->folder().string());
      (void)!write(ends[1], told.data(), told.size());
    });
    pause();
  }
  close(ends[1]);
  std::string told;
  for (char c = 0; read(ends[0], &c, 1) == 1 && c != '\n';) {
    told += c;
  }
  close(ends[0]);
  Orphaned orphaned;
  std::istringstream words(told);
  for (int number = 0; orphaned.processes.size() < 3 && words >> number;) {
    orphaned.processes.push_back(number);
  }
  words >> orphaned.folder;
  kill(us, SIGKILL);
  EXPECT_EQ(waitpid(us, nullptr, 0), us);
  return orphaned;
}

void expect_gone(const Orphaned& orphaned) {
  ASSERT_EQ(orphaned.processes.size(), 3U);
  for (const int process : orphaned.processes) {
    EXPECT_TRUE(comes_true([&] { return !lives(process); }));
  }
  EXPECT_TRUE(comes_true([&] { return !std::filesystem::exists(orphaned.folder); }));
}

TEST(ServerProcess, EndsWithUsHoweverWeEnd) {
  expect_gone(killed_while([](ServerProcess&, const auto& tell) { tell(); }));
}

TEST(ServerProcess, EndsWithUsWhileItIsStopped) {
  expect_gone(killed_while([](ServerProcess& server, const auto& tell) {
    server.pause();
    tell();
  }));
}

TEST(ServerProcess, EndsWithUsBetweenItsEndAndAnotherStart) {
  expect_gone(killed_while([](ServerProcess& server, const auto& tell) {
    server.kill();
    tell();
  }));
}

// The signal is one that it does not heed.
TEST(ServerProcess, EndsWithUsWhileItIsAskedToEnd) {
  expect_gone(killed_while([](ServerProcess& server, const auto& tell) {
    tell();
    server.end(1000 * kSecond, SIGCHLD);
  }));
}

// --- faults ---

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
TEST(ServerProcess, IsAskedToEnd) {
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
  EXPECT_FALSE(server->end(kSecond / 10, SIGCHLD));
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

TEST(ServerProcess, SaysThatItsGuardIsGone) {
  auto server = std::make_unique<ServerProcess>("alone", [](const auto& /*folder*/) {
    return ServerProcess::Command{{"sleep", "1000"}, {}};
  });
  const int process = server->process();
  std::ifstream stat(fmt::format("/proc/{}/stat", process));
  std::string text;
  std::getline(stat, text);
  kill(std::stoi(text.substr(text.rfind(')') + 4)), SIGKILL);
  expect_error([&] { server->kill(); }, {"alone", "guards it is gone"});
  kill(process, SIGKILL);
  std::filesystem::remove_all(server->folder());
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
