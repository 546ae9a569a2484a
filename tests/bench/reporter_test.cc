#include "reporter.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <limits>
#include <string>
#include <vector>

namespace spate::bench {
namespace {

namespace fs = std::filesystem;
using Row = benchmark::BenchmarkReporter::Run;
using testing::HasSubstr;

// Google Benchmark 1.8 renamed what says that a run failed.
template <class R>
void fail(R& run, const std::string& message) {
  if constexpr (requires { run.error_occurred; }) {
    run.error_occurred = true;
    run.error_message = message;
  } else {
    run.skipped = decltype(run.skipped){1};
    run.skip_message = message;
  }
}

Row run_named(const std::string& name) {
  Row run;
  run.run_name.function_name = name;
  run.iterations = 10;
  run.repetitions = 1;
  run.real_accumulated_time = 1e-6;
  run.cpu_accumulated_time = 1e-6;
  for (const char* const counter : {"lost", "duplicated", "anomalies", "aliens", "corrupted"}) {
    run.counters[counter] = 0;
  }
  return run;
}

class ReporterTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "spate_reporter_XXXXXX").string();
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    folder_ = name;
    options_.out_path = (folder_ / "result.json").string();
    benchmark::BenchmarkReporter::Context::executable_name = "reporter_test";
    reporter_.emplace("spate_bench", options_, store_, nullptr);
    quietly([this] { reporter_->ReportContext(benchmark::BenchmarkReporter::Context()); });
  }
  void TearDown() override { fs::remove_all(folder_); }

  // Keeps what `action` prints out of the test's own output; returns what stderr was told.
  template <class Action>
  static std::string quietly(Action&& action) {
    testing::internal::CaptureStdout();
    testing::internal::CaptureStderr();
    action();
    std::fflush(stdout);
    testing::internal::GetCapturedStdout();
    return testing::internal::GetCapturedStderr();
  }
  std::string report(const Row& row) {
    return quietly([&] { reporter_->ReportRuns({row}); });
  }
  void finish(bool interrupted) {
    quietly([&] { interrupted ? reporter_->finish(true) : reporter_->Finalize(); });
  }
  // A run of which the store keeps an entry, as a cell's body leaves it.
  Row run_with_entry(const std::string& name, bool clean, const DeliveryTroubles& troubles = {},
                     const std::string& fault_finding = {}) {
    Row run = run_named(name);
    RunStore::Entry entry{{{"cell", cell_}, {"digest", "00"}}, clean};
    entry.troubles = troubles;
    entry.fault_finding = fault_finding;
    run.counters[RunStore::kRunCounter] =
        static_cast<double>(store_.add(some_cell_, run.iterations, entry));
    return run;
  }
  Json document() const {
    std::ifstream file(options_.out_path);
    return Json::parse(file);
  }

  const Json cell_{{"mode", "mock"}, {"chaos", {{"profile", "off"}}}, {"rate", 1}, {"agents", 2}};
  fs::path folder_;
  Options options_;
  Cell some_cell_;
  RunStore store_;
  std::optional<Reporter> reporter_;
};

TEST_F(ReporterTest, ARowIsInTheFileAsSoonAsItIsReported) {
  report(run_with_entry("delivery/x", true));
  const Json row = document()["benchmarks"][0];
  EXPECT_EQ(row["name"], "delivery/x");
  EXPECT_EQ(row["iterations"], 10);
  EXPECT_EQ(row["spate"]["digest"], "00");
  EXPECT_FALSE(row.contains(RunStore::kRunCounter));
  EXPECT_EQ(reporter_->findings(), 0U);
}

TEST_F(ReporterTest, ARowIsShownAlsoWhereTheFileCannotBeWrittenAnyMore) {
  struct Shown final : Display {
    void begin(const Json& /*context*/) override {}
    void benchmark_begins() override {}
    void row(const Json& row) override { names.push_back(row["name"]); }
    void cut_short(const Json& /*row*/) override {}
    void end() override {}
    std::vector<std::string> names;
  } shown;
  reporter_.emplace("spate_bench", options_, store_, &shown);
  quietly([this] { reporter_->ReportContext(benchmark::BenchmarkReporter::Context()); });
  fs::remove_all(folder_);
  const Row run = run_with_entry("delivery/x", true);
  quietly([&] { EXPECT_THROW(reporter_->ReportRuns({run}), Error); });
  EXPECT_THAT(shown.names, testing::ElementsAre("delivery/x"));
}

TEST_F(ReporterTest, TroublesAreToldAndStayWithTheRow) {
  const std::string told = report(run_with_entry("delivery/x", true, {{"redis: one", "two"}}));
  EXPECT_EQ(told, "spate_bench: redis: one\nspate_bench: two\n");
  EXPECT_EQ(document()["benchmarks"][0]["spate"]["troubles"], Json({"redis: one", "two"}));
  EXPECT_EQ(reporter_->findings(), 0U);
}

TEST_F(ReporterTest, ADeliveryThatGaveUpIsAFinding) {
  const std::string told = report(run_with_entry("delivery/x", true, {{"redis: gone"}, true}));
  EXPECT_THAT(told, HasSubstr("spate_bench: delivery/x: the delivery gave up"));
  EXPECT_EQ(document()["benchmarks"][0]["error_occurred"], true) << "no baseline for anything";
  EXPECT_EQ(reporter_->findings(), 1U);
}

TEST_F(ReporterTest, ABrokenLedgerIsAFindingWithItsNumbers) {
  Row run = run_with_entry("delivery/x", false);
  run.counters["lost"] = 3;
  const std::string told = report(run);
  EXPECT_EQ(reporter_->findings(), 1U);
  EXPECT_THAT(told, HasSubstr("spate_bench: delivery/x: the ledger is broken: lost 3"));
  EXPECT_EQ(document()["benchmarks"][0]["lost"], 3);
}

