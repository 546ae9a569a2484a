// Servers that are ours: there while we live, and gone with all that they began however we end.
#include "spate/drivers/server_process.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <fstream>
#include <string>

#include "spate/clock.h"
#include "spate/error.h"
#include "support/expect_error.h"
#include "support/until.h"

namespace spate::drivers {
namespace {

using testing_support::comes_true;
using testing_support::expect_error;

constexpr std::int64_t kSecond = 1'000'000'000;

// A zombie has ended; whoever should wait for it is not our concern.
bool lives(int process) {
  std::ifstream stat(fmt::format("/proc/{}/stat", process));
  std::string text;
  std::getline(stat, text);
  const std::size_t name_end = text.rfind(')');
  return name_end != std::string::npos && text[name_end + 2] != 'Z';
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

TEST(ServerProcess, EndsWithUsHoweverWeEnd) {
  std::array<int, 2> ends{};
  ASSERT_EQ(pipe(ends.data()), 0);
  const int us = fork();
  if (us == 0) {
    const auto server = started();
    const std::string told = fmt::format("{} {}\n", server->process(), server->folder().string());
    (void)!write(ends[1], told.data(), told.size());
    pause();
  }
  ASSERT_GT(us, 0);
  close(ends[1]);
  std::string told;
  for (char c = 0; read(ends[0], &c, 1) == 1 && c != '\n';) {
    told += c;
  }
  close(ends[0]);
  const std::size_t blank = told.find(' ');
  ASSERT_NE(blank, std::string::npos);
  const std::filesystem::path folder = told.substr(blank + 1);
  const std::array<int, 3> processes{std::stoi(told), number_in(folder / "child"),
                                     number_in(folder / "away")};
  for (const int process : processes) {
    EXPECT_TRUE(lives(process));
  }
  kill(us, SIGKILL);
  ASSERT_EQ(waitpid(us, nullptr, 0), us);
  for (const int process : processes) {
    EXPECT_TRUE(comes_true([&] { return !lives(process); }));
  }
  EXPECT_TRUE(comes_true([&] { return !std::filesystem::exists(folder); }));
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
