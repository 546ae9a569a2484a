#include "idle_flags.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "options.h"
#include "stress_options.h"
#include "support/expect_error.h"

namespace spate::bench {
namespace {

using testing_support::expect_error;

using Flags = std::vector<const char*>;

void stress(Flags flags) {
  flags.insert(flags.begin(), "spate_stress");
  (void)parse_stress_options(static_cast<int>(flags.size()), flags.data());
}

void bench(Flags flags) {
  flags.insert(flags.begin(), "spate_bench");
  (void)parse_options(static_cast<int>(flags.size()), flags.data());
}

Flags with(Flags flags, const Flags& more) {
  flags.insert(flags.end(), more.begin(), more.end());
  return flags;
}

std::vector<Flags> with_all(std::vector<Flags> runs, const Flags& one, const Flags& other) {
  runs.push_back(one);
  runs.push_back(other);
  return runs;
}

// A flag, in which runs nothing heeds it, and in which something does.
struct Case {
  const char* flag;
  const char* why_not;
  std::vector<Flags> idle;
  std::vector<Flags> heeded;
};

const std::vector<Case>& cases() {
  const Flags redis{"--real=redis", "--redis=127.0.0.1"};
  const std::vector<Flags> real{{"--real"}, redis};
  const std::vector<Flags> mocked{{}, {"--sim"}, {"--compare"}};
  const std::vector<Flags> here{{}, {"--sim"}, {"--real"}, {"--compare"}};
  const std::vector<Flags> there{redis, with(redis, {"--compare"})};
  const Flags closed = with(redis, {"--rate=0"});
  static const std::vector<Case> all{
      {"--success-rate=1", "no run is over the mock", real, mocked},
      {"--min-latency=2ms", "no run is over the mock", real, mocked},
      {"--max-latency=20ms", "no run is over the mock", real, mocked},
      {"--latency=constant:1ms", "no run is over the mock", real, mocked},
      {"--slow-agents=1", "no run is over the mock", real, mocked},
      {"--servers=2", "no run is over the mock", real, mocked},
      {"--fifo", "no run is over the mock", real, mocked},
      {"--start-brokers", "no run is over a broker", here, there},
      {"--broker-timeout=2s", "no run is over a broker", here, there},
      {"--server-settings=default", "no run is over a broker", here, there},
      {"--fault=1s:slice", "and a rate above 0", with_all(here, closed, {"--rate=0"}), there},
      {"--recover-within=2s",
       "no run has real faults",
       with_all(here, with(closed, {"--chaos=storm"}), redis),
       {with(redis, {"--chaos=storm"}), with(redis, {"--fault=1s:slice"})}},
      {"--window=3",
       "no run is a closed loop",
       with_all(here, redis, {"--rate=5"}),
       {{"--rate=0"}, closed}},
      {"--arrivals=poisson", "no run has a schedule", {{"--rate=0"}, closed}, mocked},
      {"--crash-rate=0.5", "chaos profile on", {{}, {"--chaos=storm"}}, {{"--chaos"}}},
      {"--spike-rate=0.5", "chaos profile on", {{}, {"--chaos=storm"}}, {{"--chaos"}}},
      {"--spike-max=1ms", "chaos profile on", {{}, {"--chaos=storm"}}, {{"--chaos"}}},
      {"--crash-downtime=1ms", "chaos profile on", {{}, {"--chaos=storm"}}, {{"--chaos"}}},
  };
  return all;
}

TEST(IdleFlags, AreRefusedWhereNoRunHeedsThem) {
  for (const Case& one : cases()) {
    const std::string flag(one.flag);
    for (const Flags& runs : one.idle) {
      SCOPED_TRACE(flag + " " + (runs.empty() ? "" : runs.back()));
      expect_error([&] { stress(with(runs, {one.flag})); },
                   {flag.substr(0, flag.find('=')).c_str(), "it would change nothing", one.why_not,
                    "or leave it out"});
    }
    for (const Flags& runs : one.heeded) {
      SCOPED_TRACE(flag + " " + (runs.empty() ? "" : runs.back()));
      EXPECT_NO_THROW(stress(with(runs, {one.flag})));
    }
  }
}

TEST(IdleFlags, AreFineWhereOneOfManyCellsHeedsThem) {
  const Flags axes{"--modes=queue,mock,redis", "--redis=127.0.0.1", "--rates=0,1000",
                   "--chaos=off,on", "--duration=20s"};
  EXPECT_NO_THROW(
      bench(with(axes, {"--success-rate=1", "--window=3", "--arrivals=poisson", "--crash-rate=0.5",
                        "--broker-timeout=2s", "--fault=1s:slice", "--recover-within=2s"})));
  for (const auto& [narrower, flag] : {std::pair{"--modes=queue", "--success-rate=1"},
                                       {"--rates=1000", "--window=3"},
                                       {"--rates=0", "--arrivals=poisson"},
                                       {"--chaos=off,storm", "--crash-rate=0.5"},
                                       {"--modes=mock", "--start-brokers"}}) {
    expect_error(
        [&, axis = narrower, given = flag] {
          bench({axis, given});
        },
        {"it would change nothing"});
  }
}

// A search goes by rates above 0.
TEST(IdleFlags, OfASearchAreThoseOfAnOpenLoop) {
  expect_error([] { stress({"--find-rate=p99<20ms", "--window=3"}); }, {"no run is a closed loop"});
  EXPECT_NO_THROW(stress({"--find-rate=p99<20ms", "--arrivals=poisson"}));
}

}  // namespace
}  // namespace spate::bench
