// Modes that run over a broker: their flags, and what opens them.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "spate/drivers/broker.h"
#include "spate/fault_director.h"

namespace CLI {
class App;
}  // namespace CLI

namespace spate::bench {

struct Options;

// Whether the mode of that name runs over one.
bool is_broker(std::string_view mode);

inline constexpr const char* kDefaultSettings = "default";

// As they are given, before they are understood.
struct BrokerTexts {
  BrokerTexts();

  std::map<std::string, std::string, std::less<>> addresses;  // by driver; empty: not given
  std::string timeout = "5s";
  bool start = false;
  std::string settings = kDefaultSettings;  // of servers that are started
};

// `texts` must outlive the parse.
void add_broker_flags(CLI::App& app, BrokerTexts& texts);

// What the programs read of the environment: the beginning of a section of their help.
std::string environment_text();

struct BrokerSettings {
  std::map<std::string, drivers::Address, std::less<>>
      addresses;  // by driver, of those that the modes need
  std::int64_t timeout_ns = 0;
  bool start = false;  // servers of our own for the others
  std::map<std::string, drivers::ServerSettings, std::less<>> servers;  // how those are, by driver
};

// Throws Error: for an address that is wrong, or that no mode needs, or for a mode that has none.
BrokerSettings understand_brokers(const BrokerTexts& texts, const std::vector<std::string>& modes);

// Where the open broker of that mode is. Throws Error where it is not open.
drivers::Address open_address(std::string_view mode);

// The brokers that the modes need, from here to the end of its life; it outlives all runs. The
// registry of modes (modes.h) makes deliveries with them meanwhile. Make it before there are other
// threads.
class OpenBrokers {
 public:
  // Throws Error: for a broker that does not start, answer, let us in, or carry a message like
  // those of the runs. `on_fault` is told of the runs' real faults.
  explicit OpenBrokers(const Options& options, const FaultDirector::Listener& on_fault = {});
  ~OpenBrokers();
  OpenBrokers(const OpenBrokers&) = delete;
  OpenBrokers& operator=(const OpenBrokers&) = delete;

 private:
  struct Opened;

  std::vector<std::unique_ptr<Opened>> all_;
};

}  // namespace spate::bench
