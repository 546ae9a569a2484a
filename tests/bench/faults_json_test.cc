#include "faults_json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>
#include <string>

#include "faults_report.h"

namespace spate::bench {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr std::int64_t kMillisecond = 1'000'000;
constexpr std::int64_t kScheduleNs = 10'000 * kMillisecond;

// One that went as it should, and a run that flowed again.
FaultsReport some_faults() {
  FaultOutcome outcome;
  outcome.executed.fault = {.kind = Fault::Kind::pause_broker,
                            .at_ns = 2000 * kMillisecond,
                            .for_ns = 500 * kMillisecond};
  outcome.executed.begun_ns = 2001 * kMillisecond;
  outcome.executed.ended_ns = 2503 * kMillisecond;
  outcome.detected_after_ns = 40 * kMillisecond;
  outcome.recovered_after_ns = 600 * kMillisecond;
  outcome.recovered = 3;
  outcome.unknown = 4;
  outcome.duplicated = 5;
  FaultsReport report;
  report.faults = {outcome};
  report.liveness = {.last_fault_end_ns = 2503 * kMillisecond,
                     .wanted_within_ns = 5000 * kMillisecond,
                     .flows_after_ns = 97 * kMillisecond};
  report.response_p99_before_ns = kMillisecond;
  return report;
}

Timeline some_timeline(std::size_t slices = 40) {
  Timeline timeline{100 * kMillisecond, std::vector<TimelineSlice>(slices)};
  for (TimelineSlice& slice : timeline.slices) {
    slice = {.sent = 100, .attempted = 200, .delivered = 200, .acked = 199, .failed = 1};
    slice.response_p50_ns = kMillisecond;
    slice.response_p99_ns = 2 * kMillisecond;
  }
  return timeline;
}

TEST(FaultsJson, SaysOfEachFaultWhatWasPlannedAndWhatCameOfIt) {
  const Json object = faults_object(some_faults(), {kScheduleNs});
  const Json& fault = object.at("executed").at(0);
  EXPECT_EQ(fault.at("fault"), "2s:pause-broker,for=500ms");
  EXPECT_EQ(fault.at("kind"), "pause-broker");
  EXPECT_EQ(fault.at("planned_ns"), 2000 * kMillisecond);
  EXPECT_EQ(fault.at("begun_ns"), 2001 * kMillisecond);
  EXPECT_EQ(fault.at("ended_ns"), 2503 * kMillisecond);
  EXPECT_EQ(fault.at("detected_after_ns"), 40 * kMillisecond);
  EXPECT_EQ(fault.at("recovered_after_ns"), 600 * kMillisecond);
  EXPECT_EQ(fault.at("lost"), 0);
  EXPECT_EQ(fault.at("recovered"), 3);
  EXPECT_EQ(fault.at("unknown"), 4);
  EXPECT_EQ(fault.at("duplicated"), 5);
  EXPECT_FALSE(fault.contains("trouble"));
  EXPECT_EQ(object.at("liveness").at("holds"), true);
  EXPECT_EQ(object.at("liveness").at("flows_after_ns"), 97 * kMillisecond);
  EXPECT_EQ(object.at("response_ns_p99_before"), kMillisecond);
}

TEST(FaultsJson, HasNoTimeForWhatDidNotHappen) {
  FaultsReport report = some_faults();
  report.faults[0].executed.ended_ns = -1;
  report.faults[0].detected_after_ns = -1;
  report.faults[0].recovered_after_ns = -1;
  report.liveness.flows_after_ns = -1;
  report.response_p99_before_ns = -1;
  const Json object = faults_object(report, {kScheduleNs});
  const Json& fault = object.at("executed").at(0);
  EXPECT_TRUE(fault.at("ended_ns").is_null());
  EXPECT_TRUE(fault.at("detected_after_ns").is_null());
  EXPECT_TRUE(fault.at("recovered_after_ns").is_null());
  EXPECT_TRUE(object.at("liveness").at("flows_after_ns").is_null());
  EXPECT_TRUE(object.at("response_ns_p99_before").is_null());
}

TEST(FaultsJson, HasTheTimelineInColumns) {
  Timeline timeline = some_timeline(2);
  timeline.slices[1] = {};
  EXPECT_EQ(timeline_object(timeline), Json({{"slice_ns", 100 * kMillisecond},
                                             {"sent", {100, 0}},
                                             {"expected", {200, 0}},
                                             {"acked", {199, 0}},
                                             {"delivered", {200, 0}},
                                             {"failed", {1, 0}},
                                             {"rejected", {0, 0}},
                                             {"unknown", {0, 0}},
                                             {"response_ns_p50", {kMillisecond, nullptr}},
                                             {"response_ns_p99", {2 * kMillisecond, nullptr}}}));
}

TEST(FaultFinding, IsWhatWasNotDoneOrDidNotFlowAgain) {
  FaultsReport report = some_faults();
  EXPECT_EQ(fault_finding(report, kScheduleNs), "");
  report.liveness.flows_after_ns = 6000 * kMillisecond;
  EXPECT_THAT(fault_finding(report, kScheduleNs),
              HasSubstr("flowed again after 6.00 s only, wanted was 5.00 s"));
  report.liveness.flows_after_ns = -1;
  EXPECT_THAT(fault_finding(report, kScheduleNs), HasSubstr("did not flow again"));
  report.faults[0].executed.trouble = "redis-server did not answer";
  EXPECT_THAT(fault_finding(report, kScheduleNs),
              HasSubstr("2s:pause-broker,for=500ms was not executed as "
                        "planned: redis-server did not answer"));
  report.faults[0].executed.trouble.clear();
  report.faults[0].executed.begun_ns = -1;
  EXPECT_THAT(fault_finding(report, kScheduleNs), HasSubstr("the run had ended before"));
}

// The last fault ended when a server was there again at last, and there was no second left.
FaultsReport too_late_faults() {
  FaultsReport report = some_faults();
  report.liveness.last_fault_end_ns = 9001 * kMillisecond;
  report.liveness.flows_after_ns = -1;
  return report;
}

TEST(FaultFinding, TellsAFaultThatEndedTooLateFromARunThatDidNotFlowAgain) {
  FaultsReport report = too_late_faults();
  EXPECT_EQ(fault_finding(report, kScheduleNs),
            "the last fault ended after 9.00 s, too late for this run to show that it flows again; "
            "give a longer --duration");
  EXPECT_EQ(faults_object(report, {kScheduleNs}).at("liveness").at("too_late"), true);
  report.liveness.last_fault_end_ns = 9000 * kMillisecond;
  EXPECT_THAT(fault_finding(report, kScheduleNs), HasSubstr("did not flow again"));
  EXPECT_FALSE(faults_object(report, {kScheduleNs}).at("liveness").contains("too_late"));
}

Json some_spate(const FaultsReport& report, const RunLength& length = {kScheduleNs}) {
  return {{"faults", faults_object(report, length)},
          {"timeline", timeline_object(some_timeline())}};
}

TEST(FaultsReportText, ShowsFaultsAndTheTimelineAroundThem) {
  const Palette plain(false);
  const std::string text = faults_report(some_spate(some_faults()), plain);
  EXPECT_THAT(text, HasSubstr("2s:pause-broker,for=500ms"));
  EXPECT_THAT(
      text,
      HasSubstr(
          "\n  2s:pause-broker,for=500ms\n"
          "                  2.00 s 502 ms 40.0 ms 600 ms    0         3       4          5\n"));
  EXPECT_THAT(text, HasSubstr("flowed again 97.0 ms after the end of the last"));
  EXPECT_THAT(text, HasSubstr("\n   1.5 s      100"));
  EXPECT_THAT(text, HasSubstr("\n   3.9 s      100"));
  EXPECT_THAT(text, Not(HasSubstr("\n   1.4 s "))) << "the calm before is not shown";
  EXPECT_THAT(text, HasSubstr("25 of 40 slices; --output FILE keeps all"));
}

TEST(FaultsReportText, FitsEightyColumnsWhateverHappened) {
  Json spate = some_spate(some_faults());
  Json& fault = spate["faults"]["executed"][0];
  fault["fault"] =
      "12345ms:latency,add=12345678ns,jitter=123456789ns,for=123456789ns,spread=12345ms";
  fault["trouble"] = std::string(300, 'x').replace(100, 1, " ").replace(200, 1, " ");
  for (const char* const count : {"lost", "recovered", "unknown", "duplicated"}) {
    fault[count] = 12'345;
  }
  for (Json& rejected : spate["timeline"]["rejected"]) {
    rejected = 123;
  }
  std::istringstream lines(faults_report(spate, Palette(false)));
  for (std::string line; std::getline(lines, line);) {
    const bool is_one_word = line.find(' ', line.find_first_not_of(' ')) == std::string::npos;
    EXPECT_TRUE(line.size() <= 80 || is_one_word) << line.size() << ": " << line;
  }
}

TEST(FaultsReportText, IsNothingWhereThereWereNone) {
  EXPECT_EQ(faults_report(Json::object(), Palette(false)), "");
}

TEST(FaultsReportText, MarksWhatIsBad) {
  const Palette coloured(true);
  FaultsReport report = some_faults();
  const std::string fine = faults_report(some_spate(report), coloured);
  report.faults[0].lost = 1;
  report.liveness.flows_after_ns = -1;
  const std::string bad = faults_report(some_spate(report), coloured);
  EXPECT_THAT(
      bad, HasSubstr(coloured.bad("  after the last it did not flow again, or not up to the end")));
  EXPECT_GT(std::count(bad.begin(), bad.end(), '\x1b'),
            std::count(fine.begin(), fine.end(), '\x1b'));
}

TEST(FaultsReportText, SaysThatTheLastFaultEndedTooLate) {
  const Palette coloured(true);
  EXPECT_THAT(
      faults_report(some_spate(too_late_faults()), coloured),
      HasSubstr(coloured.bad("  the last fault ended after 9.00 s, too late for this run to "
                             "show that it flows\n  again; give a longer --duration")));
}

TEST(FaultsReportText, SaysOfAnInterruptedRunWhatItCouldShow) {
  FaultsReport report = too_late_faults();
  const std::string text = faults_report(some_spate(report, {kScheduleNs, true}), Palette(true));
  EXPECT_THAT(text,
              testing::EndsWith("\n  the run ended before it could show whether it flows again\n"))
      << "it is no finding";
  report.liveness.flows_after_ns = 97 * kMillisecond;
  EXPECT_THAT(faults_report(some_spate(report, {kScheduleNs, true}), Palette(false)),
              HasSubstr("it flowed again 97.0 ms after"));
}

TEST(FaultsReportText, SaysNothingOfFlowingAgainWhereNoFaultHasBegun) {
  FaultsReport report = some_faults();
  report.faults[0].executed.begun_ns = -1;
  report.faults[0].executed.ended_ns = -1;
  report.liveness.last_fault_end_ns = -1;
  report.liveness.flows_after_ns = -1;
  const std::string text = faults_report(some_spate(report, {kScheduleNs, true}), Palette(false));
  EXPECT_THAT(text, HasSubstr("2s:pause-broker,for=500ms"));
  EXPECT_THAT(text, Not(HasSubstr("flow")));
}

}  // namespace
}  // namespace spate::bench
