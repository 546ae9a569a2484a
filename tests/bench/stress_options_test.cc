#include "stress_options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "support/expect_error.h"

namespace spate::bench {
namespace {

using testing_support::expect_error;

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

constexpr std::int64_t kSecond = 1'000'000'000;

using Flags = std::vector<const char*>;

std::optional<StressOptions> parse(const Flags& flags) {
  Flags argv{"spate_stress"};
  argv.insert(argv.end(), flags.begin(), flags.end());
  return parse_stress_options(static_cast<int>(argv.size()), argv.data());
}

StressOptions parsed(const Flags& flags) {
  std::optional<StressOptions> options = parse(flags);
  if (!options) {
    ADD_FAILURE() << "nothing left to do";
    return {};
  }
  return *std::move(options);
}

TEST(StressOptions, DefaultsAreTheDesigns) {
  const StressOptions options = parsed({});
  EXPECT_THAT(options.matrix.modes, ElementsAre("mock"));
  ASSERT_EQ(options.matrix.chaos.size(), 1U);
  EXPECT_TRUE(options.matrix.chaos.front().quiet());
  EXPECT_THAT(options.matrix.rates, ElementsAre(100U));
  EXPECT_THAT(options.matrix.agents, ElementsAre(9U));
  EXPECT_EQ(options.matrix.duration_ns, 10 * kSecond);
  EXPECT_EQ(options.matrix.out_path, "");
  EXPECT_FALSE(options.compare);
  EXPECT_FALSE(options.verbose);
}

TEST(StressOptions, AFlagThatStandsAloneHasAValueAllTheSame) {
  for (const Flags& flags : {Flags{"--chaos"}, Flags{"--chaos", "on"}, Flags{"--chaos=on"},
                             Flags{"--chaos", "--rate", "5"}}) {
    EXPECT_EQ(parsed(flags).matrix.chaos.front().name, "on");
  }
  for (const Flags& flags : {Flags{"--real"}, Flags{"--real", "queue"}, Flags{"--real=queue"},
                             Flags{"--real", "--chaos", "--rate=5"}}) {
    EXPECT_THAT(parsed(flags).matrix.modes, ElementsAre("queue"));
  }
  EXPECT_THAT(parsed({"--chaos", "--rate", "5"}).matrix.rates, ElementsAre(5U));
  EXPECT_TRUE(parsed({"--chaos=off"}).matrix.chaos.front().quiet());
}

TEST(StressOptions, AComparisonIsOfTheMockAndThenTheRealOne) {
  EXPECT_THAT(parsed({"--compare"}).matrix.modes, ElementsAre("mock", "queue"));
  EXPECT_THAT(parsed({"--compare", "--real"}).matrix.modes, ElementsAre("mock", "queue"));
  EXPECT_THAT(parsed({"--real=queue", "--compare"}).matrix.modes, ElementsAre("mock", "queue"));
  EXPECT_TRUE(parsed({"--compare"}).compare);
}

TEST(StressOptions, TheMockIsNoRealDelivery) {
  for (const char* const flag : {"--real=mock", "--real=foo", "--real="}) {
    expect_error([&] { parse({flag}); }, {"--real '", "use queue"});
    expect_error([&] { parse({"--compare", flag}); }, {"--real '", "use queue"});
  }
}

TEST(StressOptions, OneCellHasNoLists) {
  expect_error([] { parse({"--rate", "1,2"}); }, {"--rate '1,2'", "whole number"});
  expect_error([] { parse({"--agents", "2,3"}); }, {"--agents '2,3'", "whole number"});
  expect_error([] { parse({"--chaos", "off,on"}); }, {"'off,on'", "off, on, storm"});
}

TEST(StressOptions, AnEmptyOutputIsNoOutput) {
  expect_error([] { parse({"--output", ""}); }, {"--output ''", "writable folder"});
  expect_error([] { parse({"--output="}); }, {"--output ''", "writable folder"});
}

TEST(StressOptions, SimTakesTheMocksPlace) {
  EXPECT_THAT(parsed({"--sim"}).matrix.modes, testing::ElementsAre("sim"));
  EXPECT_THAT(parsed({"--sim", "--compare"}).matrix.modes, testing::ElementsAre("sim", "queue"));
  EXPECT_TRUE(parsed({"--sim"}).matrix.virtual_time);
  EXPECT_FALSE(parsed({"--sim", "--compare"}).matrix.virtual_time);
  expect_error([] { parse({"--sim", "--real"}); }, {"--sim and --real", "--compare"});
  expect_error([] { parse({"--real=sim"}); }, {"--real 'sim'", "use queue"});
}

TEST(StressOptions, AStationIsUnlimitedUnlessToldOtherwise) {
  const MockSettings usual = parsed({}).matrix.plan.mock;
  EXPECT_FALSE(usual.station.shared());
  const MockSettings mock = parsed({"--servers=3", "--fifo"}).matrix.plan.mock;
  EXPECT_EQ(mock.station.servers, 3U);
  EXPECT_TRUE(mock.station.fifo);
  expect_error([] { parse({"--servers=0"}); }, {"--servers '0'", "1 to 1000000"});
}

TEST(StressOptions, DigestsMayBeInCapitals) {
  EXPECT_EQ(parsed({"--expect-digest=0123456789ABCDEF:FEDCBA9876543210"}).expect_digest,
            "0123456789abcdef:fedcba9876543210");
}

TEST(StressOptions, TheMocksDigestIsExpectedOnlyWhereTheMockDraws) {
  constexpr const char* kBoth = "--expect-digest=0123456789abcdef:fedcba9876543210";
  for (Flags flags : {Flags{}, Flags{"--sim"}, Flags{"--compare"}, Flags{"--sim", "--compare"}}) {
    flags.push_back(kBoth);
    EXPECT_EQ(parsed(flags).expect_digest, "0123456789abcdef:fedcba9876543210");
  }
  expect_error(
      [] {
        parse({"--real", kBoth});
      },
      {"--expect-digest '0123456789abcdef:fedcba9876543210'",
       "first half alone, 0123456789abcdef"});
  EXPECT_EQ(parsed({"--real", "--expect-digest=0123456789abcdef"}).expect_digest,
            "0123456789abcdef");
}

// The program is in a folder of its own.
class StressFiles : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = (std::filesystem::temp_directory_path() / "spate_options_XXXXXX").string();
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    std::filesystem::current_path(name);
    std::ofstream("says.txt") << "text: one\n";
    std::ofstream("mine.json") << "{}";
    std::filesystem::create_symlink("says.txt", "link");
  }
  void TearDown() override {
    const std::filesystem::path folder = std::filesystem::current_path();
    std::filesystem::current_path(before_);
    std::filesystem::remove_all(folder);
  }

