#include "brokers.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "broker_faults.h"
#include "cell_faults.h"
#include "command_line.h"
#include "mode_list.h"
#include "options.h"
#include "spate/error.h"
#include "spate/stress_run.h"
#include "units.h"

namespace spate::bench {
namespace {

using drivers::Broker;
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

DeliveryTroubles troubles_of(Broker& broker) {
  DeliveryTroubles troubles;
  for (const drivers::Troubles::Line& line : broker.troubles().take()) {
    troubles.lines.push_back(line.times == 1 ? line.text
                                             : fmt::format("{} ({} times)", line.text, line.times));
  }
  troubles.given_up = broker.troubles().take_given_up();
  return troubles;
}

bool breaks_connections(const std::vector<Fault>& faults) {
  return std::any_of(faults.begin(), faults.end(),
                     [](const Fault& fault) { return fault.of_way(); });
}

// In any cell of that mode.
bool connections_break(std::string_view mode, const Options& options) {
  for (const ChaosProfile& profile : options.chaos) {
    for (const std::uint64_t rate : options.rates) {
      if (breaks_connections(faults_of(profile, faulted_cell(mode, rate, options), options))) {
        return true;
      }
    }
  }
  return false;
}

// "one of redis, nats, …"
std::string brokers_with_settings() {
  std::vector<std::string_view> names;
  for (const drivers::Driver& driver : drivers::all_drivers()) {
    if (!driver.server_settings.empty()) {
      names.push_back(driver.name);
    }
  }
  return fmt::format("one of {}", fmt::join(names, ", "));
}

// "redis.appendonly=always,nats.storage=memory".
std::map<std::string, drivers::ServerSettings, std::less<>> understand_settings(
    const std::string& text, const BrokerSettings& settings,
    const std::vector<std::string>& modes) {
  constexpr const char* kFlag = "--server-settings";
  std::map<std::string, drivers::ServerSettings, std::less<>> all;
  for (const std::string& item :
       text == kDefaultSettings ? std::vector<std::string>{} : parse_list(kFlag, text)) {
    const std::size_t dot = item.find('.');
    const std::size_t equals = item.find('=', dot == std::string::npos ? 0 : dot);
    if (dot == std::string::npos || equals == std::string::npos) {
      throw Error(fmt::format("{} '{}': give BROKER.NAME=VALUE, such as redis.appendonly=always",
                              kFlag, item));
    }
    const std::string mode = item.substr(0, dot);
    if (!is_broker(mode)) {
      throw Error(fmt::format("{} '{}': there is no broker '{}'; give {}", kFlag, item, mode,
                              brokers_with_settings()));
    }
    if (!needed(drivers::driver_named(mode), modes) || settings.addresses.count(mode) > 0 ||
        !settings.start) {
      throw Error(
          fmt::format("{} '{}': no server of that kind is started; give a mode that has "
                      "one, --start-brokers and no address",
                      kFlag, item));
    }
    const std::string name = item.substr(dot + 1, equals - dot - 1);
    if (!all[mode].emplace(name, item.substr(equals + 1)).second) {
      throw Error(
          fmt::format("{} '{}': {}.{} is there twice; give it once", kFlag, text, mode, name));
    }
    try {
      check_settings(drivers::driver_named(mode), all[mode]);
    } catch (const Error& error) {
      throw Error(fmt::format("{} '{}': {}", kFlag, item, error.what()));
    }
  }
  return all;
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
             fmt::format("where mode {} finds its server: {}; else the environment's {}",
                         driver.name, driver.address.example, driver.variable));
  }
  add_switch(app, "--start-brokers", texts.start,
             "servers of our own, on loopback, for modes that have no address; they end with us");
  add_flag(app, "--server-settings", texts.settings, "LIST",
           "of these servers: BROKER.NAME=VALUE,…, such as redis.appendonly=always");
  add_flag(app, "--broker-timeout", texts.timeout, "TIME",
           "so long a broker may take for an answer, and a lost connection to come back");
}

std::string environment_text() {
  std::string text = "Environment:\n";
  for (const Driver& driver : drivers::all_drivers()) {
    text += fmt::format("  {}  where mode {} finds its server, unless {} says it\n",
                        driver.variable, driver.name, flag_of(driver));
  }
  return text;
}

BrokerSettings understand_brokers(const BrokerTexts& texts, const std::vector<std::string>& modes) {
  BrokerSettings settings;
  settings.start = texts.start;
  settings.timeout_ns = parse_duration_ns("--broker-timeout", texts.timeout, kSecond, 1);
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
  settings.servers = understand_settings(texts.settings, settings, modes);
  return settings;
}

