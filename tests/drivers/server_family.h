// A server that begets processes, and how they fare.
#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>

#include "spate/drivers/server_process.h"
#include "spate/error.h"

namespace spate::testing_support {

using drivers::ServerProcess;

// As /proc has it; X where there is none.
inline char state_of(int process) {
  std::ifstream stat(fmt::format("/proc/{}/stat", process));
  std::string text;
  std::getline(stat, text);
  const std::size_t name_end = text.rfind(')');
  return name_end == std::string::npos ? 'X' : text[name_end + 2];
}

inline int parent_of(int process) {
  std::ifstream stat(fmt::format("/proc/{}/stat", process));
  std::string text;
  std::getline(stat, text);
  return std::stoi(text.substr(text.rfind(')') + 4));
}

// A zombie has ended; whoever should wait for it is not our concern.
inline bool lives(int process) {
  const char state = state_of(process);
  return state != 'X' && state != 'Z';
}

inline int number_in(const std::filesystem::path& file) {
  int number = 0;
  std::ifstream(file) >> number;
  return number;
}

// A server that begets one process in the usual way, and one that tries to get away: it is in a
// session of its own, and its parent is gone. Asked by SIGUSR1 to end it notes that, and goes on.
inline ServerProcess::Command with_descendants(const std::filesystem::path& folder) {
  return {{"sh", "-c",
           "trap 'touch asked' USR1\n"
           "sleep 1000 & echo $! > child.new; mv child.new child\n"
           "(setsid sh -c 'echo $$ > away.new; mv away.new away; exec sleep 1000' &)\n"
           "while :; do wait; done"},
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

inline std::unique_ptr<ServerProcess> started() {
  auto server = std::make_unique<ServerProcess>("family", [](const auto& folder) {
    ServerProcess::Command command = with_descendants(folder);
    command.words[2] = fmt::format("cd '{}'\n", folder.string()) + command.words[2];
    return command;
  });
  server->await(60'000'000'000, [&] {
    if (number_in(server->folder() / "child") == 0 || number_in(server->folder() / "away") == 0) {
      throw Error("not yet");
    }
  });
  return server;
}

}  // namespace spate::testing_support