 private:
  const std::filesystem::path before_ = std::filesystem::current_path();
};

TEST_F(StressFiles, TraceAndOutputAreTwo) {
  expect_error(
      [] {
        parse({"--trace=./t.json", "--output=t.json"});
      },
      {"--trace './t.json' and --output 't.json'", "two files"});
  expect_error([] { parse({"--trace=link", "--output=says.txt"}); }, {"two files"});
  EXPECT_EQ(parsed({"--trace=t.json", "--output=r.json"}).trace_path, "t.json");
  EXPECT_EQ(parsed({"--trace=/dev/null", "--output=/dev/null"}).trace_path, "/dev/null");
}

TEST_F(StressFiles, TheReportIsAFileOfItsOwn) {
  expect_error([] { parse({"--report="}); }, {"--report ''"});
  expect_error([] { parse({"--report=none/r.html"}); }, {"none/r.html", "cannot be written"});
  expect_error([] { parse({"--report=/dev/stdout"}); }, {"--report '/dev/stdout'", "report.html"});
  expect_error(
      [] {
        parse({"--report=link", "--output=says.txt"});
      },
      {"--report 'link' and --output 'says.txt'", "two files"});
  expect_error(
      [] {
        parse({"--report=r", "--trace=./r"});
      },
      {"--report 'r' and --trace './r'", "two files"});
  EXPECT_EQ(parsed({"--report=r.html", "--compare"}).report_path, "r.html");
  EXPECT_FALSE(std::filesystem::exists("r.html"));
}

TEST_F(StressFiles, NothingThatTheRunReadsIsReplaced) {
  for (const std::string flag : {"--output", "--trace", "--report"}) {
    const auto expect_refused = [&](const char* path, const char* input, const char* reads) {
      const std::string output = flag + "=" + path;
      expect_error(
          [&] {
            parse({output.c_str(), input});
          },
          {flag.c_str(), path, reads, "give another"});
    };
    expect_refused("./says.txt", "--templates=says.txt", "--templates reads");
    expect_refused("link", "--templates=says.txt", "--templates reads");
    expect_refused("./mine.json", "--chaos=file:mine.json", "--chaos reads");
    const std::string output = flag + "=new.json";
    parsed({output.c_str(), "--templates=says.txt", "--chaos=file:mine.json"});
  }
}

TEST(StressOptions, HelpAndVersionLeaveNothingToDo) {
  testing::internal::CaptureStdout();
  EXPECT_FALSE(parse({"--help"}).has_value());
  EXPECT_THAT(testing::internal::GetCapturedStdout(), HasSubstr("[queue|"));
  testing::internal::CaptureStdout();
  EXPECT_FALSE(parse({"--version"}).has_value());
  EXPECT_THAT(testing::internal::GetCapturedStdout(), testing::MatchesRegex("[0-9.]+\n"));
}

