#include "stress_flags.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "command_line.h"
#include "command_lines.h"
#include "spate/bench/modes.h"

namespace spate::bench {
namespace {

void add_flags(CLI::App& app, StressTexts& texts, StressOptions& options) {
  add_flag(app, "--rate", texts.rate, "N",
           "messages per second over all agents; 0 is a closed loop, as fast as it goes");
  add_flag(app, "--agents", texts.agents, "N", "at least 2");
  add_flag(app, "--chaos", texts.chaos, "[off|on|storm|file:PATH]",
           "what goes wrong on purpose: storm has all faults; without a value: on (1 % of attempts "
           "crash, 5 % are delayed)");
  app.add_option(
         "--real", texts.real,
         fmt::format("a real delivery in place of the mock; without a value: {}", kDefaultReal))
      ->type_name(fmt::format("[{}]", one_of(real_mode_names())));
  app.add_flag("--sim", texts.simulated,
               "the mock in virtual time: the same run, computed at once, the same everywhere");
  app.add_flag("--compare", options.compare,
               "the mock (or --sim), then the real delivery (--real), and both side by side");
  app.add_flag(
      "--verbose", options.verbose,
      "say each chaos event and real fault as it happens; with --sim after the run, the latest");
  app.add_option("--expect-digest", texts.expect_digest,
                 "end with 1 unless the run's digest is this one; after a colon, the mock's own")
      ->type_name("HEX[:HEX]");
  app.add_option("--output", texts.output, "write the result there: JSON, as spate_bench writes it")
      ->type_name("FILE");
  app.add_option("--trace", texts.trace,
                 fmt::format("write the latest {} deliveries and the chaos there, for Perfetto",
                             kTracedDeliveries))
      ->type_name("FILE");
  app.add_option("--report", texts.report, "write a page with charts of the run there: HTML")
      ->type_name("FILE");
  add_rate_flags(app, texts.find_rate);
  add_run_flags(app, texts.run);
  add_broker_flags(app, texts.brokers);
}

constexpr const char* kFooter =
    "Examples:\n"
    "  spate_stress                                     the mock: 9 agents, 100 messages/s, 10 s\n"
    "  spate_stress --duration 60s                      for a minute\n"
    "  spate_stress --duration 60s --chaos              with crashes and delays\n"
    "  spate_stress --duration 60s --chaos --verbose    and each of them said\n"
    "  spate_stress --real --rate 100000                the queue in this process\n"
    "  spate_stress --real --rate 0 --duration 5s       as fast as it goes\n"
    "  spate_stress --compare --chaos                   the mock, then the queue, side by side\n"
    "  spate_stress --sim --duration 1h --chaos         an hour on the mock, computed at once\n"
    "  spate_stress --sim --servers 9 --find-rate 'p99<20ms'  up to which rate it holds\n"
    "  spate_stress --rate 500 --success-rate 0.99 --agents 20\n"
    "  spate_stress --duration 60s --output stress.json --report stress.html\n"
    "\n"
    "On a terminal a line tells how far the run is. Ctrl-C ends the run and shows what there is "
    "of\n"
    "it; once more, half a second later, ends the program.\n"
    "\n"
    "Exit codes:\n"
    "  0  fine; with --find-rate, a highest rate was found\n"
    "  1  a broken ledger, a failed run, a delivery that gave up, a fault that was not executed, "
    "or\n"
    "     after which it did not flow again, or another digest than expected; with --find-rate, "
    "no\n"
    "     rate at which the objective holds\n"
    "  2  usage or input\n"
    "  3  interrupted; with --find-rate, only a bound is known\n"
    "  4  --compare found two digests where there must be one\n"
    "\n";

}  // namespace

std::string real_mode_names() {
  std::string names;
  for (const Mode& mode : all_modes()) {
    if (!mode.mocked()) {
      names += fmt::format("{}{}", names.empty() ? "" : ", ", mode.name);
    }
  }
  return names;
}

void set_up_stress_flags(CLI::App& app, StressTexts& texts, StressOptions& options) {
  app.description(
      "One stress run of message delivery: agents send messages on a schedule through a mock or a "
      "real delivery, and every message is accounted for.");
  add_flags(app, texts, options);
  app.footer(examples_of(app, "spate_stress", kFooter) + environment_text() +
             "  NO_COLOR  set and not empty: no colours\n"
             "  TERM      where it is dumb: no colours, and no line that tells how far the run is");
}

}  // namespace spate::bench
