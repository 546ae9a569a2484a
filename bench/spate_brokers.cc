// spate_brokers: servers of our own for other programs, for as long as those run.
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "command_line.h"
#include "command_lines.h"
#include "program.h"
#include "spate/bench/programs.h"
#include "spate/drivers/broker.h"
#include "spate/error.h"
#include "units.h"

namespace spate::bench {
namespace {

using drivers::Driver;

constexpr std::int64_t kSecond = 1'000'000'000;

constexpr const char* kFooter =
    "Examples:\n"
    "  spate_brokers                                    until Ctrl-C; prints where each of them "
    "is\n"
    "  spate_brokers --only redis,nats                  just these\n"
    "  spate_brokers -- spate_bench --modes redis,nats  for one command, which finds them by its\n"
    "                                                   environment (SPATE_REDIS_URL …)\n"
    "\n"
    "Exit codes:\n"
    "  0  fine\n"
    "  2  usage, or a server that does not start\n"
    "  N  the command's, where there is one";

struct Settings {
  std::vector<const Driver*> drivers;
  std::int64_t timeout_ns = 0;
  std::vector<std::string> command;
};

// Those that have servers, which others can reach. Kafka's stand-in lives in the program that uses
// it.
std::string names_of(bool built_only, const char* separator = ",") {
  std::string names;
  for (const Driver& driver : drivers::all_drivers()) {
    if (!driver.server.empty() && (driver.start != nullptr || !built_only)) {
      names += fmt::format("{}{}", names.empty() ? "" : separator, driver.name);
    }
  }
  return names;
}

std::vector<const Driver*> understand_names(const std::string& text) {
  std::vector<const Driver*> chosen;
  for (const std::string& name : parse_list("--only", text)) {
    const auto all = drivers::all_drivers();
    const auto driver =
        std::find_if(all.begin(), all.end(), [&](const Driver& one) { return one.name == name; });
    if (driver == all.end() || driver->server.empty()) {
      throw Error(fmt::format("--only '{}': use {}{}", name, names_of(false, ", "),
                              driver == all.end()
                                  ? ""
                                  : "; its stand-in lives in the program that uses it, so give "
                                    "--start-brokers there"));
    }
    if (driver->start == nullptr) {
      throw Error(
          fmt::format("--only '{}': this build has no driver for it; install {} and "
                      "pkg-config, and build again",
                      name, driver->package));
    }
    chosen.push_back(&*driver);
  }
  return chosen;
}

struct Texts {
  std::string only = names_of(true);
  std::string timeout = "60s";
};

void set_up(CLI::App& app, Texts& texts, Settings& settings) {
  app.description("Starts brokers on loopback, in a temporary folder, and ends them with itself.");
  add_flag(app, "--only", texts.only, (one_of(names_of(false)) + "[,…]").c_str(), "which of them");
  add_flag(app, "--timeout", texts.timeout, "TIME", "so long each may take to answer");
  app.add_option("command", settings.command, "a program to run meanwhile, with its arguments")
      ->type_name("COMMAND");
  app.positionals_at_end();
  app.footer(kFooter);
}

bool parse(int argc, const char* const* argv, Settings& settings) {
  Texts texts;
  CLI::App app("", program_name(argc, argv));
  set_up(app, texts, settings);
  if (!parse_command_line(app, arguments(argc, argv))) {
    return false;
  }
  settings.drivers = understand_names(texts.only);
  settings.timeout_ns = parse_duration_ns("--timeout", texts.timeout, kSecond, 1);
  return true;
}

int told_end = -1;  // of the pipe below: a handler knows no object

// What wakes us: to be ended, or that a command has ended. Told through a pipe by a handler, since
// client libraries have threads of their own, and the system gives a signal to any of them. One at
// a time; a program that is run has none of it.
class Signals {
 public:
  Signals() {
    std::array<int, 2> ends{};
    if (pipe2(ends.data(), O_CLOEXEC) != 0) {
      throw Error(fmt::format("cannot make a pipe: {}", std::strerror(errno)));
    }
    heard_ = ends[0];
    told_end = ends[1];
    struct sigaction action {};
    action.sa_handler = tell;
    action.sa_flags = SA_RESTART;
    for (const int signal : {SIGINT, SIGTERM, SIGCHLD}) {
      sigaction(signal, &action, nullptr);
    }
  }
  int next() const {
    unsigned char signal = 0;
    while (read(heard_, &signal, 1) < 0 && errno == EINTR) {
    }
    return signal;
  }

 private:
  static void tell(int signal) {
    const int before = errno;
    const auto byte = static_cast<unsigned char>(signal);
    (void)!write(told_end, &byte, 1);
    errno = before;
  }
  int heard_ = -1;
};

// Ctrl-C reaches the command by itself, and we end when it has ended; SIGTERM only we are told.
int wait_for(int command, const Signals& signals) {
  int status = 0;
  while (waitpid(command, &status, WNOHANG) == 0) {
    if (signals.next() == SIGTERM) {
      kill(command, SIGTERM);
    }
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int run_command(const std::vector<std::string>& command, const Signals& signals) {
  const int child = fork();
  if (child < 0) {
    throw Error(fmt::format("cannot run {}: {}", command.front(), std::strerror(errno)));
  }
  if (child == 0) {
    std::vector<char*> words;
    words.reserve(command.size() + 1);
    for (const std::string& word : command) {
      words.push_back(const_cast<char*>(word.c_str()));
    }
    words.push_back(nullptr);
    execvp(words[0], words.data());
    say(stderr, fmt::format("spate_brokers: cannot run {}: {}\n", words[0], std::strerror(errno)));
    _exit(static_cast<int>(ExitCode::usage));
  }
  return wait_for(child, signals);
}

int work(int argc, char** argv) {
  Settings settings;
  if (!parse(argc, argv, settings)) {
    return static_cast<int>(ExitCode::fine);
  }
  std::vector<std::unique_ptr<drivers::LocalBroker>> servers;
  for (const Driver* const driver : settings.drivers) {
    servers.push_back(driver->start({.timeout_ns = settings.timeout_ns}));
    const std::string address = servers.back()->address();
    setenv(std::string(driver->variable).c_str(), address.c_str(), 1);
    if (settings.command.empty()) {
      say(stdout, fmt::format("export {}='{}'\n", driver->variable, address));
    }
  }
  // Until here a signal ends us at once, and the servers with us.
  const Signals signals;
  std::fflush(stdout);
  if (!settings.command.empty()) {
    return run_command(settings.command, signals);
  }
  while (signals.next() == SIGCHLD) {
  }
  return static_cast<int>(ExitCode::fine);
}

}  // namespace

void see_brokers_app(const SeeApp& see) {
  Texts texts;
  Settings settings;
  see_command_line(
      "spate_brokers", [&](CLI::App& app) { set_up(app, texts, settings); }, see);
}

int brokers_main(int argc, char** argv) {
  return run_program(program_name(argc, argv), [&] { return work(argc, argv); });
}

}  // namespace spate::bench
