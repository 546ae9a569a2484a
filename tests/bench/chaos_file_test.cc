#include "chaos_file.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "support/expect_error.h"

namespace spate::bench {
namespace {

using testing_support::expect_error;

constexpr std::int64_t kMillisecond = 1'000'000;

// A file of a test's own, removed with it.
class ChaosFile : public testing::Test {
 protected:
  ChaosFile() : folder_(std::filesystem::path(testing::TempDir()) / unique_name()) {
    std::filesystem::create_directory(folder_);
  }
  ~ChaosFile() override { std::filesystem::remove_all(folder_); }

  std::string write(const std::string& text, const std::string& name = "gale.json") const {
    std::ofstream(folder_ / name, std::ios::binary) << text;
    return (folder_ / name).string();
  }
  ChaosProfile load(const std::string& text) const { return load_chaos_profile(write(text)); }
  void expect_refused(const std::string& text, std::initializer_list<const char*> pieces) const {
    SCOPED_TRACE(text);
    const std::string path = write(text);
    expect_error([&] { load_chaos_profile(path); }, {path.c_str()});
    expect_error([&] { load_chaos_profile(path); }, pieces);
  }

  const std::filesystem::path& folder() const { return folder_; }

 private:
  static std::string unique_name() {
    return std::string("chaos_file_") +
           testing::UnitTest::GetInstance()->current_test_info()->name();
  }
  std::filesystem::path folder_;
};

TEST_F(ChaosFile, GivesEveryNumberOfAProfile) {
  const ChaosProfile profile = load(R"({
    "name": "my-storm_2.1",
    "crash": {"rate": 0.01, "downtime": "20ms"},
    "burst": {"enter": 0.002, "leave": 0.05, "fail": 0.8},
    "spike": {"rate": 0.06, "max": "40ms"},
    "reorder": {"rate": 0.02, "max": "2us"},
    "duplicate": {"rate": 0.03},
    "drop_ack": {"rate": 1}})");
  EXPECT_EQ(profile.name, "my-storm_2.1");
  EXPECT_EQ(profile.crash.value(), 0.01);
  EXPECT_EQ(profile.downtime_ns, 20 * kMillisecond);
  EXPECT_EQ(profile.bursts.enter.value(), 0.002);
  EXPECT_EQ(profile.bursts.leave.value(), 0.05);
  EXPECT_EQ(profile.bursts.fail.value(), 0.8);
  EXPECT_EQ(profile.spike.value(), 0.06);
  EXPECT_EQ(profile.spike_max_ns, 40 * kMillisecond);
  EXPECT_EQ(profile.reorder.value(), 0.02);
  EXPECT_EQ(profile.reorder_max_ns, 2000);
  EXPECT_EQ(profile.duplicate.value(), 0.03);
  EXPECT_EQ(profile.drop_ack.value(), 1.0);
}

TEST_F(ChaosFile, MayHaveRealFaults) {
  const ChaosProfile profile =
      load(R"({"faults": ["3s:kill-broker,restart=2s", "4s:slice,spread=1s"]})");
  ASSERT_EQ(profile.faults.size(), 2U);
  EXPECT_EQ(profile.faults[0].kind, Fault::Kind::kill_broker);
  EXPECT_EQ(profile.faults[1].spread_ns, 1000 * kMillisecond);
  EXPECT_TRUE(profile.quiet()) << "no attempt is interfered with";
  EXPECT_TRUE(load(R"({"faults": []})").faults.empty());
  expect_refused(R"({"faults": "3s:slice"})", {": faults: \"3s:slice\"; give a list of texts"});
  expect_refused(R"({"faults": [3]})", {": faults: an array; give a list of texts"});
  expect_refused(R"({"faults": ["3s:melt"]})", {": faults '3s:melt': there is no fault 'melt'"});
  expect_refused(R"({"faults": ["1s:pause-broker", "1s:kill-broker"]})", {": faults '", "at once"});
  expect_refused(R"({"faults": ["3s:melt\nx"]})", {R"(: faults: "3s:melt\nx"; give a fault in)"});
}

TEST_F(ChaosFile, MayLeaveEverythingOut) {
  const ChaosProfile nothing = load("{}");
  EXPECT_EQ(nothing.name, "gale") << "the file's";
  EXPECT_TRUE(nothing.quiet());
  const ChaosProfile some = load(R"({"spike": {"rate": 0.5}, "burst": {"enter": 1, "leave": 1}})");
  EXPECT_EQ(some.spike_max_ns, ChaosProfile{}.spike_max_ns);
  EXPECT_EQ(some.bursts.fail.value(), 1.0);
  EXPECT_TRUE(some.crash.never());
}

TEST_F(ChaosFile, HasNoKeysThatNobodyReads) {
  expect_refused(R"({"brust": {}})", {": brust: unknown key", "crash, burst, spike"});
  expect_refused(R"({"burst": {"lave": 0.1}})", {": burst.lave: unknown", "enter, leave, fail"});
  expect_refused(R"({"duplicate": {"max": "1ms"}})", {": duplicate.max: unknown", "use rate"});
  expect_refused(R"({"a\nb": 1})", {R"(: "a\nb": unknown key)"});
}

TEST_F(ChaosFile, HasNoKeyTwice) {
  expect_refused(R"({"crash": {"rate": 1, "rate": 0}})", {": crash.rate: the key is there twice"});
  expect_refused(R"({"crash": {}, "burst": {}, "crash": {}})", {": crash: the key is there twice"});
  EXPECT_EQ(load(R"({"crash": {"rate": 1}, "spike": {"rate": 1}})").crash.value(), 1.0);
}

TEST_F(ChaosFile, HasProbabilitiesFromZeroToOne) {
  for (const char* const value : {"1.5", "-0.1", "\"0.5\"", "true", "null", "[0.5]", "{}"}) {
    expect_refused(std::string(R"({"burst": {"leave": )") + value + "}}",
                   {": burst.leave: ", "a probability from 0 to 1"});
  }
  expect_refused(R"({"crash": {"rate": 1e999}})", {": crash.rate: beyond", "from 0 to 1"});
  expect_refused(R"({"crash": {"rate": NaN}})", {"is not JSON at line 1, column "});
}

TEST_F(ChaosFile, HasDurationsWithAUnit) {
  for (const char* const value : {"20", "\"20\"", "\"2h\"", "\"-1ms\"", "\"fast\"", R"("1\nms")"}) {
    expect_refused(std::string(R"({"crash": {"downtime": )") + value + "}}",
                   {": crash.downtime: ", value, "a duration from 0 to 1h", "\"10ms\""});
  }
}

TEST_F(ChaosFile, HasNoFaultThatCannotBe) {
  expect_refused(R"({"burst": {"enter": 0.1}})", {": burst.leave: 0", "never end"});
  expect_refused(R"({"spike": {"rate": 0.1, "max": "0s"}})", {": spike.max: 0", "at least 1 ns"});
  expect_refused(R"({"reorder": {"rate": 1, "max": "0s"}})", {": reorder.max: 0"});
}

TEST_F(ChaosFile, HasObjectsWhereTheyBelong) {
  expect_refused("[1]", {": an array; give an object"});
  expect_refused("7", {": 7; give an object"});
  expect_refused(R"({"crash": 0.01})", {": crash: 0.01; give an object with keys of rate"});
  expect_refused(R"({"name": 7})", {": name: 7", "text"});
}

TEST_F(ChaosFile, HasANameThatABenchmarkCanBear) {
  for (const char* const name : {"", "a/b", "a:b", "a b", "a\\nb", "sturm,drang", "Böe"}) {
    expect_refused(std::string(R"({"name": ")") + name + "\"}", {": name: ", "letters, digits"});
  }
  expect_refused(R"({"name": ")" + std::string(65, 'a') + "\"}", {"1 to 64"});
  for (const char* const name : {"off", "on", "storm"}) {
    expect_refused(std::string(R"({"name": ")") + name + "\"}", {name, "another name"});
  }
  const std::string path = write("{}", "two words.json");
  expect_error([&] { load_chaos_profile(path); }, {": name: \"two words\""});
}

TEST_F(ChaosFile, IsJsonFromEndToEnd) {
  expect_refused("", {"not JSON at line 1, column 1"});
  expect_refused("{\n  \"crash\": {\"rate\" 1}}", {"not JSON at line 2, column 20"});
  expect_refused("{} {}", {"not JSON at line 1, column 4"});
  expect_refused(std::string("{}\0{", 4), {"not JSON at line 1, column 3"});
  expect_refused(std::string(1 << 17, ' '), {"larger than 64 KiB"});
}

TEST_F(ChaosFile, CanBeRead) {
  const std::string absent = (folder() / "absent.json").string();
  expect_error([&] { load_chaos_profile(absent); }, {absent.c_str(), "readable JSON file"});
  const std::string path = folder().string();
  expect_error([&] { load_chaos_profile(path); }, {path.c_str(), "readable JSON file"});
}

}  // namespace
}  // namespace spate::bench
