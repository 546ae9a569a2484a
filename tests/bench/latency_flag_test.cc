#include "latency_flag.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "spate/hdr_encoding.h"
#include "support/expect_error.h"

namespace spate::bench {
namespace {

using testing_support::expect_error;

constexpr std::int64_t kMillisecond = 1'000'000;

LatencyModel parse(const std::string& text) { return parse_latency("--latency", text); }

void expect_refused(const std::string& text, std::initializer_list<const char*> pieces) {
  SCOPED_TRACE(text);
  const std::string given = "--latency '" + text + "': ";
  expect_error([&] { parse(text); }, {given.c_str()});
  expect_error([&] { parse(text); }, pieces);
}

TEST(LatencyFlag, UnderstandsEveryModel) {
  EXPECT_EQ(parse("constant:1ms"), LatencyModel::constant(kMillisecond));
  EXPECT_EQ(parse("constant:2"), LatencyModel::constant(2 * kMillisecond));
  EXPECT_EQ(parse("uniform:min=1ms,max=10ms"),
            LatencyModel::uniform(kMillisecond, 10 * kMillisecond));
  EXPECT_EQ(parse("exponential:mean=500us"), LatencyModel::exponential(kMillisecond / 2));
  EXPECT_EQ(parse("lognormal:p50=2ms,p99=20ms"),
            LatencyModel::lognormal(2 * kMillisecond, 20 * kMillisecond));
  EXPECT_EQ(parse("pareto:min=1ms,max=10s,alpha=1.5"),
            LatencyModel::pareto(kMillisecond, 10'000 * kMillisecond, 1.5));
}

TEST(LatencyFlag, TakesParametersInAnyOrder) {
  EXPECT_EQ(parse("uniform:max=10ms,min=1ms"), parse("uniform:min=1ms,max=10ms"));
}

TEST(LatencyFlag, ReadsItsOwnCanonicalText) {
  for (const char* const text :
       {"constant:0ns", "uniform:min=1500ns,max=2s", "exponential:mean=1ms",
        "lognormal:p50=2ms,p99=20ms", "pareto:min=1ms,max=3600s,alpha=0.7"}) {
    EXPECT_EQ(parse(text).text(), text);
  }
}

TEST(LatencyFlag, RefusesModelsThatThereAreNot) {
  for (const char* const text : {"", ":", "gamma:mean=1ms", "Uniform:min=1,max=2", "1ms"}) {
    expect_refused(text, {"no such model", "constant:TIME", "from:FILE#CELL"});
  }
}

TEST(LatencyFlag, RefusesParametersThatAreMissingUnknownOrThereTwice) {
  expect_refused("constant", {"missing", "constant:TIME"});
  expect_refused("constant:", {"the time ''", "duration"});
  expect_refused("uniform", {"missing", "uniform:min=TIME,max=TIME"});
  expect_refused("uniform:", {"empty"});
  expect_refused("uniform:min=1ms", {"'max' is missing", "min=…,max=…"});
  expect_refused("exponential:1ms", {"'1ms' is no parameter of it", "mean=…"});
  expect_refused("exponential:mean=1ms,p99=2ms", {"'p99=2ms' is no parameter of it", "mean=…"});
  expect_refused("lognormal:p50=1ms,p50=2ms,p99=3ms", {"'p50' is there twice", "once"});
  expect_refused("lognormal:p50=1ms,,p99=3ms", {"empty"});
}

TEST(LatencyFlag, RefusesValuesOutOfRange) {
  expect_refused("constant:2h", {"the time '2h'", "0 to 1h"});
  expect_refused("exponential:mean=0", {"mean latency 0ns", "1ns to 1 h"});
  expect_refused("exponential:mean=x", {"mean 'x'", "duration"});
  expect_refused("exponential:mean=1h", {"above 1 h"});
  expect_refused("uniform:min=2ms,max=1ms", {"min latency 2ms is above max latency 1ms"});
  expect_refused("lognormal:p50=2ms,p99=2ms", {"p99 latency 2ms is not above p50 latency 2ms"});
  expect_refused("pareto:min=1ms,max=10s,alpha=steep", {"alpha 'steep'", "1.5"});
  expect_refused("pareto:min=1ms,max=10s,alpha=1e9", {"alpha", "0.1 to 100"});
}

LatencyRecorder some_latencies() {
  LatencyRecorder recorded;
  for (std::int64_t ns = 1000; ns < 2'000'000; ns += 1000) {
    recorded.record(ns);
  }
  return recorded;
}

nlohmann::json row(const std::string& name, const std::string& histogram) {
  return {
      {"name", name}, {"run_type", "iteration"}, {"spate", {{"response_histogram", histogram}}}};
}

class FromFile : public testing::Test {
 protected:
  ~FromFile() override { std::filesystem::remove(path_); }

  void write(const std::string& text) { std::ofstream(path_) << text; }
  void write_rows(const std::vector<nlohmann::json>& rows) {
    write(nlohmann::json{{"benchmarks", rows}}.dump());
  }
  std::string from(const std::string& cell) const { return "from:" + path_ + "#" + cell; }

 private:
  // A '#' of the file's own must not mislead.
  const std::string path_ = testing::TempDir() + "latency#flag_test.json";
};

TEST_F(FromFile, DrawsAsTheRowWasMeasured) {
  const LatencyModel expected = LatencyModel::empirical(some_latencies());
  nlohmann::json aggregate = row("a/agents:2/iterations:1_mean", "no matter");
  aggregate["run_type"] = "aggregate";
  write_rows({row("a/agents:22/iterations:1/manual_time", "other"), aggregate,
              row("a/agents:2/iterations:1/manual_time", encode_hdr(some_latencies()))});
  EXPECT_EQ(parse(from("a/agents:2")), expected);
  EXPECT_EQ(parse(from("a/agents:2/iterations:1/manual_time")), expected);
}

TEST_F(FromFile, RefusesWhatIsNoResultFile) {
  expect_refused(from("a"), {"cannot open"});
  expect_refused("from:" + testing::TempDir() + "#a", {"is a folder", "result file"});
  write("");
  expect_refused(from("a"), {"is empty; expected JSON"});
  write("{");
  expect_refused(from("a"), {"ends too early to be JSON"});
  write("no JSON");
  expect_refused(from("a"), {"is not JSON at line 1"});
  for (const char* const text :
       {"[]", "7", "{}", R"({"benchmarks": 7})", R"({"benchmarks": []})"}) {
    write(text);
    expect_refused(from("a"), {"has no rows", "result file"});
  }
}

TEST(LatencyFlag, NamesTheFileThatItReads) {
  EXPECT_EQ(latency_file("from:a#b.json#cell"), "a#b.json");
  for (const char* const text : {"", "by min and max", "constant:1ms", "from:", "from:a", "a#b"}) {
    EXPECT_EQ(latency_file(text), "") << text;
  }
}

TEST_F(FromFile, NamesTheRowsThatThereAre) {
  std::vector<nlohmann::json> rows;
  for (const char* const name : {"a", "b", "c", "d", "e"}) {
    rows.push_back(row(name, ""));
  }
  write_rows(rows);
  for (const char* const cell : {"x", "", "/"}) {
    expect_refused(from(cell), {"no row", "but a, b, c and 2 more"});
  }
}

TEST_F(FromFile, RefusesACellThatIsMissingOrNotTheOnlyOne) {
  write_rows({row("a/b", "x"), row("a/c", "x"), row("d", "x"), row("d", "x")});
  std::string without = from("");
  without = without.substr(0, without.find('#'));
  expect_refused(without, {"cell is missing", "from:FILE#CELL"});
  expect_refused(from("a"), {"2 rows 'a'"});
  expect_refused(from("d"), {"2 rows 'd'"});
}

TEST_F(FromFile, RefusesARowWithoutAUsableHistogram) {
  nlohmann::json without = row("without", "");
  without.erase("spate");
  write_rows({without,
              row("empty", encode_hdr(LatencyRecorder())),
              row("garbage", "HISTFAAAgarbage"),
              row("of 3 digits", "HISTFAAAACJ4nJNpmSzMwMDAxgABzFCaEcp9Yf8BKsJ0kp+FCQBbDARL"),
              {{"name", "odd"}, {"spate", 7}},
              {{"name", 7}},
              7});
  expect_refused(from("without"), {"'without' has no histogram", "delivered"});
  expect_refused(from("odd"), {"'odd' has no histogram"});
  expect_refused(from("empty"), {"histogram", "empty"});
  expect_refused(from("garbage"), {"histogram text"});
  expect_refused(from("of 3 digits"),
                 {"3 digits for 1 to 1000 ns", "2 digits for 1 to 3600000000000 ns"});
}

}  // namespace
}  // namespace spate::bench
