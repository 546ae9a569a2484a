// What the tests of RabbitMQ have in common: the server, the program that gives it orders, a run.
#pragma once

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>

#include "spate/drivers/broker.h"
#include "spate/drivers/naming.h"
#include "support/brokers.h"
#include "support/runs.h"
#include "support/until.h"

namespace spate::testing_support {

// With the server that the other tests use: to start one takes longer than all of these.
class RabbitmqTest : public testing::Test {
 protected:
  void SetUp() override { SPATE_NEEDS_BROKER("rabbitmq"); }

  static const drivers::Driver& driver() { return drivers::driver_named("rabbitmq"); }
  static drivers::LocalBroker& server() { return *broker_for_test("rabbitmq").server; }
  static std::uint16_t port() {
    return parse_address(driver().address, server().address()).first().port;
  }

  // By the program that comes with the server, which finds it by the server's own environment.
  [[nodiscard]] static bool control(const std::string& command) {
    const std::string line = fmt::format(
        "xargs -0 -a /proc/{}/environ sh -c "
        "'exec env \"$@\" /usr/lib/rabbitmq/bin/rabbitmqctl --silent {}' sh > /dev/null",
        server().process(), command);
    return std::system(line.c_str()) == 0;
  }
  // The same, for a command that wants a file with this in it.
  [[nodiscard]] static bool control(const std::string& command, const std::string& content) {
    const std::filesystem::path file = std::filesystem::path(testing::TempDir()) /
                                       fmt::format("rabbitmq-{}.txt", server().process());
    std::ofstream(file) << content;
    const bool fine = control(fmt::format("{} \"{}\"", command, file.string()));
    return std::filesystem::remove(file) && fine;
  }
  // What the server's environment has by that name; empty where it has nothing.
  static std::string variable(const std::string& name) {
    std::ifstream environment(fmt::format("/proc/{}/environ", server().process()));
    for (std::string one; std::getline(environment, one, '\0');) {
      if (one.starts_with(name + "=")) {
        return one.substr(name.size() + 1);
      }
    }
    return {};
  }

  static drivers::Address url(const std::string& credentials, const std::string& rest = "") {
    return parse_address(driver().address,
                         fmt::format("amqp://{}127.0.0.1:{}{}", credentials, port(), rest));
  }
  static std::unique_ptr<drivers::Broker> opened(const drivers::Address& address,
                                                 std::int64_t timeout_ns = 5 * kSecond) {
    return driver().open({address, timeout_ns});
  }

  struct OneRun {
    explicit OneRun(drivers::Broker& broker, std::uint64_t messages, std::uint64_t rate = 0,
                    std::uint32_t capacity = 4096)
        : plan(patient_plan(messages, rate)),
          payloads(payloads_for(plan)),
          delivery(
              broker.make_delivery({.workers = 1, .payloads = payloads, .capacity = capacity})) {}
    RunReport execute() { return run_over(delivery, plan, payloads); }
    std::string queue(Lane lane) const {
      return fmt::format("{}.0.{}", drivers::run_name(*payloads), drivers::name_of(lane));
    }

    RunPlan plan;
    std::shared_ptr<const Payloads> payloads;
    AnyDelivery delivery;
  };
};

}  // namespace spate::testing_support
