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
#include "idle_flags.h"
#include "latency_flag.h"
#include "program.h"
#include "result_file.h"
#include "spate/bench/modes.h"
#include "spate/error.h"
#include "stress_flags.h"
#include "units.h"

namespace spate::bench {
namespace {

constexpr const char* kMock = "mock";
constexpr const char* kSim = "sim";
// What stands for what was not given, where many runs are made.
void take_search_defaults(const CLI::App& app, StressTexts& texts) {
  if (app.get_option("--rate")->count() == 0) {
    texts.rate = "1000";
  }
  if (app.get_option("--duration")->count() == 0) {
    texts.run.duration = "2s";
  }
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

std::vector<std::string> understand_modes(const StressTexts& texts, const CLI::App& app,
                                          bool compare) {
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

void understand_output(const StressTexts& texts, const CLI::App& app, Options& options) {
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
bool understand_last_file(const LastFile& file, const StressTexts& texts, const CLI::App& app) {
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

void understand_trace(const StressTexts& texts, const CLI::App& app, StressOptions& options) {
  if (app.get_option("--trace")->count() > 0 && !texts.trace.empty() && options.compare) {
    throw Error("--trace and --compare: a trace is of one run; leave one of them out");
  }
  if (understand_last_file({"--trace", texts.trace, "trace.json"}, texts, app)) {
    options.trace_path = texts.trace;
    options.matrix.plan.traced_deliveries = kTracedDeliveries;
  }
}

void understand_report(const StressTexts& texts, const CLI::App& app, StressOptions& options) {
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
std::string understand_digests(const StressTexts& texts, const CLI::App& app,
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
  Options run = options.matrix;  // of a comparison that one alone
  run.modes = {std::string(mode)};
  for (const std::string& flag : options.described_by) {
    if (!is_idle(std::string_view(flag).substr(0, flag.find('=')), run)) {
      command += fmt::format(" {}", shell_word(flag));
    }
  }
  return command;
}

}  // namespace

std::optional<StressOptions> parse_stress_options(int argc, const char* const* argv) {
  StressOptions options;
  options.program = program_name(argc, argv);
  StressTexts texts;
  CLI::App app("", options.program);
  set_up_stress_flags(app, texts, options);
  if (!parse_command_line(app, spelled_out(argc, argv))) {
    return std::nullopt;
  }
  const bool search = asks_for_rate(app);
  if (search) {
    take_search_defaults(app, texts);
  }
  Options& matrix = options.matrix;
  matrix.modes = understand_modes(texts, app, options.compare);
  matrix.virtual_time = texts.simulated && !options.compare;
  matrix.chaos = {understand_chaos(texts.chaos, texts.run)};
  matrix.rates = {parse_count("--rate", texts.rate, 0, kMaxRate)};
  matrix.agents = {
      static_cast<std::uint32_t>(parse_count("--agents", texts.agents, 2, kMaxAgents))};
  understand_output(texts, app, matrix);
  understand_trace(texts, app, options);
  understand_report(texts, app, options);
  options.expect_digest = understand_digests(texts, app, matrix.modes);
  understand_run(texts.run, "--rate", matrix);
  refuse_idle_flags(app, matrix);
  matrix.brokers = understand_brokers(texts.brokers, matrix.modes);
  check_faults(matrix);
  if (search) {
    options.find_rate = understand_rate_goal(texts.find_rate, app, matrix);
  }
  refuse_to_replace_input("--output", texts.output, texts.run, {texts.chaos});
  refuse_to_replace_input("--trace", texts.trace, texts.run, {texts.chaos});
  refuse_to_replace_input("--report", texts.report, texts.run, {texts.chaos});
  options.duration = texts.run.duration;
  options.latency_file = latency_file(texts.run.latency);
  options.described_by = describing_flags(app);
  return options;
}

void see_stress_app(const SeeApp& see) {
  StressOptions options;
  StressTexts texts;
  see_command_line(
      "spate_stress", [&](CLI::App& app) { set_up_stress_flags(app, texts, options); }, see);
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
