// Servers that are ours end with us, however we end, and leave nothing behind.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>
#include <functional>
#include <sstream>
#include <string>
#include <vector>

#include "server_family.h"
#include "spate/drivers/server_process.h"
#include "spate/error.h"
#include "support/expect_error.h"
#include "support/until.h"

namespace spate::drivers {
namespace {

using namespace testing_support;

constexpr std::int64_t kSecond = 1'000'000'000;

TEST(ServerEnd, ComesWithItsObjectAndAllThatItBegan) {
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

// What it does, after it has told of the server by calling `tell`.
using Before = std::function<void(ServerProcess& server, const std::function<void()>& tell)>;

// Does not return: what is thrown is not for the tests of this process.
[[noreturn]] void be_killed_while(const Before& before, int to_tell) noexcept {
  try {
    const auto server = started();
    const Family family(*server);
    before(*server, [&] {
      const std::string told = fmt::format("{} {} {} {}\n", family.self, family.child, family.away,
                                           server->folder().string());
      (void)!write(to_tell, told.data(), told.size());
    });
    for (;;) {
      pause();
    }
  } catch (const std::exception& error) {
    std::fputs(error.what(), stderr);
  }
  _exit(1);
}

// `when`: true when it has come so far that it may be killed.
Orphaned killed_while(
    const Before& before,
    const std::function<bool(const Orphaned&)>& when = [](const Orphaned&) { return true; }) {
  std::array<int, 2> ends{};
  EXPECT_EQ(pipe(ends.data()), 0);
  const int us = fork();
  if (us == 0) {
    be_killed_while(before, ends[1]);
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
  EXPECT_TRUE(comes_true([&] { return when(orphaned); }));
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

TEST(ServerEnd, ComesWithUsHoweverWeEnd) {
  expect_gone(killed_while([](ServerProcess&, const auto& tell) { tell(); }));
}

TEST(ServerEnd, ComesWithUsWhileItIsStopped) {
  expect_gone(killed_while([](ServerProcess& server, const auto& tell) {
    server.pause();
    tell();
  }));
}

TEST(ServerEnd, ComesWithUsBetweenItsEndAndAnotherStart) {
  expect_gone(killed_while([](ServerProcess& server, const auto& tell) {
    server.kill();
    tell();
  }));
}

TEST(ServerEnd, ComesWithUsWhileItIsAskedToEnd) {
  expect_gone(killed_while(
      [](ServerProcess& server, const auto& tell) {
        tell();
        server.end(1000 * kSecond, SIGUSR1);
      },
      [](const Orphaned& orphaned) { return std::filesystem::exists(orphaned.folder / "asked"); }));
}

// Signals of ours may come as often as they like: the guard is waited for.
TEST(ServerEnd, LeavesNoZombieWhereSignalsCome) {
  struct sigaction nothing {};
  struct sigaction before {};
  nothing.sa_handler = [](int) {};
  auto server = started();
  const int guard = parent_of(server->process());
  ASSERT_EQ(sigaction(SIGALRM, &nothing, &before), 0);
  const itimerval often{{0, 100}, {0, 100}};
  setitimer(ITIMER_REAL, &often, nullptr);
  server.reset();
  const itimerval never{};
  setitimer(ITIMER_REAL, &never, nullptr);
  sigaction(SIGALRM, &before, nullptr);
  EXPECT_EQ(state_of(guard), 'X');
}

TEST(ServerEnd, LeavesNothingBehindWhereThereIsNoCommand) {
  std::filesystem::path made;
  expect_error(
      [&] {
        ServerProcess server("none", [&](const auto& folder) -> ServerProcess::Command {
          made = folder;
          std::ofstream(folder / "file") << "x";
          throw Error("no command");
        });
      },
      {"no command"});
  EXPECT_FALSE(made.empty());
  EXPECT_FALSE(std::filesystem::exists(made));
}

}  // namespace
}  // namespace spate::drivers