drivers::Address open_address(std::string_view mode) {
  const auto found = open_addresses().find(mode);
  if (found == open_addresses().end()) {
    throw Error(fmt::format("mode '{}': its broker is not open", mode));
  }
  return found->second;
}

struct OpenBrokers::Opened {
  Opened(const Driver& its_driver, FaultDirector::Listener its_listener)
      : driver(its_driver), on_fault(std::move(its_listener)) {}

  void start(const BrokerSettings& settings);
  void open(const Options& options);
  Broker& broker_of(const RunPlan& plan) {
    return breaks_connections(plan.chaos.faults) ? *by_detour : *broker;
  }
  std::unique_ptr<FaultInjector> injector_for(const RunPlan& plan);
  DeliveryTroubles take_troubles();

  const Driver& driver;
  FaultDirector::Listener on_fault;
  std::unique_ptr<drivers::LocalBroker> server;  // null: somebody else's
  std::unique_ptr<Broker> broker;
  // For runs in which connections break; null where there are none.
  std::unique_ptr<Detour> detour;
  std::unique_ptr<Broker> by_detour;
};

void OpenBrokers::Opened::start(const BrokerSettings& settings) {
  const auto own = settings.servers.find(driver.name);
  server = driver.start(
      {.timeout_ns = kStartLimitNs,
       .settings = own == settings.servers.end() ? drivers::ServerSettings{} : own->second});
}

void OpenBrokers::Opened::open(const Options& options) {
  const BrokerSettings& settings = options.brokers;
  drivers::BrokerOptions broker_options{
      .address = server == nullptr ? settings.addresses.find(driver.name)->second
                                   : parse_address(driver.address, server->address()),
      .timeout_ns = settings.timeout_ns};
  open_addresses()[std::string(driver.name)] = broker_options.address;
  broker = driver.open(broker_options);
  try_out(*broker, largest_plan(options), settings.timeout_ns);
  if (connections_break(driver.name, options)) {
    detour = std::make_unique<Detour>(options.plan.seed);
    broker_options.detour = [this](const drivers::Endpoint& where) {
      return detour->around(where);
    };
    by_detour = driver.open(broker_options);
    try_out(*by_detour, largest_plan(options), settings.timeout_ns);
  }
}

std::unique_ptr<FaultInjector> OpenBrokers::Opened::injector_for(const RunPlan& plan) {
  return make_injector(scheduled(plan.chaos.faults, plan.seed),
                       {.detour = detour.get(),
                        .server = server.get(),
                        .troubles = &broker_of(plan).troubles(),
                        .start_timeout_ns = kStartLimitNs,
                        .listener = on_fault});
}

DeliveryTroubles OpenBrokers::Opened::take_troubles() {
  DeliveryTroubles troubles = troubles_of(*broker);
  if (by_detour != nullptr) {
    DeliveryTroubles more = troubles_of(*by_detour);
    troubles.lines.insert(troubles.lines.end(), more.lines.begin(), more.lines.end());
    troubles.given_up = troubles.given_up || more.given_up;
  }
  return troubles;
}

OpenBrokers::OpenBrokers(const Options& options, const FaultDirector::Listener& on_fault) {
  for (const Driver& driver : drivers::all_drivers()) {
    if (needed(driver, options.modes)) {
      all_.push_back(std::make_unique<Opened>(driver, on_fault));
    }
  }
  // All servers first: starting one is a fork, and client libraries have threads.
  for (const auto& opened : all_) {
    if (options.brokers.addresses.count(opened->driver.name) == 0) {
      opened->start(options.brokers);
    }
  }
  for (const auto& opened : all_) {
    opened->open(options);
    Opened* const it = opened.get();
    open_mode({.name = it->driver.name,
               .make =
                   [it](const RunPlan& plan, const std::shared_ptr<const Payloads>& payloads) {
                     return it->broker_of(plan).make_delivery(
                         {.workers = plan.workers, .payloads = payloads});
                   },
               .version = it->broker->description(),
               .troubles = [it] { return it->take_troubles(); },
               .faults = [it](const RunPlan& plan) { return it->injector_for(plan); }});
  }
}

OpenBrokers::~OpenBrokers() {
  for (const auto& opened : all_) {
    close_mode(opened->driver.name);
    open_addresses().erase(std::string(opened->driver.name));
  }
}

}  // namespace spate::bench
