#include "options.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <map>
#include <regex>

#include "cell_faults.h"
#include "command_line.h"
#include "command_lines.h"
#include "google_benchmark.h"
#include "idle_flags.h"
#include "program.h"
#include "run_flags.h"
#include "spate/bench/modes.h"
#include "spate/error.h"
#include "units.h"

namespace spate::bench {
namespace {

// Flags as they are given, before they are understood.
struct Texts {
  std::string modes = "sim,mock,queue";
  std::string chaos = "off,on";
  std::string rates = "1000,100000,0";
  std::string agents = "2,9,100";
  BrokerTexts brokers;
  RunTexts run;
  std::string google_benchmark;  // never set: its flags are taken out before
};

// They are listed here to be told of.
void add_google_benchmark_flags(CLI::App& app, Texts& texts) {
  for (const GoogleBenchmarkFlag& flag : google_benchmark_flags()) {
    app.add_option(std::string(flag.name), texts.google_benchmark, std::string(flag.text))
        ->type_name(std::string(flag.value))
        ->group("Google Benchmark's flags");
  }
}

void add_flags(CLI::App& app, Texts& texts) {
  add_flag(app, "--modes", texts.modes, (one_of(mode_names()) + "[,…]").c_str(),
           "axis: deliveries");
  add_flag(app, "--chaos", texts.chaos, "off|on|storm|file:PATH[,…]",
           "axis: chaos profiles: on has crashes and delays, storm all faults");
  add_flag(app, "--rates", texts.rates, "LIST",
           "axis: messages per second over all agents; 0 is a closed loop, as fast as it goes");
  add_flag(app, "--agents", texts.agents, "LIST", "axis: numbers of agents, each at least 2");
  add_run_flags(app, texts.run);
  add_broker_flags(app, texts.brokers);
  add_google_benchmark_flags(app, texts);
}

constexpr const char* kFooter =
    "Examples:\n"
    "  spate_bench --benchmark_filter='^delivery/' --benchmark_out=result.json\n"
    "  spate_bench --benchmark_filter='^delivery/' --modes mock --rates 1000\n"
    "  spate_bench --benchmark_filter='^(micro|peer|reference)/'\n"
    "\n"
    "Exit codes:\n"
    "  0  fine\n"
    "  1  a broken ledger, a failed benchmark, a delivery that gave up, a fault that was not\n"
    "     executed, or after which it did not flow again\n"
    "  2  usage or input\n"
    "  3  interrupted\n"
    "\n";

void set_up(CLI::App& app, Texts& texts) {
  app.description(
      "Stress and performance of message delivery: each combination of mode, chaos profile, rate "
      "and number of agents is a benchmark.");
  add_flags(app, texts);
  app.footer(examples_of(app, "spate_bench", kFooter) + environment_text() +
             "  BENCHMARK_…  as Google Benchmark reads it: BENCHMARK_FILTER is --benchmark_filter");
}

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
    } else {
      append_argument(ours, arg);
    }
  }
  return ours;
}

// Two spellings of one value would be two benchmarks of one name.
template <class T>
void add_new(std::string_view flag, const std::string& text, std::vector<T>& values, T value) {
  if (std::find(values.begin(), values.end(), value) != values.end()) {
    throw Error(fmt::format("{} '{}': {} is there twice; give it once", flag, text, value));
  }
  values.push_back(value);
}

// Two files may give one name, though they are two items of the list.
void add_profile(const std::string& text, ChaosProfile profile,
                 std::vector<ChaosProfile>& profiles) {
  const bool twice = std::any_of(profiles.begin(), profiles.end(), [&](const ChaosProfile& known) {
    return known.name == profile.name;
  });
  if (twice) {
    throw Error(fmt::format("--chaos '{}': profile '{}' is there twice; give another name", text,
                            profile.name));
  }
  profiles.push_back(std::move(profile));
}

void understand_axes(const Texts& texts, Options& options) {
  options.modes = parse_list("--modes", texts.modes);
  for (const std::string& mode : options.modes) {
    mode_named(mode);  // throws where there is none
  }
  for (const std::string& name : parse_list("--chaos", texts.chaos)) {
    add_profile(name, understand_chaos(name, texts.run), options.chaos);
  }
  for (const std::string& rate : parse_list("--rates", texts.rates)) {
    add_new("--rates", rate, options.rates, parse_count("--rates", rate, 0, kMaxRate));
  }
  for (const std::string& agents : parse_list("--agents", texts.agents)) {
    add_new("--agents", agents, options.agents,
            static_cast<std::uint32_t>(parse_count("--agents", agents, 2, kMaxAgents)));
  }
}

}  // namespace

std::optional<Options> parse_options(int argc, const char* const* argv) {
  Options options;
  Texts texts;
  std::vector<std::string> ours = take_google_benchmark_args(argc, argv, options);

  CLI::App app("", program_name(argc, argv));
  set_up(app, texts);
  if (!parse_command_line(app, std::move(ours))) {
    return std::nullopt;
  }
  understand_axes(texts, options);
  understand_run(texts.run, "--rates", options);
  refuse_idle_flags(app, options);
  if (!options.list_only) {
    for (const std::string& mode : options.modes) {
      check_built(mode_named(mode));
    }
    options.brokers = understand_brokers(texts.brokers, options.modes);
    check_faults(options);
  }
  refuse_to_replace_input("--benchmark_out", options.out_path, texts.run,
                          parse_list("--chaos", texts.chaos));
  return options;
}

void see_bench_app(const SeeApp& see) {
  Texts texts;
  see_command_line(
      "spate_bench", [&](CLI::App& app) { set_up(app, texts); }, see);
}

}  // namespace spate::bench