std::string repeated(const Flags& flags, const char* mode = "mock", const char* digests = "d1:d2") {
  return repeat_command(parsed(flags), mode, 1234, digests);
}

TEST(RepeatCommand, SaysAllThatTheRunDependsOnAndNoMore) {
  EXPECT_EQ(repeated({"--workers=3"}),
            "spate_stress --duration=10s --seed=1 --workers=3 --expect-digest=d1:d2");
  EXPECT_EQ(repeated({"--rate", "500", "--chaos", "--crash-rate=.1", "--duration", "2", "--seed=7",
                      "--workers", "1", "--verbose", "--output=x.json"}),
            "spate_stress --rate=500 --chaos=on --crash-rate=.1 --duration=2 --seed=7 --workers=1 "
            "--expect-digest=d1:d2");
}

TEST(RepeatCommand, IsOfOneRunOfAComparison) {
  const Flags flags{"--compare", "--real=queue", "--workers=2"};
  EXPECT_EQ(repeated(flags, "mock"),
            "spate_stress --duration=10s --seed=1 --workers=2 --expect-digest=d1:d2");
  EXPECT_EQ(repeated(flags, "queue"),
            "spate_stress --real=queue --duration=10s --seed=1 --workers=2 --expect-digest=d1:d2");
}

TEST(RepeatCommand, SaysThatTimeWasVirtual) {
  EXPECT_EQ(
      repeated({"--sim", "--fifo", "--trace=t.json", "--report=/dev/null", "--workers=2"}, "sim"),
      "spate_stress --sim --fifo --duration=10s --seed=1 --workers=2 "
      "--expect-digest=d1:d2");
}

TEST(RepeatCommand, RepeatsAClosedLoopByItsMessages) {
  EXPECT_EQ(repeated({"--rate=0", "--duration=5s", "--workers=2"}),
            "spate_stress --rate=0 --messages=1234 --seed=1 --workers=2 --expect-digest=d1:d2");
  EXPECT_EQ(repeated({"--rate=50", "--messages=1234", "--workers=2"}),
            "spate_stress --rate=50 --messages=1234 --seed=1 --workers=2 --expect-digest=d1:d2");
}

TEST(RepeatCommand, HasEveryFault) {
  EXPECT_EQ(repeated({"--real=redis", "--redis=127.0.0.1", "--fault=1s:slice", "--rate=50",
                      "--workers=1", "--fault=2s:half-close"},
                     "redis"),
            "spate_stress --real=redis --redis=redis://127.0.0.1:6379 --rate=50 --fault=1s:slice "
            "--fault=2s:half-close --duration=10s --seed=1 --workers=1 --expect-digest=d1:d2");
}

// The program would refuse what either run does not heed.
TEST(RepeatCommand, OfOneRunOfAComparisonHasWhatThatOneHeeds) {
  Flags flags{"--compare", "--real=redis", "--start-brokers", "--rate=50", "--workers=1"};
  for (const char* const flag :
       {"--fault=1s:slice", "--recover-within=1s", "--broker-timeout=9s", "--chaos",
        "--success-rate=0.9", "--server-settings=redis.appendonly=always"}) {
    flags.push_back(flag);
  }
  EXPECT_EQ(repeated(flags, "mock"),
            "spate_stress --rate=50 --chaos=on --success-rate=0.9 --duration=10s --seed=1 "
            "--workers=1 --expect-digest=d1:d2");
  const std::string redis = repeated(flags, "redis");
  EXPECT_THAT(redis, Not(HasSubstr("--success-rate")));
  for (const char* const flag :
       {" --real=redis", " --start-brokers", " --fault=1s:slice", " --recover-within=1s",
        " --broker-timeout=9s", " --server-settings=redis.appendonly=always"}) {
    EXPECT_THAT(redis, HasSubstr(flag));
  }
}

// Every flag that may describe a run, with those that it needs. One of a set excludes the others.
const std::vector<std::vector<Flags>> describing{
    {{"--rate=500"}, {"--rate=500", "--arrivals=poisson"}, {"--rate=0", "--window=9"}},
    {{"--agents=12"}},
    {{"--chaos"},
     {"--chaos=storm"},
     {"--chaos=on", "--crash-rate=.1", "--spike-rate=0.2"},
     {"--chaos=on", "--spike-max=5", "--crash-downtime=2ms"}},
    {{"--duration=3"}, {"--messages=77"}},
    {{"--success-rate=0.9"}},
    {{"--min-latency=2", "--max-latency=3ms"}, {"--latency=exponential:mean=1ms"}},
    {{"--slow-agents=2"}, {"--slow-agents=2", "--slow-factor=2.5"}},
    {{"--servers=3"}},
    {{"--fifo"}},
    {{"--types=text=3,urgent"}},
    {{"--templates=built-in"}},
    {{"--payload-bytes=64"}},
    {{"--seed=18446744073709551615"}},
    {{"--workers=3"}},
    {{"--in-flight-limit=5000"}},
};

