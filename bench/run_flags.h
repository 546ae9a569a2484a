// The flags that describe a run, the same in every program.
#pragma once

#include <string>
#include <vector>

#include "options.h"
#include "spate/chaos_profile.h"

namespace CLI {
class App;
}

namespace spate::bench {

// As they are given, before they are understood.
struct RunTexts {
  RunTexts();  // the defaults

  std::string duration;
  std::string messages;
  std::string arrivals;
  std::string success_rate;
  std::string min_latency;
  std::string max_latency;
  std::string latency;
  std::string slow_agents;
  std::string slow_factor;
  std::string servers;
  bool fifo = false;
  std::string crash_rate;
  std::string spike_rate;
  std::string spike_max;
  std::string crash_downtime;
  std::string types;
  std::string templates;
  std::string payload_bytes;
  std::string seed;
  std::string window;
  std::string workers;
  std::string in_flight_limit;
  std::vector<std::string> faults;
  std::string recover_within;
};

// `texts` must outlive the parse.
void add_run_flags(CLI::App& app, RunTexts& texts);

// All that these functions throw is Error, with the flag's name in its line.

// The named profile, or that of `file:PATH`; `on` with the numbers that are given for it, each with
// the real faults that are given.
ChaosProfile understand_chaos(const std::string& name, const RunTexts& texts);

// `path` is what `flag` writes; empty: nothing. It must be no file that the flags read, with the
// profiles of `chaos`.
void refuse_to_replace_input(const char* flag, const std::string& path, const RunTexts& texts,
                             const std::vector<std::string>& chaos);

// What the cells have in common. The modes and rates of `options` must be set (`rate_flag` is where
// the rates came from): with the duration they make the number of messages.
void understand_run(const RunTexts& texts, const char* rate_flag, Options& options);

}  // namespace spate::bench
