// How RabbitMQ is opened and left: what may come in between, and what is said of it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <pthread.h>
#include <sys/resource.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "rabbitmq_fixture.h"
#include "spate/drivers/server_process.h"
#include "support/expect_error.h"
#include "support/strange_server.h"

namespace spate::drivers {
namespace {

using namespace testing_support;

class RabbitmqOpening : public RabbitmqTest {
 protected:
  static Address url_of(std::uint16_t port) {
    return parse_address(driver().address, fmt::format("amqp://127.0.0.1:{}", port));
  }
};

// So many file descriptors as this process has now are all that it may have.
class NoMoreDescriptors {
 public:
  NoMoreDescriptors() {
    getrlimit(RLIMIT_NOFILE, &before_);
    const int next = dup(STDOUT_FILENO);
    close(next);
    const rlimit now{static_cast<rlim_t>(next), before_.rlim_max};
    setrlimit(RLIMIT_NOFILE, &now);
  }
  ~NoMoreDescriptors() { setrlimit(RLIMIT_NOFILE, &before_); }
  NoMoreDescriptors(const NoMoreDescriptors&) = delete;
  NoMoreDescriptors& operator=(const NoMoreDescriptors&) = delete;

 private:
  rlimit before_{};
};

TEST_F(RabbitmqOpening, SaysAtOnceThatThereIsNoSocket) {
  const Address address = url("");
  const SteadyClock clock;
  const std::int64_t began_ns = clock.now_ns();
  expect_error(
      [&] {
        const NoMoreDescriptors none;
        opened(address, 20 * kSecond);
      },
      {"Too many open files", "ulimit -n"});
  EXPECT_LT(clock.now_ns() - began_ns, 10 * kSecond);
}

// Signals that interrupt whatever this thread waits for.
class Disturbance {
 public:
  Disturbance() {
    struct sigaction action {};
    action.sa_handler = [](int /*signal*/) {};  // without SA_RESTART
    sigaction(SIGUSR1, &action, &before_);
    thread_ = std::thread([this, whom = pthread_self()] {
      while (!over_) {
        pthread_kill(whom, SIGUSR1);
        std::this_thread::yield();
      }
    });
  }
  ~Disturbance() {
    over_ = true;
    thread_.join();
    sigaction(SIGUSR1, &before_, nullptr);
  }
  Disturbance(const Disturbance&) = delete;
  Disturbance& operator=(const Disturbance&) = delete;

 private:
  struct sigaction before_ {};
  std::atomic<bool> over_{false};
  std::thread thread_;
};

TEST_F(RabbitmqOpening, IsNotEndedByASignal) {
  constexpr std::int64_t kTimeoutNs = 3 * kSecond / 10;
  const StrangeServer silent("");
  const SteadyClock clock;
  const std::int64_t began_ns = clock.now_ns();
  const Disturbance disturbance;
  expect_error([&] { opened(url_of(silent.port()), kTimeoutNs); }, {"no answer within 0.3 s"});
  EXPECT_GE(clock.now_ns() - began_ns, kTimeoutNs);
}

// --- servers that say what ours does not ---

// A method on the channel that is the connection's own.
std::string frame_with(std::string_view method) {
  using namespace std::string_literals;
  return "\1\0\0\0\0\0"s + static_cast<char>(method.size()) + std::string(method) + "\xCE";
}

TEST_F(RabbitmqOpening, KnowsARefusalWithoutAReason) {
  const StrangeServer server(frame_with({"\0\12\0\62\1\100\0\0\0\0\0", 11}));  // close, code 320
  expect_error([&] { opened(url_of(server.port())); }, {"refuses: code 320, without a reason"});
}

TEST_F(RabbitmqOpening, TakesNoOtherMechanismForPlain) {
  const StrangeServer server(
      frame_with({"\0\12\0\12\0\11\0\0\0\0\0\0\0\10AMQPLAIN\0\0\0\0", 26}));  // start
  expect_error([&] { opened(url_of(server.port())); }, {"lets nobody in by user and password"});
}

// --- leaving ---

// What the server says of connections to this virtual host that ended.
std::vector<std::string> ends_told(const std::string& log_folder, const std::string& host) {
  std::vector<std::string> found;
  for (const auto& entry : std::filesystem::directory_iterator(log_folder)) {
    std::ifstream log(entry.path());
    for (std::string line; std::getline(log, line);) {
      if (line.find("closing AMQP connection") != std::string::npos &&
          line.find(fmt::format("vhost: '{}'", host)) != std::string::npos) {
        found.push_back(line);
      }
    }
  }
  return found;
}

TEST_F(RabbitmqOpening, TakesItsLeave) {
  ASSERT_TRUE(control("import_definitions", R"({
    "vhosts": [{"name": "quiet"}],
    "permissions": [
      {"user": "guest", "vhost": "quiet", "configure": ".*", "write": ".*", "read": ".*"}]})"));
  const std::string folder = variable("RABBITMQ_LOG_BASE");
  const std::size_t before = ends_told(folder, "quiet").size();
  constexpr std::size_t kConnections = 12;
  for (std::size_t connections = 0; connections < kConnections; connections += 3) {
    const auto broker = opened(url("", "/quiet"));
    const OneRun run(*broker, 1);  // makes queues, and removes them
  }
  EXPECT_TRUE(
      comes_true([&] { return ends_told(folder, "quiet").size() == before + kConnections; }));
  // Where it wonders at an end, a colon follows, and what it wonders at.
  EXPECT_THAT(ends_told(folder, "quiet"), testing::Each(testing::EndsWith(")")));
}

}  // namespace
}  // namespace spate::drivers
