// RabbitMQ's own server, as --start-brokers starts it: nobody beyond this machine reaches it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <string>
#include <system_error>
#include <vector>

#include "rabbitmq_fixture.h"

namespace spate::drivers {
namespace {

using namespace testing_support;
namespace files = std::filesystem;

// Those that have this in their environment: a server's processes, the daemon of Erlang's nodes
// too.
std::vector<files::path> processes_with(const std::string& setting) {
  std::vector<files::path> found;
  for (const files::directory_entry& entry : files::directory_iterator("/proc")) {
    std::ifstream environment(entry.path() / "environ");
    for (std::string one; std::getline(environment, one, '\0');) {
      if (one == setting) {
        found.push_back(entry.path());
      }
    }
  }
  return found;
}

// "socket:[123]" for each that these processes have.
std::set<std::string> sockets_of(const std::vector<files::path>& processes) {
  std::set<std::string> found;
  for (const files::path& process : processes) {
    std::error_code ended;
    for (const files::directory_entry& entry : files::directory_iterator(process / "fd", ended)) {
      found.insert(files::read_symlink(entry.path(), ended).string());
    }
  }
  return found;
}

// Where these sockets listen, as the kernel writes it: "0100007F:1F90".
std::vector<std::string> listening_at(const std::set<std::string>& sockets) {
  std::vector<std::string> found;
  for (const char* const table : {"/proc/net/tcp", "/proc/net/tcp6"}) {
    std::ifstream lines(table);
    for (std::string line; std::getline(lines, line);) {
      std::istringstream words(line);
      std::string number, local, remote, state, skipped, inode;
      words >> number >> local >> remote >> state;
      for (int at = 0; at < 5; ++at) {
        words >> skipped;
      }
      words >> inode;
      if (state == "0A" && sockets.contains("socket:[" + inode + "]")) {
        found.push_back(local);
      }
    }
  }
  return found;
}

class RabbitmqServer : public RabbitmqTest {};

TEST_F(RabbitmqServer, ListensOnLoopbackAlone) {
  const std::string name = "RABBITMQ_NODENAME=" + variable("RABBITMQ_NODENAME");
  const std::vector<std::string> places = listening_at(sockets_of(processes_with(name)));
  EXPECT_THAT(places, testing::Contains(testing::EndsWith(fmt::format(":{:04X}", port()))));
  // For other nodes, and for whoever asks where they are.
  EXPECT_GE(places.size(), 3U);
  EXPECT_THAT(places, testing::Each(testing::AnyOf(
                          testing::StartsWith("0100007F:"),
                          testing::StartsWith("00000000000000000000000001000000:"))));
}

}  // namespace
}  // namespace spate::drivers
