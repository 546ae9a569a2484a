// A server of our own, for as long as we live.
#pragma once

#include <atomic>
#include <csignal>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace spate::drivers {

// A port on loopback that nobody listens at now.
std::uint16_t free_port();

// A program in a temporary folder of its own. Between it and us stands a small guard process: it
// ends the program, with all the processes that it has begotten, and removes the folder when this
// object goes, or when our process does, were it by SIGKILL. That holds at any time: while the
// program is stopped, while it is being ended, and between its end and another start. Should the
// guard be killed, the program is too, though not what it has begotten. (Linux: the guard is what
// the kernel calls a subreaper, so that no descendant gets away from it.)
//
// Ctrl-C does not reach the program: it is we who decide when it ends. The guard is a fork of our
// process, in which no other thread goes on: make it before there are threads that hold locks of
// the environment or of streams. From then on it is the guard that forks, which has one thread: so
// the program may be started again while our process has many.
//
// process() and folder(): any thread. All else: one thread at a time. What the guard is told to do
// throws Error when the guard itself is gone.
class ServerProcess {
 public:
  struct Command {
    std::vector<std::string> words;  // the program, by path or by PATH, and its arguments
    std::vector<std::pair<std::string, std::string>> environment;  // besides ours, or
    bool environment_alone = false;                                // instead of it
  };

  // `name`: of the folder's beginning, and for errors. `command`: what to run, given the folder,
  // which is there by then. Throws Error.
  ServerProcess(std::string name,
                const std::function<Command(const std::filesystem::path& folder)>& command);
  ~ServerProcess();
  ServerProcess(const ServerProcess&) = delete;
  ServerProcess& operator=(const ServerProcess&) = delete;

  // Asks `answers` again and again, until it no longer throws. Throws Error with the last lines
  // that the program wrote, when the program has ended or the time is up.
  void await(std::int64_t timeout_ns, const std::function<void()>& answers);

  // SIGKILL, to the program and all its descendants; returns when they are gone. Nothing to do
  // where it has ended already.
  void kill();
  // Asks the program to end, by `signal`; where it is stopped it goes on to hear that. What it
  // leaves behind is killed. False: it did not end in time, and was killed.
  bool end(std::int64_t timeout_ns, int signal = SIGTERM);
  // The same command, in the same folder with what is in it. Throws Error while it runs.
  void start_again();
  // SIGSTOP, to the program and all its descendants; returns when each of their threads stands
  // still. Throws Error when the program has ended, by itself or otherwise.
  void pause();
  // SIGCONT, likewise; nothing to do where it has ended.
  void resume();

  // The program's; after its end still what it was, until it is started again.
  int process() const { return process_.load(std::memory_order_relaxed); }
  const std::filesystem::path& folder() const { return folder_; }

 private:
  void make_guard(const Command& command);
  void let_go() noexcept;
  void hear_that_it_runs();
  bool ended() const;
  std::string last_words() const;

  std::string name_;
  std::filesystem::path folder_;
  int guard_ = 0;
  std::atomic<int> process_{0};  // relaxed: it publishes nothing else
  int leash_ = -1;               // to the guard, which looks whether it is still open
};

}  // namespace spate::drivers
