#include "options.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <fstream>
#include <iostream>
#include <map>
#include <regex>
#include <thread>

#include "matrix.h"
#include "modes.h"
#include "spate/error.h"
#include "units.h"
#include "version.h"

namespace spate::bench {
namespace {

constexpr std::int64_t kMillisecond = 1'000'000;
constexpr std::int64_t kSecond = 1'000'000'000;

// Flags as they are given, before they are understood.
struct Texts {
  std::string modes = "mock,queue";
  std::string chaos = "off,on";
  std::string rates = "1000,100000,0";
  std::string agents = "2,9,100";
  std::string duration = "0.5s";
  std::string success_rate = "0.95";
  std::string min_latency = "1ms";
  std::string max_latency = "10ms";
  std::string crash_rate = "0.01";
  std::string spike_rate = "0.05";
  std::string spike_max = "500ms";
  std::string crash_downtime = "0ms";
  std::string types = "text,broadcast,system,urgent";
  std::string templates = "built-in";
  std::string payload_bytes = "natural";
  std::string seed = "1";
  std::string window = "64";
  std::string workers = std::to_string(std::max(1U, std::thread::hardware_concurrency()));
  std::string in_flight_limit = "1048576";
};

void add_flags(CLI::App& app, Texts& texts) {
  const auto flag = [&](const char* name, std::string& text, const char* type, const char* help) {
    app.add_option(name, text, help)->type_name(type)->capture_default_str();
  };
  const std::string mode_help = fmt::format("axis: deliveries, of {}", mode_names());
  flag("--modes", texts.modes, "LIST", mode_help.c_str());
  flag("--chaos", texts.chaos, "LIST", "axis: chaos profiles, of off, on");
  flag("--rates", texts.rates, "LIST",
       "axis: messages per second over all agents; 0 is a closed loop, as fast as it goes");
  flag("--agents", texts.agents, "LIST", "axis: numbers of agents, each at least 2");
  flag(
      "--duration", texts.duration, "TIME",
      "of each cell, but for drain and, in a closed loop, trial runs; a bare number is in seconds");
  flag("--success-rate", texts.success_rate, "P", "of the mock's deliveries");
  flag("--min-latency", texts.min_latency, "TIME", "of the mock; a bare number is in ms");
  flag("--max-latency", texts.max_latency, "TIME", "of the mock; a bare number is in ms");
  flag("--crash-rate", texts.crash_rate, "P", "of chaos profile on");
  flag("--spike-rate", texts.spike_rate, "P", "of chaos profile on");
  flag("--spike-max", texts.spike_max, "TIME", "of chaos profile on; a bare number is in ms");
  flag("--crash-downtime", texts.crash_downtime, "TIME",
       "of chaos profile on: an agent's attempts fail for so long after a crash");
  flag("--types", texts.types, "MIX", "message types with weights, such as text=3,urgent=1");
  flag("--templates", texts.templates, "FILE", "message contents, lines of 'type: template'");
  flag("--payload-bytes", texts.payload_bytes, "N", "pad or cut each content to so many bytes");
  flag("--seed", texts.seed, "N", "of every draw");
  flag("--window", texts.window, "N", "deliveries in flight per agent in a closed loop");
  flag("--workers", texts.workers, "N",
       "threads that send and receive; as many as cores, unless given");
  flag("--in-flight-limit", texts.in_flight_limit, "N",
       "deliveries under way at once, shared out among the workers; what is due beyond is shed in\n"
       "an open loop, and waits in a closed one");
}

constexpr const char* kFooter =
    "Google Benchmark's flags work too: --benchmark_filter=REGEX, --benchmark_list_tests,\n"
    "--benchmark_repetitions=N, --benchmark_out=FILE (JSON, valid at all times), …\n"
    "\n"
    "Examples:\n"
    "  spate_bench --benchmark_filter='^delivery/' --benchmark_out=result.json\n"
    "  spate_bench --benchmark_filter='^delivery/' --modes mock --rates 1000 --duration 5s\n"
    "  spate_bench --benchmark_filter='^(micro|peer|reference)/'\n"
    "\n"
    "Exit codes: 0 fine, 1 a broken ledger or a failed benchmark, 2 usage or input,\n"
    "3 interrupted.";

// --benchmark_name=value, where it stands in `arg`.
std::optional<std::string> value_of(const std::string& arg, std::string_view name) {
  if (arg.rfind(name, 0) == 0 && arg.size() > name.size() && arg[name.size()] == '=') {
    return arg.substr(name.size() + 1);
  }
  return std::nullopt;
}

void take_context(const std::string& text, Options& options) {
  for (const std::string& item : parse_list("--benchmark_context", text)) {
    const std::size_t equals = item.find('=');
    if (equals == std::string::npos || equals == 0) {
      throw Error(
          fmt::format("--benchmark_context '{}': give key=value pairs, separated by commas", text));
    }
    options.extra_context.emplace_back(item.substr(0, equals), item.substr(equals + 1));
  }
}

void take_format(std::string_view flag, const std::string& format, bool console_allowed) {
  if (format != "json" && !(console_allowed && format == "console")) {
    throw Error(
        fmt::format("{} '{}': use {}", flag, format, console_allowed ? "console or json" : "json"));
  }
}

// Google Benchmark ends the process with 1, or goes on, where it does not like a value.
void check_repetitions(const std::string& flag, const std::string& text) {
  parse_count(flag, text, 1, 1'000'000);
}
double parse_seconds(const std::string& flag, const std::string& text) {
  const std::string seconds = text.ends_with('s') ? text.substr(0, text.size() - 1) : text;
  double value = 0.0;
  const auto [end, error] = std::from_chars(seconds.data(), seconds.data() + seconds.size(), value);
  if (error != std::errc{} || end != seconds.data() + seconds.size() || !(value >= 0.0) ||
      !std::isfinite(value)) {
    throw Error(fmt::format("{} '{}': give a number of seconds", flag, text));
  }
  return value;
}
void check_seconds(const std::string& flag, const std::string& text) { parse_seconds(flag, text); }
// Google Benchmark takes any word that it does not know for yes.
void check_switch(const std::string& flag, const std::string& text) {
  static constexpr std::array<std::string_view, 13> kWords{
      "true", "false", "t", "f", "yes", "no", "y", "n", "on", "off", "1", "0", "auto"};
  if (std::find(kWords.begin(), kWords.end(), text) == kWords.end() ||
      (text == "auto" && flag != "--benchmark_color")) {
    throw Error(fmt::format("{} '{}': use true or false{}", flag, text,
                            flag == "--benchmark_color" ? ", or auto" : ""));
  }
}
void check_time_unit(const std::string& flag, const std::string& text) {
  if (text != "ns" && text != "us" && text != "ms" && text != "s") {
    throw Error(fmt::format("{} '{}': use ns, us, ms or s", flag, text));
  }
}
void check_filter(const std::string& flag, const std::string& text) {
  try {
    const std::regex regex(text.starts_with('-') ? text.substr(1) : text,
                           std::regex_constants::extended);
  } catch (const std::regex_error&) {
    throw Error(fmt::format("{} '{}': not a regular expression (POSIX extended)", flag, text));
  }
}

void check_value(const std::string& arg) {
  using Check = void (*)(const std::string&, const std::string&);
  static const std::map<std::string, Check> checks{
      {"--benchmark_repetitions", check_repetitions},
      {"--benchmark_min_time", check_seconds},
      {"--benchmark_min_warmup_time", check_seconds},
      {"--benchmark_time_unit", check_time_unit},
      {"--benchmark_filter", check_filter},
      {"--benchmark_color", check_switch},
      {"--benchmark_counters_tabular", check_switch},
      {"--benchmark_enable_random_interleaving", check_switch},
      {"--benchmark_report_aggregates_only", check_switch},
      {"--benchmark_display_aggregates_only", check_switch},
      {"--benchmark_list_tests", check_switch},
  };
  const std::size_t equals = arg.find('=');
  const auto check = checks.find(arg.substr(0, equals));
  if (equals != std::string::npos && check != checks.end()) {
    check->second(check->first, arg.substr(equals + 1));
  }
}

// As Google Benchmark reads a flag that may stand alone.
bool is_set(const std::string& arg, std::string_view name) {
  if (arg == name) {
    return true;
  }
  const auto value = value_of(arg, name);
  return value && *value != "0" && *value != "f" && *value != "false" && *value != "n" &&
         *value != "no" && *value != "off";
}
bool is_flag(const std::string& arg, std::string_view name) {
  return arg == name || value_of(arg, name).has_value();
}

// Splits Google Benchmark's flags from ours; a few of them are answered by our reporters.
std::vector<std::string> take_google_benchmark_args(int argc, const char* const* argv,
                                                    Options& options) {
  std::vector<std::string> ours;
  options.google_benchmark_args.emplace_back(argv[0]);
  for (int i = 1; i < argc; ++i) {
    const std::string arg = argv[i];
    check_value(arg);
    if (const auto path = value_of(arg, "--benchmark_out")) {
      options.out_path = *path;
    } else if (const auto out_format = value_of(arg, "--benchmark_out_format")) {
      take_format("--benchmark_out_format", *out_format, false);
    } else if (const auto format = value_of(arg, "--benchmark_format")) {
      take_format("--benchmark_format", *format, true);
      options.json_on_stdout = *format == "json";
    } else if (const auto context = value_of(arg, "--benchmark_context")) {
      take_context(*context, options);
    } else if (is_flag(arg, "--benchmark_list_tests")) {
      options.list_only = is_set(arg, "--benchmark_list_tests");
    } else if (is_flag(arg, "--benchmark_display_aggregates_only")) {
      options.console_aggregates_only = is_set(arg, "--benchmark_display_aggregates_only");
    } else if (arg.rfind("--benchmark_", 0) == 0 || arg.rfind("--v=", 0) == 0) {
      if (const auto filter = value_of(arg, "--benchmark_filter")) {
        options.filter = *filter;
      } else if (const auto min_time = value_of(arg, "--benchmark_min_time")) {
        options.closed_loop_ns =
            std::llround(parse_seconds("--benchmark_min_time", *min_time) * 1e9);
      }
      options.google_benchmark_args.push_back(arg);
    } else if (const std::size_t equals = arg.find('=');
               arg.rfind("--", 0) == 0 && equals != std::string::npos) {
      // CLI11 takes the next argument for the value when there is none behind the sign.
      ours.push_back(arg.substr(0, equals));
      ours.push_back(arg.substr(equals + 1));
    } else {
      ours.push_back(arg);
    }
  }
  return ours;
}

// Two spellings of one value would be two benchmarks of one name.
template <class T>
void add_new(std::string_view flag, const std::string& text, std::vector<T>& values, T value) {
  if (std::find(values.begin(), values.end(), value) != values.end()) {
    throw Error(fmt::format("{} '{}': {} is there twice", flag, text, value));
  }
  values.push_back(value);
}

void understand_axes(const Texts& texts, Options& options) {
  options.modes = parse_list("--modes", texts.modes);
  for (const std::string& mode : options.modes) {
    mode_named(mode);  // throws where there is none
  }
  const Probability crash(parse_probability("--crash-rate", texts.crash_rate));
  const Probability spike(parse_probability("--spike-rate", texts.spike_rate));
  const std::int64_t spike_max_ns = parse_duration_ns("--spike-max", texts.spike_max, kMillisecond);
  const std::int64_t downtime_ns =
      parse_duration_ns("--crash-downtime", texts.crash_downtime, kMillisecond);
  if (spike_max_ns == 0 && !spike.never()) {
    throw Error(fmt::format(
        "--spike-max '{}': a spike adds at least 1 ns; raise it, or give --spike-rate 0",
        texts.spike_max));
  }
  for (const std::string& name : parse_list("--chaos", texts.chaos)) {
    ChaosProfile profile = ChaosProfile::named(name);
    if (!profile.quiet()) {
      profile.crash = crash;
      profile.spike = spike;
      profile.spike_max_ns = spike_max_ns;
      profile.downtime_ns = downtime_ns;
    }
    options.chaos.push_back(std::move(profile));
  }
  for (const std::string& rate : parse_list("--rates", texts.rates)) {
    add_new("--rates", rate, options.rates, parse_count("--rates", rate, 0, kMaxRate));
  }
  for (const std::string& agents : parse_list("--agents", texts.agents)) {
    add_new("--agents", agents, options.agents,
            static_cast<std::uint32_t>(parse_count("--agents", agents, 2, kMaxAgents)));
  }
}

TypeMix understand_types(const std::string& text) {
  try {
    return TypeMix::parse(text);
  } catch (const Error& error) {
    throw Error(fmt::format("--{}", error.what()));
  }
}

void check_messages(const Options& options, const Texts& texts) {
  for (const std::uint64_t rate : options.rates) {
    if (messages_for(rate, options.duration_ns) > kMaxMessages) {
      throw Error(fmt::format(
          "--rates {} for --duration '{}' are {} messages, but at most {} fit; lower one of them",
          rate, texts.duration, messages_for(rate, options.duration_ns), kMaxMessages));
    }
  }
}

// Two files of one content are one set of templates, whatever they are called.
// (FNV-1a, 64 bits: Fowler, Noll, Vo, RFC 9923.)
std::string digest_of_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::uint64_t digest = 0xcbf29ce484222325U;
  for (char byte = 0; file.get(byte);) {
    digest = (digest ^ static_cast<unsigned char>(byte)) * 0x100000001b3U;
  }
  return fmt::format("{:016x}", digest);
}

void understand_plan(const Texts& texts, Options& options) {
  RunPlan& plan = options.plan;
  options.duration_ns = parse_duration_ns("--duration", texts.duration, kSecond);
  if (options.duration_ns == 0) {
    throw Error(fmt::format("--duration '{}': give more than 0", texts.duration));
  }
  if (options.closed_loop_ns == 0) {
    options.closed_loop_ns = options.duration_ns;
  }
  check_messages(options, texts);
  plan.mock.success = Probability(parse_probability("--success-rate", texts.success_rate));
  plan.mock.latency_min_ns = parse_duration_ns("--min-latency", texts.min_latency, kMillisecond);
  plan.mock.latency_max_ns = parse_duration_ns("--max-latency", texts.max_latency, kMillisecond);
  if (plan.mock.latency_min_ns > plan.mock.latency_max_ns) {
    throw Error(fmt::format(
        "--min-latency '{}' is above --max-latency '{}'; lower the one or raise the other",
        texts.min_latency, texts.max_latency));
  }
  plan.types = understand_types(texts.types);
  options.templates_name = texts.templates;
  if (texts.templates != "built-in") {
    plan.templates = ContentTemplates::load(texts.templates);
    options.templates_name = digest_of_file(texts.templates);
  }
  if (texts.payload_bytes != "natural") {
    plan.payload_bytes = static_cast<std::uint32_t>(
        parse_count("--payload-bytes", texts.payload_bytes, 0, kMaxPayloadBytes));
  }
  plan.seed = parse_count("--seed", texts.seed, 0, UINT64_MAX);
  plan.window = static_cast<std::uint32_t>(parse_count("--window", texts.window, 1, kMaxWindow));
  plan.workers =
      static_cast<std::uint32_t>(parse_count("--workers", texts.workers, 1, kMaxWorkers));
  plan.in_flight_limit = parse_count("--in-flight-limit", texts.in_flight_limit, 1, kMaxInFlight);
}

}  // namespace

std::optional<Options> parse_options(int argc, const char* const* argv) {
  Options options;
  Texts texts;
  std::vector<std::string> ours = take_google_benchmark_args(argc, argv, options);

  CLI::App app(
      "Stress and performance of message delivery: each combination of mode, chaos\n"
      "profile, rate and number of agents is a benchmark.",
      "spate_bench");
  add_flags(app, texts);
  app.footer(kFooter);
  app.set_version_flag("--version", kVersion);
  std::reverse(ours.begin(), ours.end());  // CLI11 takes them from the back
  try {
    app.parse(ours);
  } catch (const CLI::Success& request) {
    app.exit(request, std::cout, std::cerr);
    return std::nullopt;
  } catch (const CLI::ParseError& error) {
    throw Error(fmt::format("{}; spate_bench --help lists the flags", error.what()));
  }
  understand_axes(texts, options);
  understand_plan(texts, options);
  return options;
}

}  // namespace spate::bench