// --benchmark_report_aggregates_only keeps the runs themselves from the reporter.
TEST_F(ReporterTest, ABrokenLedgerIsAFindingEvenWhenOnlyAggregatesAreReported) {
  Row aggregate = run_with_entry("delivery/x", false);
  aggregate.run_type = Row::RT_Aggregate;
  aggregate.aggregate_name = "mean";
  report(aggregate);
  finish(false);
  EXPECT_GE(reporter_->findings(), 1U);
}

TEST_F(ReporterTest, AFailedBenchmarkIsAFindingAndARow) {
  Row run = run_named("micro/x");
  fail(run, "quote \" and control \x01");
  EXPECT_THAT(report(run), HasSubstr("spate_bench: micro/x: failed: quote"));
  EXPECT_EQ(reporter_->findings(), 1U);
  const Json row = document()["benchmarks"][0];
  EXPECT_EQ(row["error_occurred"], true);
  EXPECT_EQ(row["error_message"], "quote \" and control \x01");
}

TEST_F(ReporterTest, WhatIsNotFiniteBecomesNull) {
  Row run = run_named("micro/x");
  run.counters["nan"] = std::numeric_limits<double>::quiet_NaN();
  run.counters["infinite"] = -std::numeric_limits<double>::infinity();
  run.counters["fraction"] = 0.5;
  run.counters["large"] = 1e300;
  report(run);
  const Json row = document()["benchmarks"][0];
  EXPECT_TRUE(row["nan"].is_null());
  EXPECT_TRUE(row["infinite"].is_null());
  EXPECT_EQ(row["fraction"], 0.5);
  EXPECT_EQ(row["large"], 1e300);
}

TEST_F(ReporterTest, TextThatIsNotUtf8StillMakesAFile) {
  Row run = run_named("micro/\xff");
  run.report_label = "bad \xc3";
  report(run);
  EXPECT_EQ(document()["benchmarks"].size(), 1U);
}

TEST_F(ReporterTest, FiguresAreOfABenchmarkWithItsArguments) {
  Row run = run_named("micro/x");
  run.run_name.args = "threads:8";
  run.run_name.time_type = "real_time";
  report(run);
  EXPECT_TRUE(reporter_->figures().contains("micro/x/threads:8"));
}

TEST_F(ReporterTest, AnInterruptedRunSaysSo) {
  report(run_with_entry("delivery/x", true));
  finish(true);
  EXPECT_EQ(document()["context"]["interrupted"], true);
  EXPECT_EQ(document()["benchmarks"].size(), 1U);
}

TEST_F(ReporterTest, ARunWithoutRowsIsAFileToo) {
  finish(false);
  EXPECT_EQ(document()["context"]["interrupted"], false);
  EXPECT_TRUE(document()["benchmarks"].empty());
}

TEST_F(ReporterTest, ARunThatDoesNotFlowAgainIsAFinding) {
  const std::string told =
      report(run_with_entry("struck", true, {}, "after its last fault it did not flow again"));
  EXPECT_THAT(told, HasSubstr("struck: after its last fault it did not flow again"));
  EXPECT_EQ(reporter_->findings(), 1U);
}

TEST(RunStore, GivesEachEntryOnce) {
  RunStore store;
  const Cell cell;
  const std::uint64_t run = store.add(cell, 5, {"first", true});
  ASSERT_TRUE(store.take(run).has_value());
  EXPECT_FALSE(store.take(run).has_value());
  EXPECT_FALSE(store.take(run + 1).has_value());
  EXPECT_FALSE(store.take(0).has_value());
}

TEST(RunStore, ALongerRunOfTheSameCellReplacesTheShorterOnes) {
  RunStore store;
  const Cell cell;
  const Cell other;
  const std::uint64_t trial = store.add(cell, 1, {"trial", true});
  const std::uint64_t others = store.add(other, 1, {"other", true});
  const std::uint64_t first = store.add(cell, 100, {"first repetition", true});
  const std::uint64_t second = store.add(cell, 100, {"second repetition", true});
  EXPECT_FALSE(store.take(trial).has_value());
  EXPECT_EQ(store.take(others)->spate, "other");
  EXPECT_EQ(store.take(first)->spate, "first repetition");
  EXPECT_EQ(store.take(second)->spate, "second repetition");
}

// Google Benchmark may take what a signal cut short for a trial, and never ask for it.
TEST(RunStore, FindsTheRunThatWasInterrupted) {
  RunStore store;
  const Cell cell;
  store.add(cell, 1, {"trial", true});
  EXPECT_FALSE(store.take_interrupted().has_value());
  store.add(cell, 100, {"cut short", true, true});
  const std::optional<RunStore::Entry> found = store.take_interrupted();
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->spate, "cut short");
  EXPECT_FALSE(store.take_interrupted().has_value()) << "once";
}

// Of what was under way when it stopped, nobody knows what became.
TEST(RunStore, TakesNoInterruptedRunForABrokenOne) {
  RunStore store;
  const Cell cell;
  store.add(cell, 1, {"cut short", false, true});
  EXPECT_EQ(store.unclean_left(), 0U);
  EXPECT_TRUE(store.take_interrupted().has_value());
}

// A message that was lost in a trial is as lost as any.
TEST(RunStore, DoesNotForgetABrokenTrial) {
  RunStore store;
  const Cell cell;
  store.add(cell, 1, {"trial", false});
  const std::uint64_t run = store.add(cell, 100, {"run", true});
  EXPECT_TRUE(store.take(run).has_value());
  EXPECT_EQ(store.unclean_left(), 1U);
}

}  // namespace
}  // namespace spate::bench