// Words without quotes, which these flags have no need of.
std::vector<std::string> words_after_the_program(const std::string& command) {
  std::istringstream text(command);
  const std::vector<std::string> words{std::istream_iterator<std::string>(text), {}};
  return {words.begin() + 1, words.end()};
}

void expect_repeats(const Flags& flags) {
  const std::string once = repeated(flags, "sim", "0123456789abcdef:0123456789abcdef");
  const std::vector<std::string> words = words_after_the_program(once);
  Flags again;
  for (const std::string& word : words) {
    again.push_back(word.c_str());
  }
  SCOPED_TRACE(once);
  EXPECT_EQ(repeated(again, "sim", "0123456789abcdef:0123456789abcdef"), once);
  for (const char* const flag : flags) {
    const std::string name = std::string(flag).substr(0, std::string(flag).find('='));
    const bool length = name == "--duration" || name == "--messages";  // one stands for the other
    EXPECT_TRUE(length || name == "--sim" || once.find(" " + name) != std::string::npos) << name;
  }
}

TEST(RepeatCommand, IsTakenByTheProgramWhateverTwoFlagsDescribeTheRun) {
  for (const std::vector<Flags>& one_set : describing) {
    for (const std::vector<Flags>& other_set : describing) {
      for (const Flags& one : one_set) {
        for (const Flags& other : other_set) {
          Flags flags{"--sim"};
          flags.insert(flags.end(), one.begin(), one.end());
          if (&one_set != &other_set) {
            flags.insert(flags.end(), other.begin(), other.end());
          }
          expect_repeats(flags);
        }
      }
    }
  }
}

TEST(RepeatCommand, IsTakenWithAllOfThemAtOnce) {
  for (const Flags& rate : describing.front()) {
    Flags flags{"--sim"};
    flags.insert(flags.end(), rate.begin(), rate.end());
    for (std::size_t set = 1; set < describing.size(); ++set) {
      flags.insert(flags.end(), describing[set].back().begin(), describing[set].back().end());
    }
    expect_repeats(flags);
  }
}

// So that a flag that is new is not forgotten above.
TEST(RepeatCommand, TheseAreAllTheFlagsThatThereAre) {
  std::set<std::string> tried{
      "--help",           "--version",        "--real",           "--sim",
      "--compare",        "--verbose",        "--output",         "--trace",
      "--report",         "--redis",          "--nats",           "--kafka",
      "--rabbitmq",       "--expect-digest",  "--start-brokers",  "--server-settings",
      "--broker-timeout", "--fault",          "--recover-within", "--find-rate",
      "--max-rate",       "--rate-resolution"};
  for (const std::vector<Flags>& set : describing) {
    for (const Flags& flags : set) {
      for (const std::string flag : flags) {
        tried.insert(flag.substr(0, flag.find('=')));
      }
    }
  }
  testing::internal::CaptureStdout();
  parse({"--help"});
  std::istringstream help(testing::internal::GetCapturedStdout());
  std::set<std::string> told;
  const std::regex flag_line("  (-h,)?(--[a-z-]+).*");
  std::smatch found;
  for (std::string line; std::getline(help, line);) {
    if (std::regex_match(line, found, flag_line)) {
      told.insert(found[2]);
    }
  }
  EXPECT_EQ(told, tried);
}

// What stands between single quotes a shell takes as it is; a quote itself can't stand there.
TEST(RepeatCommand, QuotesWhatAShellWouldChange) {
  const std::filesystem::path folder = testing::TempDir();
  const auto repeated_with = [&](const char* name) {
    const std::string path = (folder / name).string();
    std::ofstream(path) << "text: one\n";
    std::string command = repeated({"--templates", path.c_str()});
    std::filesystem::remove(path);
    return command;
  };
  EXPECT_THAT(repeated_with("plain-1.txt"), Not(HasSubstr("'")));
  EXPECT_THAT(repeated_with("a b$c.txt"),
              testing::ContainsRegex(" '--templates=[^']*a b[$]c[.]txt' "));
  EXPECT_THAT(repeated_with("it's.txt"), HasSubstr("it'\\''s.txt' "));
}

}  // namespace
}  // namespace spate::bench
