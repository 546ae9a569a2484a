#include "faults_json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "faults_report.h"

namespace spate::bench {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr std::int64_t kMillisecond = 1'000'000;

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
  const Json object = faults_object(some_faults());
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
  const Json object = faults_object(report);
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
  EXPECT_EQ(fault_finding(report), "");
  report.liveness.flows_after_ns = 6000 * kMillisecond;
  EXPECT_THAT(fault_finding(report),
              HasSubstr("flowed again after 6.00 s only, wanted was 5.00 s"));
  report.liveness.flows_after_ns = -1;
  EXPECT_THAT(fault_finding(report), HasSubstr("never flowed again"));
  report.faults[0].executed.trouble = "redis-server did not answer";
  EXPECT_THAT(fault_finding(report), HasSubstr("2s:pause-broker,for=500ms was not executed as "
                                               "planned: redis-server did not answer"));
  report.faults[0].executed.trouble.clear();
  report.faults[0].executed.begun_ns = -1;
  EXPECT_THAT(fault_finding(report), HasSubstr("the run had ended before"));
}

Json some_spate(const FaultsReport& report, const Timeline& timeline = some_timeline()) {
  return {{"faults", faults_object(report)}, {"timeline", timeline_object(timeline)}};
}

TEST(FaultsReportText, ShowsFaultsAndTheTimelineAroundThem) {
  const Palette plain(false);
  const std::string text = faults_report(some_spate(some_faults()), plain);
  EXPECT_THAT(text, HasSubstr("2s:pause-broker,for=500ms"));
  EXPECT_THAT(text,
              HasSubstr("502 ms   40.0 ms    600 ms        0          3        4           5"));
  EXPECT_THAT(text, HasSubstr("flowed again 97.0 ms after the end of the last"));
  EXPECT_THAT(text, HasSubstr("\n    1.5 s         100"));
  EXPECT_THAT(text, HasSubstr("\n    3.9 s         100"));
  EXPECT_THAT(text, Not(HasSubstr("\n    1.4 s "))) << "the calm before is not shown";
  EXPECT_THAT(text, HasSubstr("25 of 40 slices; --output FILE keeps all"));
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
  EXPECT_THAT(bad, HasSubstr(coloured.bad("it never flowed again after the last")));
  EXPECT_GT(std::count(bad.begin(), bad.end(), '\x1b'),
            std::count(fine.begin(), fine.end(), '\x1b'));
}

}  // namespace
}  // namespace spate::bench
