#include "run_flags.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <fstream>
#include <optional>
#include <thread>

#include "brokers.h"
#include "chaos_file.h"
#include "command_line.h"
#include "compare/distinct_files.h"
#include "fault_text.h"
#include "latency_flag.h"
#include "matrix.h"
#include "spate/error.h"
#include "units.h"

namespace spate::bench {
namespace {

constexpr std::int64_t kMillisecond = 1'000'000;
constexpr std::int64_t kSecond = 1'000'000'000;

constexpr std::string_view kFilePrefix = "file:";  // of a chaos profile
constexpr const char* kBuiltIn = "built-in";
constexpr const char* kByDuration = "by duration";
constexpr const char* kUnlimited = "unlimited";
constexpr const char* kCores = "cores";
constexpr const char* kNatural = "natural";
constexpr const char* kByMinAndMax = "by min and max";

// Nothing where it is that word, which stands for no number.
std::optional<std::uint64_t> parse_count_or(const char* word, const char* flag,
                                            const std::string& text, std::uint64_t least,
                                            std::uint64_t most) {
  if (text == word) {
    return std::nullopt;
  }
  try {
    return parse_count(flag, text, least, most);
  } catch (const Error& error) {
    throw Error(fmt::format("{}, or '{}'", error.what(), word));
  }
}

TypeMix understand_types(const std::string& text) {
  try {
    return TypeMix::parse(text);
  } catch (const Error& error) {
    throw Error(fmt::format("--{}", error.what()));
  }
}

void check_messages(const Options& options, const RunTexts& texts, const char* rate_flag) {
  for (const std::uint64_t rate : options.rates) {
    if (!options.messages && messages_for(rate, options.duration_ns) > kMaxMessages) {
      throw Error(fmt::format(
          "{} {} for --duration '{}' are {} messages, but at most {} fit; lower one of them",
          rate_flag, rate, texts.duration, messages_for(rate, options.duration_ns), kMaxMessages));
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

void understand_length(const RunTexts& texts, const char* rate_flag, Options& options) {
  options.duration_ns = parse_length_ns("--duration", texts.duration, kSecond, 1);
  if (options.closed_loop_ns == 0) {
    options.closed_loop_ns = options.duration_ns;
  }
  options.messages = parse_count_or(kByDuration, "--messages", texts.messages, 1, kMaxMessages);
  check_messages(options, texts, rate_flag);
}

Arrivals understand_arrivals(const std::string& text) {
  for (std::size_t index = 0; index < kArrivals; ++index) {
    if (text == kArrivalsNames[index]) {
      return static_cast<Arrivals>(index);
    }
  }
  throw Error(fmt::format("--arrivals '{}': use {}", text, fmt::join(kArrivalsNames, " or ")));
}

LatencyModel understand_latency(const RunTexts& texts) {
  if (texts.latency != kByMinAndMax) {
    return parse_latency("--latency", texts.latency);
  }
  const std::int64_t min_ns = parse_duration_ns("--min-latency", texts.min_latency, kMillisecond);
  const std::int64_t max_ns = parse_duration_ns("--max-latency", texts.max_latency, kMillisecond);
  if (min_ns > max_ns) {
    throw Error(fmt::format(
        "--min-latency '{}' is above --max-latency '{}'; lower the one or raise the other",
        texts.min_latency, texts.max_latency));
  }
  return LatencyModel::uniform(min_ns, max_ns);
}

MockSettings understand_mock(const RunTexts& texts, const std::vector<std::uint32_t>& agents) {
  MockSettings mock;
  mock.latency = understand_latency(texts);
  mock.success = Probability(parse_probability("--success-rate", texts.success_rate));
  mock.slow_agents =
      static_cast<std::uint32_t>(parse_count("--slow-agents", texts.slow_agents, 0, kMaxAgents));
  mock.slow_thousandths = parse_factor_thousandths("--slow-factor", texts.slow_factor);
  mock.station.servers = static_cast<std::uint32_t>(
      parse_count_or(kUnlimited, "--servers", texts.servers, 1, kMaxServers).value_or(0));
  mock.station.fifo = texts.fifo;
  const std::uint32_t fewest = *std::min_element(agents.begin(), agents.end());
  if (mock.slow_agents > fewest) {
    throw Error(
        fmt::format("--slow-agents {}: there are only {} agents; give fewer, or more agents",
                    mock.slow_agents, fewest));
  }
  return mock;
}

// A server on this machine needs a core as well, and gets none in time where as many workers spin.
// The same number for all cells: with another one those of two modes could not be compared.
std::uint32_t understand_workers(const std::string& text, const std::vector<std::string>& modes) {
  if (const auto given = parse_count_or(kCores, "--workers", text, 1, kMaxWorkers)) {
    return static_cast<std::uint32_t>(*given);
  }
  const auto cores = std::clamp(std::thread::hardware_concurrency(), 1U, kMaxWorkers);
  const bool beside_server = std::any_of(modes.begin(), modes.end(), is_broker);
  return std::max(1U, cores - (beside_server ? 1 : 0));
}

void understand_content(const RunTexts& texts, Options& options) {
  RunPlan& plan = options.plan;
  plan.types = understand_types(texts.types);
  options.templates_name = texts.templates;
  if (texts.templates != kBuiltIn) {
    plan.templates = ContentTemplates::load(texts.templates);
    options.templates_name = digest_of_file(texts.templates);
  }
  if (const auto given =
          parse_count_or(kNatural, "--payload-bytes", texts.payload_bytes, 0, kMaxPayloadBytes)) {
    plan.payload_bytes = static_cast<std::uint32_t>(*given);
  }
}

ChaosProfile chaos_profile(const std::string& name) {
  if (name.starts_with(kFilePrefix)) {
    return load_chaos_profile(name.substr(kFilePrefix.size()));
  }
  try {
    return ChaosProfile::named(name);
  } catch (const Error& error) {
    throw Error(fmt::format("{}, {}PATH", error.what(), kFilePrefix));
  }
}

}  // namespace

RunTexts::RunTexts()
    : duration("0.5s"),
      messages(kByDuration),
      arrivals(name_of(Arrivals::constant)),
      success_rate("0.95"),
      min_latency("1ms"),
      max_latency("10ms"),
      latency(kByMinAndMax),
      slow_agents("0"),
      slow_factor("10"),
      servers(kUnlimited),
      crash_rate("0.01"),
      spike_rate("0.05"),
      spike_max("500ms"),
      crash_downtime("0ms"),
      types("text,broadcast,system,urgent"),
      templates(kBuiltIn),
      payload_bytes(kNatural),
      seed("1"),
      window("64"),
      workers(kCores),
      in_flight_limit("1048576"),
      recover_within("5s") {}

void add_run_flags(CLI::App& app, RunTexts& texts) {
  add_flag(app, "--duration", texts.duration, "TIME",
           "of the schedule, without the drain; in a closed loop (rate 0) about so long, after "
           "shorter trial runs; a bare number is in seconds");
  add_flag(app, "--messages", texts.messages, "N",
           "so many in all, in place of a duration; the way to repeat a closed loop");
  app.get_option("--messages")->excludes("--duration");
  add_flag(app, "--arrivals", texts.arrivals, "constant|poisson",
           "of an open loop: evenly, or with exponential gaps as independent users make them");
  add_flag(app, "--success-rate", texts.success_rate, "P", "of the mock's deliveries");
  add_flag(app, "--min-latency", texts.min_latency, "TIME", "of the mock; a bare number is in ms");
  add_flag(app, "--max-latency", texts.max_latency, "TIME", "of the mock; a bare number is in ms");
  add_flag(app, "--latency", texts.latency, "MODEL",
           fmt::format("of the mock, in place of the two, one of {}", latency_usage()));
  app.get_option("--latency")->excludes("--min-latency")->excludes("--max-latency");
  add_flag(app, "--slow-agents", texts.slow_agents, "N",
           "of the mock: messages to the first N agents take longer");
  add_flag(app, "--slow-factor", texts.slow_factor, "FACTOR", "so many times as long");
  app.get_option("--slow-factor")->needs("--slow-agents");
  add_flag(app, "--servers", texts.servers, "N",
           "of the mock: so many messages are served at a time, for their latency each; the others "
           "wait, first come, first served");
  app.add_flag("--fifo", texts.fifo,
               "of the mock: each inbox hands out in the order in which messages came");
  add_flag(app, "--crash-rate", texts.crash_rate, "P", "of chaos profile on");
  add_flag(app, "--spike-rate", texts.spike_rate, "P", "of chaos profile on");
  add_flag(app, "--spike-max", texts.spike_max, "TIME",
           "of chaos profile on; a bare number is in ms");
  add_flag(app, "--crash-downtime", texts.crash_downtime, "TIME",
           "of chaos profile on: an agent's attempts fail for so long after a crash");
  add_flag(app, "--types", texts.types, "text|broadcast|system|urgent[,…]",
           "message types, also with weights, such as text=3,urgent=1");
  add_flag(app, "--templates", texts.templates, "FILE",
           "message contents, lines of 'type: template'");
  add_flag(app, "--payload-bytes", texts.payload_bytes, "N",
           "pad or cut each content to so many bytes");
  add_flag(app, "--seed", texts.seed, "N", "of every draw");
  add_flag(app, "--window", texts.window, "N", "deliveries in flight per agent in a closed loop");
  add_flag(app, "--workers", texts.workers, "N",
           "threads that send and receive; cores: as many, but one less, also for the other modes, "
           "where some mode is over a broker, for its server");
  add_flag(app, "--in-flight-limit", texts.in_flight_limit, "N",
           "deliveries under way at once, shared out among the workers; what is due beyond is shed "
           "in an open loop, and waits in a closed one");
  app.add_option("--fault", texts.faults,
                 fmt::format("a real fault of a broker or of the way to it, so long after the "
                             "start; may be given more than once: {}",
                             fault_usage()))
      ->type_name("TIME:KIND[,NAME=VALUE…]")
      ->allow_extra_args(false);
  add_flag(app, "--recover-within", texts.recover_within, "TIME",
           "after its last real fault a run must flow again within so long");
}

ChaosProfile understand_chaos(const std::string& name, const RunTexts& texts) {
  ChaosProfile profile = chaos_profile(name);
  // Bad values are refused also where the profile has no use for them.
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
  if (profile.name == "on") {
    profile.crash = crash;
    profile.spike = spike;
    profile.spike_max_ns = spike_max_ns;
    profile.downtime_ns = downtime_ns;
  }
  for (const std::string& text : texts.faults) {
    profile.faults.push_back(parse_fault("--fault", text));
  }
  return profile;
}

void refuse_to_replace_input(const char* flag, const std::string& path, const RunTexts& texts,
                             const std::vector<std::string>& chaos) {
  const auto refuse_same = [&](const char* input_flag, const std::string& input) {
    if (!path.empty() && !input.empty() && compare::same_file(path, input)) {
      throw Error(fmt::format("{} '{}': {} reads that file, which would be replaced; give another",
                              flag, path, input_flag));
    }
  };
  refuse_same("--templates", texts.templates == kBuiltIn ? "" : texts.templates);
  refuse_same("--latency", latency_file(texts.latency));
  for (const std::string& profile : chaos) {
    refuse_same("--chaos",
                profile.starts_with(kFilePrefix) ? profile.substr(kFilePrefix.size()) : "");
  }
}

void understand_run(const RunTexts& texts, const char* rate_flag, Options& options) {
  understand_length(texts, rate_flag, options);
  understand_content(texts, options);
  RunPlan& plan = options.plan;
  plan.arrivals = understand_arrivals(texts.arrivals);
  plan.mock = understand_mock(texts, options.agents);
  plan.seed = parse_count("--seed", texts.seed, 0, UINT64_MAX);
  plan.window = static_cast<std::uint32_t>(parse_count("--window", texts.window, 1, kMaxWindow));
  plan.workers = understand_workers(texts.workers, options.modes);
  plan.in_flight_limit = parse_count("--in-flight-limit", texts.in_flight_limit, 1, kMaxInFlight);
  plan.recover_within_ns = parse_duration_ns("--recover-within", texts.recover_within, kSecond);
}

}  // namespace spate::bench
