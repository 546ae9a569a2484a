// The flags of spate_stress: which there are, and what --help says of them.
#pragma once

#include <cstdint>
#include <string>

#include "rate_flags.h"
#include "run_flags.h"
#include "stress_options.h"

namespace CLI {
class App;
}

namespace spate::bench {

// What --real stands for without a value.
inline constexpr const char* kDefaultReal = "queue";
inline constexpr std::uint32_t kTracedDeliveries = 100'000;  // 30 MB of JSON

// What the parser fills, beside StressOptions, and parse_stress_options() makes values of.
struct StressTexts {
  StressTexts() { run.duration = "10s"; }

  std::string rate = "100";
  std::string agents = "9";
  std::string chaos = "off";
  std::string real;
  bool simulated = false;
  std::string output;
  std::string expect_digest;
  std::string trace;
  std::string report;
  RunTexts run;
  BrokerTexts brokers;
  RateTexts find_rate;
};

// For people: "queue, redis".
std::string real_mode_names();

// Both must outlive the parsing.
void set_up_stress_flags(CLI::App& app, StressTexts& texts, StressOptions& options);

}  // namespace spate::bench
