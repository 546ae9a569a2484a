#include "stress_options.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <filesystem>
#include <system_error>

#include "cell_faults.h"
#include "command_line.h"
#include "command_lines.h"
#include "compare/distinct_files.h"
#include "program.h"
#include "result_file.h"
#include "run_flags.h"
#include "spate/bench/modes.h"
#include "spate/error.h"
#include "units.h"

namespace spate::bench {
namespace {

constexpr const char* kMock = "mock";
constexpr const char* kSim = "sim";
constexpr const char* kDefaultReal = "queue";
constexpr std::uint32_t kTracedDeliveries = 100'000;  // 30 MB of JSON

struct Texts {
  Texts() { run.duration = "10s"; }

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

std::string real_mode_names() {
  std::string names;
  for (const Mode& mode : all_modes()) {
    if (!mode.mocked()) {
      names += fmt::format("{}{}", names.empty() ? "" : ", ", mode.name);
    }
  }
  return names;
}

void add_flags(CLI::App& app, Texts& texts, StressOptions& options) {
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
  app.add_flag("--verbose", options.verbose,
               "say each chaos event as it happens; those of --sim after the run, the latest");
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

// What stands for what was not given, where many runs are made.
void take_search_defaults(const CLI::App& app, Texts& texts) {
  if (app.get_option("--rate")->count() == 0) {
    texts.rate = "1000";
  }
  if (app.get_option("--duration")->count() == 0) {
    texts.run.duration = "2s";
  }
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
    "  0  fine\n"
    "  1  a broken ledger, a failed run, a delivery that gave up, a fault that was not executed, "
    "or\n"
    "     after which it did not flow again, or another digest than expected\n"
    "  2  usage or input\n"
    "  3  interrupted\n"
    "  4  --compare found two digests where there must be one\n"
    "With --find-rate: 0 it was found, 1 it holds at no rate, 3 only a bound is known.\n"
    "\n";

void set_up(CLI::App& app, Texts& texts, StressOptions& options) {
  app.description(
      "One stress run of message delivery: agents send messages on a schedule through a mock or a "
      "real delivery, and every message is accounted for.");
  add_flags(app, texts, options);
  app.footer(kFooter + environment_text() +
             "  NO_COLOR  set and not empty: no colours\n"
             "  TERM      dumb: no colours, and no line that tells how far the run is");
}

// CLI11 would take what follows `--chaos` or `--real` for its value, or nothing at all for an empty
// one: so a flag that stands alone gets the value that it stands for.
std::vector<std::string> spelled_out(int argc, const char* const* argv) {
  std::vector<std::string> args;
  for (int i = 1; i < argc; ++i) {
    const std::string arg = argv[i];
    append_argument(args, arg);
    const bool alone = i + 1 == argc || std::string_view(argv[i + 1]).starts_with("--");
    if (alone && (arg == "--chaos" || arg == "--real")) {
      args.emplace_back(arg == "--chaos" ? "on" : kDefaultReal);
    }
  }
  return args;
}

std::vector<std::string> understand_modes(const Texts& texts, const CLI::App& app, bool compare) {
  const bool given = app.get_option("--real")->count() > 0;
  const std::string artificial = texts.simulated ? kSim : kMock;
  if (!given && !compare) {
    return {artificial};
  }
  const std::string real = given ? texts.real : kDefaultReal;
  const auto& modes = all_modes();
  const bool known = std::any_of(modes.begin(), modes.end(), [&](const Mode& mode) {
    return mode.name == real && !mode.mocked();
  });
  if (!known) {
    throw Error(fmt::format("--real {}: use {}; without --real it is the mock", as_given(real),
                            real_mode_names()));
  }
  check_built(mode_named(real));
  if (texts.simulated && !compare) {
    throw Error("--sim and --real: give one of them, or --compare as well to see both");
  }
  return compare ? std::vector<std::string>{artificial, real} : std::vector<std::string>{real};
}

// Numbers for a profile that is not chosen are a mistake: nobody means them to do nothing.
void refuse_idle_chaos_flags(const ChaosProfile& profile, const CLI::App& app) {
  for (const char* const flag :
       {"--crash-rate", "--spike-rate", "--spike-max", "--crash-downtime"}) {
    if (profile.name != "on" && app.get_option(flag)->count() > 0) {
      throw Error(fmt::format("{}: with chaos {} it would change nothing; {}", flag, profile.name,
                              profile.name == "off" ? "add --chaos" : "it is of profile on"));
    }
  }
}

void understand_output(const Texts& texts, const CLI::App& app, Options& options) {
  if (app.get_option("--output")->count() > 0 && texts.output.empty()) {
    throw Error("--output '': give a file in a writable folder");
  }
  options.out_path = texts.output;
}

// What is written once, after the run.
struct LastFile {
  const char* flag;
  const std::string& path;
  const char* example;
};

// Throws Error where it would have to share its place with something else.
void check_place(const LastFile& file) {
  if (is_standard_stream(file.path)) {
    throw Error(fmt::format("{} '{}': what the program says goes there; give a file, such as {}",
                            file.flag, file.path, file.example));
  }
  std::error_code ignored;
  const auto type = std::filesystem::status(file.path, ignored).type();
  using Type = std::filesystem::file_type;
  if (type == Type::fifo || type == Type::socket || type == Type::block) {
    throw Error(fmt::format("{} '{}': no regular file; give one, such as {}", file.flag, file.path,
                            file.example));
  }
}

void refuse_same_file(const LastFile& file, const char* flag, const std::string& path) {
  if (!path.empty() && compare::same_file(file.path, path)) {
    throw Error(fmt::format("{} '{}' and {} '{}' are the same file; give two files", file.flag,
                            file.path, flag, path));
  }
}

// Whether it is to be written; says now that it cannot be, not after the run.
bool understand_last_file(const LastFile& file, const Texts& texts, const CLI::App& app) {
  if (app.get_option(file.flag)->count() == 0) {
    return false;
  }
  if (file.path.empty()) {
    throw Error(fmt::format("{} '': give a file in a writable folder", file.flag));
  }
  check_place(file);
  refuse_same_file(file, "--output", texts.output);
  const ResultFile probe(file.path, file.flag);
  return true;
}

void understand_trace(const Texts& texts, const CLI::App& app, StressOptions& options) {
  if (app.get_option("--trace")->count() > 0 && !texts.trace.empty() && options.compare) {
    throw Error("--trace and --compare: a trace is of one run; leave one of them out");
  }
  if (understand_last_file({"--trace", texts.trace, "trace.json"}, texts, app)) {
    options.trace_path = texts.trace;
    options.matrix.plan.traced_deliveries = kTracedDeliveries;
  }
}

void understand_report(const Texts& texts, const CLI::App& app, StressOptions& options) {
  const LastFile file{"--report", texts.report, "report.html"};
  if (understand_last_file(file, texts, app)) {
    refuse_same_file(file, "--trace", texts.trace);
    options.report_path = texts.report;
  }
}

bool is_digest(std::string_view text) {
  return text.size() == 16 && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

// In small letters, as digests are printed.
std::string understand_digests(const Texts& texts, const CLI::App& app,
                               const std::vector<std::string>& modes) {
  std::string digests = texts.expect_digest;
  for (char& c : digests) {
    c = c >= 'A' && c <= 'F' ? static_cast<char>(c - 'A' + 'a') : c;
  }
  const std::size_t colon = digests.find(':');
  const bool both = colon != std::string::npos;
  const std::string first = digests.substr(0, colon);
  if (app.get_option("--expect-digest")->count() > 0 &&
      !(is_digest(first) && (!both || is_digest(digests.substr(colon + 1))))) {
    throw Error(fmt::format(
        "--expect-digest '{}': give 16 hexadecimal digits, as a run prints them, and after a colon "
        "those of the mock's own draws",
        texts.expect_digest));
  }
  if (both && std::none_of(modes.begin(), modes.end(),
                           [](const std::string& mode) { return mode_named(mode).mocked(); })) {
    throw Error(
        fmt::format("--expect-digest '{}': the mock draws nothing in this run; give the "
                    "first half alone, {}",
                    texts.expect_digest, first));
  }
  return digests;
}

std::vector<std::string> describing_flags(const CLI::App& app) {
  static constexpr std::array<std::string_view, 17> kTold{
      "--compare", "--verbose",  "--output",   "--real",          "--sim",          "--seed",
      "--workers", "--duration", "--messages", "--expect-digest", "--trace",        "--report",
      "--redis",   "--nats",     "--rabbitmq", "--kafka",         "--start-brokers"};
  std::vector<std::string> flags;
  for (const CLI::Option* const option : app.get_options()) {
    const std::string name = option->get_name();
    if (option->count() > 0 && std::find(kTold.begin(), kTold.end(), name) == kTold.end()) {
      if (option->get_items_expected_max() == 0) {  // a switch: it would refuse a value
        flags.push_back(name);
        continue;
      }
      for (const std::string& value : option->results()) {
        flags.push_back(fmt::format("{}={}", name, value));
      }
    }
  }
  return flags;
}

// As one word of a POSIX shell.
std::string shell_word(const std::string& text) {
  constexpr std::string_view kPlain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+=./:,%@";
  if (text.find_first_not_of(kPlain) == std::string::npos) {
    return text;
  }
  std::string quoted = "'";
  for (const char c : text) {
    quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  }
  return quoted + "'";
}

// Where the run has no broker they would be refused, or do nothing.
bool is_of_brokers(std::string_view flag) {
  constexpr std::array<std::string_view, 4> kOfBrokers{"--fault", "--recover-within",
                                                       "--server-settings", "--broker-timeout"};
  return std::find(kOfBrokers.begin(), kOfBrokers.end(), flag.substr(0, flag.find('='))) !=
         kOfBrokers.end();
}

// Of the run's own mode: the other one of a comparison has no broker. An address with a password is
// not printed, and without it would not do: it is to come from where it came from.
std::string broker_flag(const BrokerSettings& brokers, std::string_view mode) {
  const auto address = brokers.addresses.find(mode);
  if (address != brokers.addresses.end() && !address->second.password.empty()) {
    return "";
  }
  if (address != brokers.addresses.end()) {
    return fmt::format(" --{}={}", mode, shell_word(address->second.shown()));
  }
  return brokers.start && is_broker(mode) ? " --start-brokers" : "";
}

// Up to what says how long it is.
std::string command_begin(const StressOptions& options, std::string_view mode) {
  std::string command = options.program;
  if (mode == kSim) {
    command += " --sim";
  } else if (mode != kMock) {
    command += fmt::format(" --real={}", mode);
  }
  command += broker_flag(options.matrix.brokers, mode);
  for (const std::string& flag : options.described_by) {
    if (is_broker(mode) || !is_of_brokers(flag)) {
      command += fmt::format(" {}", shell_word(flag));
    }
  }
  return command;
}

}  // namespace

std::optional<StressOptions> parse_stress_options(int argc, const char* const* argv) {
  StressOptions options;
  options.program = program_name(argc, argv);
  Texts texts;
  CLI::App app("", options.program);
  set_up(app, texts, options);
  if (!parse_command_line(app, spelled_out(argc, argv))) {
    return std::nullopt;
  }
  const bool search = asks_for_rate(app);
  if (search) {
    take_search_defaults(app, texts);
  }
  Options& matrix = options.matrix;
  matrix.modes = understand_modes(texts, app, options.compare);
  matrix.chaos = {understand_chaos(texts.chaos, texts.run)};
  refuse_idle_chaos_flags(matrix.chaos.front(), app);
  matrix.rates = {parse_count("--rate", texts.rate, 0, kMaxRate)};
  matrix.agents = {
      static_cast<std::uint32_t>(parse_count("--agents", texts.agents, 2, kMaxAgents))};
  understand_output(texts, app, matrix);
  understand_trace(texts, app, options);
  understand_report(texts, app, options);
  options.expect_digest = understand_digests(texts, app, matrix.modes);
  understand_run(texts.run, "--rate", matrix);
  matrix.brokers = understand_brokers(texts.brokers, matrix.modes);
  check_faults(matrix);
  if (search) {
    options.find_rate = understand_rate_goal(texts.find_rate, app, matrix);
  }
  refuse_to_replace_input("--output", texts.output, texts.run, {texts.chaos});
  refuse_to_replace_input("--trace", texts.trace, texts.run, {texts.chaos});
  refuse_to_replace_input("--report", texts.report, texts.run, {texts.chaos});
  options.duration = texts.run.duration;
  options.described_by = describing_flags(app);
  return options;
}

void see_stress_app(const SeeApp& see) {
  StressOptions options;
  Texts texts;
  texts.run.workers = "as many as cores";  // they are the reader's, not this machine's
  CLI::App app("", "spate_stress");
  set_up(app, texts, options);
  add_common_flags(app);
  see(app);
}

std::string repeat_command(const StressOptions& options, std::string_view mode, std::uint64_t sent,
                           const std::string& digests) {
  const Options& matrix = options.matrix;
  std::string command = command_begin(options, mode);
  if (matrix.messages || matrix.rates.front() == 0) {
    command += fmt::format(" --messages={}", matrix.messages.value_or(sent));
  } else {
    command += fmt::format(" --duration={}", options.duration);
  }
  return command + fmt::format(" --seed={} --workers={} --expect-digest={}", matrix.plan.seed,
                               matrix.plan.workers, digests);
}

std::string repeat_search_command(const StressOptions& options) {
  const Options& matrix = options.matrix;
  return command_begin(options, matrix.modes.front()) +
         (options.find_rate->duration_given ? fmt::format(" --duration={}", options.duration)
                                            : "") +
         fmt::format(" --seed={} --workers={}", matrix.plan.seed, matrix.plan.workers);
}

}  // namespace spate::bench
