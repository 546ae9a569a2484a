// NATS servers with settings of their own, and runs over them.
#pragma once

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "spate/drivers/broker.h"
#include "spate/drivers/naming.h"
#include "spate/drivers/server_process.h"
#include "support/brokers.h"
#include "support/runs.h"

namespace spate::testing_support {

inline constexpr std::string_view kJetStream = "jetstream: { store_dir: FOLDER }\n";

class Nats : public testing::Test {
 protected:
  void SetUp() override { SPATE_NEEDS_BROKER("nats"); }

  // A server with settings of its own, as in its file of settings; FOLDER is the server's folder.
  // `prepare` is called with it before.
  void start(std::string_view settings,
             const std::function<void(const std::string& folder)>& prepare = nullptr) {
    port_ = drivers::free_port();
    server_.emplace("nats-test", [&](const std::filesystem::path& folder) {
      if (prepare) {
        prepare(folder.string());
      }
      write(settings, folder);
      return drivers::ServerProcess::Command{
          {"nats-server", "--addr", "127.0.0.1", "--port", fmt::to_string(port_), "--config",
           settings_file(folder)},
          {}};
    });
  }
  // The server is told to, and does so some time later.
  void change(std::string_view settings) {
    write(settings, server_->folder());
    kill(server_->process(), SIGHUP);
  }
  void await(const std::function<void()>& answers) { server_->await(60 * kSecond, answers); }
  std::unique_ptr<drivers::Broker> opened_when_there(const std::string& url) {
    std::unique_ptr<drivers::Broker> broker;
    await([&] { broker = opened(url); });
    return broker;
  }
  std::uint16_t port() const { return port_; }
  std::string url(std::string_view credentials, std::string_view settings = "",
                  std::string_view scheme = "nats") const {
    return fmt::format("{}://{}127.0.0.1:{}{}", scheme, credentials, port_, settings);
  }
  std::string folder() const { return server_->folder().string(); }
  static std::unique_ptr<drivers::Broker> opened(const std::string& url,
                                                 std::int64_t timeout_ns = 5 * kSecond) {
    const drivers::Driver& driver = drivers::driver_named("nats");
    return driver.open({parse_address(driver.address, url), timeout_ns});
  }
  drivers::Address address() const {
    return parse_address(drivers::driver_named("nats").address, url(""));
  }

 private:
  static std::string settings_file(const std::filesystem::path& folder) {
    return (folder / "server.conf").string();
  }
  static void write(std::string_view settings, const std::filesystem::path& folder) {
    constexpr std::string_view kFolder = "FOLDER";
    std::string text(settings);
    for (std::size_t at = text.find(kFolder); at != std::string::npos; at = text.find(kFolder)) {
      text.replace(at, kFolder.size(), folder.string());
    }
    std::ofstream(settings_file(folder)) << text;
  }

  std::uint16_t port_ = 0;
  std::optional<drivers::ServerProcess> server_;
};

// A run over a broker, and its delivery.
struct OneRun {
  explicit OneRun(drivers::Broker& broker, std::uint64_t messages)
      : plan(patient_plan(messages, 0)),
        payloads(payloads_for(plan)),
        delivery(broker.make_delivery({.workers = 1, .payloads = payloads})) {}

  RunReport execute() { return run_over(delivery, plan, payloads); }
  std::string name() const { return drivers::run_name(*payloads); }

  RunPlan plan;
  std::shared_ptr<const Payloads> payloads;
  AnyDelivery delivery;
};

// All that a broker had to say, a line each with how often, when it is asked.
class Said {
 public:
  explicit Said(drivers::Broker& broker) : broker_(broker) {}

  const std::string& so_far() {
    for (const drivers::Troubles::Line& line : broker_.troubles().take()) {
      text_ += fmt::format("{} × {}\n", line.times, line.text);
    }
    return text_;
  }
  bool has(std::string_view text) { return so_far().find(text) != std::string::npos; }

 private:
  drivers::Broker& broker_;
  std::string text_;
};

}  // namespace spate::testing_support
