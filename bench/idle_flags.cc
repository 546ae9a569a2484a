#include "idle_flags.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <vector>

#include "brokers.h"
#include "cell_faults.h"
#include "options.h"
#include "spate/bench/modes.h"
#include "spate/error.h"

namespace spate::bench {
namespace {

bool over_mock(const Options& options) {
  return std::any_of(options.modes.begin(), options.modes.end(),
                     [](const std::string& mode) { return mode_named(mode).mocked(); });
}

bool over_broker(const Options& options) {
  return std::any_of(options.modes.begin(), options.modes.end(), is_broker);
}

bool in_closed_loop(const Options& options) {
  return std::find(options.rates.begin(), options.rates.end(), 0U) != options.rates.end();
}

bool by_schedule(const Options& options) {
  return std::any_of(options.rates.begin(), options.rates.end(),
                     [](std::uint64_t rate) { return rate > 0; });
}

bool with_chaos_on(const Options& options) {
  return std::any_of(options.chaos.begin(), options.chaos.end(),
                     [](const ChaosProfile& profile) { return profile.name == "on"; });
}

bool can_be_struck(const Options& options) { return over_broker(options) && by_schedule(options); }

bool may_be_struck(const Options& options) {
  return can_be_struck(options) &&
         std::any_of(options.chaos.begin(), options.chaos.end(), may_have_faults);
}

// Flags that are heeded by the same runs.
struct Group {
  std::vector<std::string_view> flags;
  bool (*heeded)(const Options& options);
  const char* why_not;  // and what to do
};

const std::vector<Group>& groups() {
  static const std::vector<Group> all{
      {{"--success-rate", "--min-latency", "--max-latency", "--latency", "--slow-agents",
        "--slow-factor", "--servers", "--fifo"},
       over_mock,
       "no run is over the mock; run it (mode mock or sim)"},
      {{"--start-brokers", "--server-settings", "--broker-timeout"},
       over_broker,
       "no run is over a broker; give a mode that has one, such as redis"},
      {{"--fault"},
       can_be_struck,
       "real faults strike a broker that a schedule is sent through; give a mode that has one, "
       "such as redis, and a rate above 0"},
      {{"--recover-within"},
       may_be_struck,
       "no run has real faults; give --fault or chaos that has some, a mode over a broker, such as "
       "redis, and a rate above 0"},
      {{"--window"}, in_closed_loop, "no run is a closed loop; give rate 0"},
      {{"--arrivals"}, by_schedule, "no run has a schedule; give a rate above 0"},
      {{"--crash-rate", "--spike-rate", "--spike-max", "--crash-downtime"},
       with_chaos_on,
       "no run has chaos profile on; add --chaos=on"}};
  return all;
}

}  // namespace

bool is_idle(std::string_view flag, const Options& options) {
  return std::any_of(groups().begin(), groups().end(), [&](const Group& group) {
    const bool of_it = std::find(group.flags.begin(), group.flags.end(), flag) != group.flags.end();
    return of_it && !group.heeded(options);
  });
}

void refuse_idle_flags(const CLI::App& app, const Options& options) {
  for (const Group& group : groups()) {
    for (const std::string_view flag : group.flags) {
      if (app.get_option(std::string(flag))->count() > 0 && !group.heeded(options)) {
        throw Error(
            fmt::format("{}: it would change nothing: {}, or leave it out", flag, group.why_not));
      }
    }
  }
}

}  // namespace spate::bench
