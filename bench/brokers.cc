#include "brokers.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>

#include "command_line.h"
#include "mode_list.h"
#include "options.h"
#include "spate/error.h"
#include "spate/stress_run.h"
#include "units.h"

namespace spate::bench {
namespace {

using drivers::Driver;
using Addresses = std::map<std::string, drivers::Address, std::less<>>;

constexpr std::int64_t kSecond = 1'000'000'000;
constexpr std::int64_t kStartLimitNs =
    60 * kSecond;  // RabbitMQ takes six seconds, when all is well

std::string flag_of(const Driver& driver) { return fmt::format("--{}", driver.name); }

bool needed(const Driver& driver, const std::vector<std::string>& modes) {
  return std::find(modes.begin(), modes.end(), driver.name) != modes.end();
}

struct AddressText {
  std::string text;
  std::string_view from;  // for errors
};

// The flag comes first, then the environment, which has room for what others may not see.
AddressText address_text(const Driver& driver, const BrokerTexts& texts) {
  const std::string& given = texts.addresses.find(driver.name)->second;
  const char* const variable = std::getenv(std::string(driver.variable).c_str());
  return !given.empty() || variable == nullptr ? AddressText{given, driver.address.flag}
                                               : AddressText{variable, driver.variable};
}

void check_usable(const Driver& driver, const std::string& address, bool start) {
  if (driver.open == nullptr) {
    throw Error(
        fmt::format("mode '{}': this build has no driver for it; install {} and pkg-config, "
                    "and build again",
                    driver.name, driver.package));
  }
  if (address.empty() && !start) {
    throw Error(fmt::format("mode '{}': no server is given; give {} {} or {}, or --start-brokers",
                            driver.name, flag_of(driver), driver.address.example, driver.variable));
  }
}

Addresses& open_addresses() {
  static Addresses all;
  return all;
}

std::vector<std::string> lines_of(drivers::Broker& broker) {
  std::vector<std::string> lines;
  for (const drivers::Troubles::Line& line : broker.troubles().take()) {
    lines.push_back(line.times == 1 ? line.text
                                    : fmt::format("{} ({} times)", line.text, line.times));
  }
  return lines;
}

// What the run with the longest messages and the most workers makes.
drivers::DeliveryPlan largest_plan(const Options& options) {
  RunPlan plan = options.plan;
  plan.agents = *std::max_element(options.agents.begin(), options.agents.end());
  return {.workers = plan.workers, .payloads = payloads_for(plan)};
}

}  // namespace

bool is_broker(std::string_view mode) {
  const auto drivers = drivers::all_drivers();
  return std::any_of(drivers.begin(), drivers.end(),
                     [&](const Driver& driver) { return driver.name == mode; });
}

BrokerTexts::BrokerTexts() {
  for (const Driver& driver : drivers::all_drivers()) {
    addresses[std::string(driver.name)];
  }
}

void add_broker_flags(CLI::App& app, BrokerTexts& texts) {
  for (const Driver& driver : drivers::all_drivers()) {
    add_flag(app, flag_of(driver).c_str(), texts.addresses.find(driver.name)->second, "URL",
             fmt::format("where mode {} finds its server: {};\nelse the environment's {}",
                         driver.name, driver.address.example, driver.variable));
  }
  add_switch(app, "--start-brokers", texts.start,
             "servers of our own, on loopback, for modes that have no address; they end with us");
  add_flag(app, "--broker-timeout", texts.timeout, "TIME",
           "so long a broker may take for an answer, and a lost connection to come back");
}

BrokerSettings understand_brokers(const BrokerTexts& texts, const std::vector<std::string>& modes) {
  BrokerSettings settings;
  settings.start = texts.start;
  settings.timeout_ns = parse_duration_ns("--broker-timeout", texts.timeout, kSecond);
  if (settings.timeout_ns == 0) {
    throw Error(fmt::format("--broker-timeout '{}': give more than 0", texts.timeout));
  }
  for (const Driver& driver : drivers::all_drivers()) {
    const std::string name(driver.name);
    if (!needed(driver, modes)) {
      if (!texts.addresses.at(name).empty()) {
        throw Error(
            fmt::format("{}: it would change nothing, as no mode is '{}'", flag_of(driver), name));
      }
      continue;
    }
    const auto [address, from] = address_text(driver, texts);
    check_usable(driver, address, texts.start);
    if (!address.empty()) {
      drivers::AddressForm form = driver.address;
      form.flag = from;
      settings.addresses[name] = parse_address(form, address);
    }
  }
  return settings;
}

drivers::Address open_address(std::string_view mode) {
  const auto found = open_addresses().find(mode);
  if (found == open_addresses().end()) {
    throw Error(fmt::format("mode '{}': its broker is not open", mode));
  }
  return found->second;
}

OpenBrokers::OpenBrokers(const Options& options) {
  for (const Driver& driver : drivers::all_drivers()) {
    if (needed(driver, options.modes)) {
      all_.push_back({&driver, nullptr, nullptr});
    }
  }
  // All servers first: starting one is a fork, and client libraries have threads.
  for (Opened& opened : all_) {
    if (options.brokers.addresses.count(opened.driver->name) == 0) {
      opened.server = opened.driver->start({.timeout_ns = kStartLimitNs});
    }
  }
  for (Opened& opened : all_) {
    open(options, opened);
  }
}

OpenBrokers::~OpenBrokers() {
  for (const Opened& opened : all_) {
    close_mode(opened.driver->name);
    open_addresses().erase(std::string(opened.driver->name));
  }
}

void OpenBrokers::open(const Options& options, Opened& opened) {
  const Driver& driver = *opened.driver;
  const BrokerSettings& settings = options.brokers;
  const drivers::BrokerOptions broker_options{
      .address = opened.server == nullptr ? settings.addresses.find(driver.name)->second
                                          : parse_address(driver.address, opened.server->address()),
      .timeout_ns = settings.timeout_ns};
  opened.broker = driver.open(broker_options);
  drivers::Broker& broker = *opened.broker;
  try_out(broker, largest_plan(options), settings.timeout_ns);
  open_addresses()[std::string(driver.name)] = broker_options.address;
  open_mode({.name = driver.name,
             .make =
                 [&broker](const RunPlan& plan, const std::shared_ptr<const Payloads>& payloads) {
                   return broker.make_delivery({.workers = plan.workers, .payloads = payloads});
                 },
             .version = broker.description(),
             .troubles =
                 [&broker] {
                   return DeliveryTroubles{lines_of(broker), broker.troubles().take_given_up()};
                 }});
}

}  // namespace spate::bench
