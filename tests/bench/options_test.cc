#include "options.h"

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <initializer_list>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "support/expect_error.h"

namespace spate::bench {
namespace {

using testing_support::expect_error;

using testing::ElementsAre;
using testing::Pair;

constexpr std::int64_t kMillisecond = 1'000'000;

std::optional<Options> parse(std::initializer_list<const char*> flags) {
  std::vector<const char*> argv{"spate_bench"};
  argv.insert(argv.end(), flags);
  return parse_options(static_cast<int>(argv.size()), argv.data());
}

Options parsed(std::initializer_list<const char*> flags) {
  std::optional<Options> options = parse(flags);
  if (!options) {
    ADD_FAILURE() << "nothing left to do";
    return {};
  }
  return *std::move(options);
}

std::vector<std::string> names(const std::vector<ChaosProfile>& profiles) {
  std::vector<std::string> result;
  result.reserve(profiles.size());
  for (const ChaosProfile& profile : profiles) {
    result.push_back(profile.name);
  }
  return result;
}

TEST(Options, DefaultsAreTheDesigns) {
  const Options options = parsed({});
  EXPECT_THAT(options.modes, ElementsAre("sim", "mock", "queue"));
  EXPECT_THAT(names(options.chaos), ElementsAre("off", "on"));
  EXPECT_THAT(options.rates, ElementsAre(1000U, 100'000U, 0U));
  EXPECT_THAT(options.agents, ElementsAre(2U, 9U, 100U));
  EXPECT_EQ(options.duration_ns, 500 * kMillisecond);
  EXPECT_EQ(options.templates_name, "built-in");
  EXPECT_EQ(options.out_path, "");
  EXPECT_FALSE(options.json_on_stdout);
  EXPECT_FALSE(options.list_only);
  EXPECT_TRUE(options.extra_context.empty());
  EXPECT_THAT(options.google_benchmark_args, ElementsAre("spate_bench"));
}

// By content and not by path: a file that was edited makes other messages.
TEST(Options, TemplatesAreKnownByTheirContent) {
  const std::filesystem::path folder = testing::TempDir();
  const auto named = [&](const char* name, const char* content) {
    const std::string path = (folder / name).string();
    std::ofstream(path) << content;
    std::string known_as = parsed({"--templates", path.c_str()}).templates_name;
    std::filesystem::remove(path);
    return known_as;
  };
  EXPECT_EQ(named("a.txt", "text: one\n"), named("b.txt", "text: one\n"));
  EXPECT_NE(named("a.txt", "text: one\n"), named("a.txt", "text: two\n"));
}

TEST(Options, DefaultPlanIsTheDesigns) {
  const RunPlan plan = parsed({}).plan;
  EXPECT_DOUBLE_EQ(plan.mock.success.value(), 0.95);
  EXPECT_EQ(plan.mock.latency, LatencyModel::uniform(1 * kMillisecond, 10 * kMillisecond));
  EXPECT_EQ(plan.types.weights(), (TypeMix::Weights{1, 1, 1, 1}));
  EXPECT_FALSE(plan.payload_bytes.has_value());
  EXPECT_EQ(plan.window, 64U);
  EXPECT_EQ(plan.workers, std::max(1U, std::thread::hardware_concurrency()));
  EXPECT_NO_THROW(check(plan));
}

TEST(Options, AServerIsLeftACore) {
  const unsigned cores = std::max(1U, std::thread::hardware_concurrency());
  EXPECT_EQ(parsed({"--modes", "queue"}).plan.workers, cores);
  EXPECT_EQ(parsed({"--modes", "queue,redis", "--start-brokers"}).plan.workers,
            std::max(1U, cores - 1));
  EXPECT_EQ(parsed({"--modes", "redis", "--start-brokers", "--workers", "7"}).plan.workers, 7U);
}

TEST(Options, DefaultChaosIsTheDesigns) {
  const std::vector<ChaosProfile> profiles = parsed({}).chaos;
  ASSERT_EQ(profiles.size(), 2U);
  EXPECT_TRUE(profiles[0].quiet());
  EXPECT_DOUBLE_EQ(profiles[1].crash.value(), 0.01);
  EXPECT_DOUBLE_EQ(profiles[1].spike.value(), 0.05);
  EXPECT_EQ(profiles[1].spike_max_ns, 500 * kMillisecond);
  EXPECT_EQ(profiles[1].downtime_ns, 0);
}

TEST(Options, AxesKeepTheirOrder) {
  const Options options =
      parsed({"--modes", "queue,mock", "--chaos=on", "--rates", "0,5", "--agents", "100,2"});
  EXPECT_THAT(options.modes, ElementsAre("queue", "mock"));
  EXPECT_THAT(names(options.chaos), ElementsAre("on"));
  EXPECT_THAT(options.rates, ElementsAre(0U, 5U));
  EXPECT_THAT(options.agents, ElementsAre(100U, 2U));
}

TEST(Options, EveryFlagOfTheRunArrives) {
  const Options options = parsed({"--modes",
                                  "mock,redis",
                                  "--start-brokers",
                                  "--chaos",
                                  "storm",
                                  "--duration",
                                  "2",
                                  "--success-rate",
                                  "0.5",
                                  "--min-latency",
                                  "3",
                                  "--max-latency",
                                  "4500us",
                                  "--types",
                                  "text=3,urgent",
                                  "--payload-bytes",
                                  "256",
                                  "--seed",
                                  "18446744073709551615",
                                  "--window",
                                  "7",
                                  "--workers",
                                  "3",
                                  "--in-flight-limit",
                                  "99",
                                  "--recover-within",
                                  "700ms",
                                  "--arrivals",
                                  "poisson"});
  EXPECT_EQ(options.duration_ns, 2000 * kMillisecond);
  EXPECT_DOUBLE_EQ(options.plan.mock.success.value(), 0.5);
  EXPECT_EQ(options.plan.mock.latency, LatencyModel::uniform(3 * kMillisecond, 4'500'000));
  EXPECT_EQ(options.plan.types.weights(), (TypeMix::Weights{3, 0, 0, 1}));
  EXPECT_EQ(options.plan.payload_bytes, 256U);
  EXPECT_EQ(options.plan.seed, UINT64_MAX);
  EXPECT_EQ(options.plan.window, 7U);
  EXPECT_EQ(options.plan.workers, 3U);
  EXPECT_EQ(options.plan.in_flight_limit, 99U);
  EXPECT_EQ(options.plan.recover_within_ns, 700 * kMillisecond);
  EXPECT_EQ(options.plan.arrivals, Arrivals::poisson);
  EXPECT_FALSE(options.messages.has_value());
  EXPECT_EQ(parsed({"--messages", "70"}).messages, 70U);
}

TEST(Options, TheMocksLatencyArrives) {
  const MockSettings mock =
      parsed({"--latency", "exponential:mean=1ms", "--slow-agents", "2", "--slow-factor", "2.5"})
          .plan.mock;
  EXPECT_EQ(mock.latency, LatencyModel::exponential(kMillisecond));
  EXPECT_EQ(mock.slow_agents, 2U);
  EXPECT_EQ(mock.slow_thousandths, 2500U);
  EXPECT_EQ(parsed({"--slow-agents", "1"}).plan.mock.slow_thousandths, 10'000U);
}

TEST(Options, LatencyFlagsThatContradictEachOtherAreRefused) {
  for (const char* const flag : {"--min-latency=1ms", "--max-latency=1ms"}) {
    expect_error([&] { parse({"--latency=constant:1ms", flag}); }, {"--latency", "excludes"});
  }
  expect_error([] { parse({"--slow-factor=3"}); }, {"--slow-factor", "--slow-agents"});
  expect_error([] { parse({"--slow-agents=2", "--slow-factor=0.5"}); }, {"'0.5'", "1 to 1000"});
  expect_error(
      [] {
        parse({"--slow-agents=3", "--agents=9,2"});
      },
      {"--slow-agents 3", "only 2 agents"});
}

TEST(Options, ChaosNumbersApplyToOnOnly) {
  const std::vector<ChaosProfile> profiles =
      parsed({"--chaos", "off,on", "--crash-rate", "0.2", "--spike-rate", "0.3", "--spike-max",
              "7ms", "--crash-downtime", "2ms"})
          .chaos;
  ASSERT_EQ(profiles.size(), 2U);
  // The cell of an untouched profile must stay the same cell.
  const ChaosProfile off = ChaosProfile::off();
  EXPECT_TRUE(profiles[0].crash.never());
  EXPECT_TRUE(profiles[0].spike.never());
  EXPECT_EQ(profiles[0].spike_max_ns, off.spike_max_ns);
  EXPECT_EQ(profiles[0].downtime_ns, off.downtime_ns);

  EXPECT_DOUBLE_EQ(profiles[1].crash.value(), 0.2);
  EXPECT_DOUBLE_EQ(profiles[1].spike.value(), 0.3);
  EXPECT_EQ(profiles[1].spike_max_ns, 7 * kMillisecond);
  EXPECT_EQ(profiles[1].downtime_ns, 2 * kMillisecond);
}

TEST(Options, AStormIsWhatItsNameSaysWhateverTheNumbersOfOn) {
  const ChaosProfile storm = parsed({"--chaos", "storm,on", "--crash-rate", "0.2"}).chaos.at(0);
  EXPECT_EQ(storm.name, "storm");
  EXPECT_EQ(storm.crash.value(), ChaosProfile::storm().crash.value());
}

TEST(Options, UnknownNamesAreRefusedWithTheKnownOnes) {
  expect_error([] { parse({"--modes", "mock,foo"}); }, {"'foo'", "mock", "queue"});
  expect_error([] { parse({"--chaos", "bar"}); }, {"'bar'", "off, on, storm, file:PATH"});
  expect_error([] { parse({"--types", "text,letter"}); }, {"'letter'", "text", "urgent"});
  expect_error([] { parse({"--arrivals", "bursty"}); }, {"'bursty'", "constant or poisson"});
  expect_error([] { parse({"--nope"}); }, {"--nope", "--help"});
  expect_error([] { parse({"stray"}); }, {"stray", "--help"});
}

TEST(Options, AnUnknownFlagIsToldBeforeAllElseWithTheOneThatIsNear) {
  expect_error(
      [] {
        parse({"1s", "--duraton"});
      },
      {"unknown flag '--duraton', do you mean --duration?", "--help"});
  expect_error([] { parse({"--agent", "2"}); }, {"do you mean --agents?"});
  expect_error(
      [] {
        parse({"--chaos-rate=1", "--messages=5", "--duration=1s"});
      },
      {"unknown flag '--chaos-rate', do you mean --crash-rate?"});
  expect_error([] { parse({"--nonesuch"}); }, {"unknown flag '--nonesuch'; "});
  expect_error([] { parse({"--redis://ann:secret@there"}); }, {"unknown flag (an address)"});
}

TEST(Options, ABadNumberIsRefusedEvenWhereItIsNotUsed) {
  expect_error([] { parse({"--chaos", "off", "--crash-rate", "2"}); }, {"--crash-rate", "'2'"});
  expect_error([] { parse({"--chaos", "off", "--spike-rate", "nan"}); }, {"--spike-rate", "'nan'"});
  expect_error([] { parse({"--chaos", "off", "--spike-max", "-1"}); }, {"--spike-max", "'-1'"});
}

TEST(Options, AnEmptyValueIsNoDefault) {
  expect_error([] { parse({"--workers", ""}); }, {"--workers", "''"});
  expect_error([] { parse({"--payload-bytes", ""}); }, {"--payload-bytes", "''"});
  expect_error([] { parse({"--templates", ""}); }, {"templ", "''"});
}

TEST(Options, WordsThatStandForNoNumberAreNamedWithTheNumbers) {
  for (const auto& [flag, word] : {std::pair{"--workers", "cores"},
                                   {"--servers", "unlimited"},
                                   {"--payload-bytes", "natural"},
                                   {"--messages", "by duration"}}) {
    expect_error(
        [&, name = flag] {
          parse({name, "many"});
        },
        {flag, "'many'", "a whole number from", (std::string("or '") + word + "'").c_str()});
    EXPECT_NO_THROW(parse({flag, word}));
  }
}

// Two cells of one name would be one key twice.
TEST(Options, TheSameNumberTwiceIsRefusedHoweverItIsWritten) {
  expect_error([] { parse({"--rates", "1000,1000"}); }, {"--rates", "1000", "give it once"});
  expect_error([] { parse({"--rates", "1000,01000"}); }, {"--rates", "1000", "give it once"});
  expect_error([] { parse({"--agents", "2,02"}); }, {"--agents", "2"});
}

TEST(Options, GoogleBenchmarksFlagsArePassedOn) {
  const Options options = parsed({"--benchmark_filter=^x", "--benchmark_repetitions=3", "--seed",
                                  "5", "--benchmark_min_time=0.1", "--v=1"});
  EXPECT_THAT(options.google_benchmark_args,
              ElementsAre("spate_bench", "--benchmark_filter=^x", "--benchmark_repetitions=3",
                          "--benchmark_min_time=0.1", "--v=1"));
  EXPECT_EQ(options.plan.seed, 5U);
}

TEST(Options, OutputFlagsAreOurs) {
  const Options options =
      parsed({"--benchmark_out=a=b.json", "--benchmark_out_format=json", "--benchmark_format=json",
              "--benchmark_context=ci=yes,note=a=b"});
  EXPECT_EQ(options.out_path, "a=b.json");
  EXPECT_TRUE(options.json_on_stdout);
  EXPECT_THAT(options.extra_context, ElementsAre(Pair("ci", "yes"), Pair("note", "a=b")));
  EXPECT_THAT(options.google_benchmark_args, ElementsAre("spate_bench"));
  EXPECT_FALSE(parsed({"--benchmark_format=console"}).json_on_stdout);
}

TEST(Options, ARunMayLastForDays) {
  EXPECT_EQ(parsed({"--duration=24h", "--rates=100000"}).duration_ns, 86'400'000'000'000);
  expect_error([] { parse({"--duration=1001h"}); }, {"--duration '1001h'", "1ns to 1000h"});
  expect_error(
      [] {
        parse({"--duration=24h", "--rates=200000"});
      },
      {"200000", "'24h'", "17280000000", "9000000000", "lower"});
}

TEST(Options, NothingThatTheRunsReadIsReplaced) {
  const std::string path = testing::TempDir() + "options_test_profile.json";
  std::ofstream(path) << "{}";
  const std::string output =
      "--benchmark_out=" + testing::TempDir() + "./options_test_profile.json";
  const std::string chaos = "--chaos=off,file:" + path;
  expect_error(
      [&] {
        parse({output.c_str(), chaos.c_str()});
      },
      {output.substr(output.find('=') + 1).c_str(), "--chaos reads", "give another"});
  std::filesystem::remove(path);
}

TEST(Options, OutputFlagsRefuseWhatWeDoNotWrite) {
  expect_error([] { parse({"--benchmark_format=csv"}); }, {"--benchmark_format", "csv", "json"});
  expect_error([] { parse({"--benchmark_out_format=csv"}); },
               {"--benchmark_out_format", "csv", "json"});
  expect_error([] { parse({"--benchmark_out_format=console"}); },
               {"--benchmark_out_format", "console", "json"});
  for (const char* const context : {"--benchmark_context=alone", "--benchmark_context==x"}) {
    SCOPED_TRACE(context);
    expect_error([&] { parse({context}); }, {"--benchmark_context", "key=value"});
  }
}

// Google Benchmark's own readings of a boolean flag.
TEST(Options, ListingIsSeenHoweverItIsAskedFor) {
  for (const char* const flag : {"--benchmark_list_tests", "--benchmark_list_tests=true",
                                 "--benchmark_list_tests=1", "--benchmark_list_tests=yes"}) {
    SCOPED_TRACE(flag);
    EXPECT_TRUE(parsed({flag}).list_only);
  }
  EXPECT_FALSE(parsed({"--benchmark_list_tests=false"}).list_only);
}

TEST(Options, HelpAndVersionLeaveNothingToDo) {
  testing::internal::CaptureStdout();
  EXPECT_FALSE(parse({"--help"}).has_value());
  EXPECT_THAT(testing::internal::GetCapturedStdout(), testing::HasSubstr("--modes"));
  testing::internal::CaptureStdout();
  EXPECT_FALSE(parse({"--version"}).has_value());
  EXPECT_THAT(testing::internal::GetCapturedStdout(), testing::MatchesRegex("[0-9.]+\n"));
}

}  // namespace
}  // namespace spate::bench
