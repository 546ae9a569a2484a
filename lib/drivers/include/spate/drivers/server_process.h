// A server of our own, for as long as we live.
#pragma once

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
// object goes, or when our process does, were it by SIGKILL. (Linux: the guard is what the kernel
// calls a subreaper, so that no descendant gets away from it.)
//
// Ctrl-C does not reach the program: it is we who decide when it ends. The guard is a fork of our
// process, in which no other thread goes on: make it before there are threads that hold locks of
// the environment or of streams. One thread.
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

  int process() const { return process_; }
  const std::filesystem::path& folder() const { return folder_; }

 private:
  bool ended();
  std::string last_words() const;

  std::string name_;
  std::filesystem::path folder_;
  int guard_ = 0;
  int process_ = 0;
  int leash_ = -1;  // the guard looks whether it is still open
};

}  // namespace spate::drivers
