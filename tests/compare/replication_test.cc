// What one value stands for: a process where there are several, a repetition else.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "compare/metrics.h"
#include "compare/text_report.h"
#include "tests/compare/sample.h"

namespace spate::compare {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

json file_of(const std::vector<double>& times) {
  return result_file(with_values(plain_row("BM_a", 1), "real_time", times));
}

std::vector<json> files_of(const std::vector<double>& times) {
  std::vector<json> files;
  for (const double time : times) {
    files.push_back(file_of({time}));
  }
  return files;
}

// A row whose windows have these p99, each in milliseconds.
json with_windows(const std::vector<json>& p99) {
  json row = delivery_row();
  row["spate"]["windows"] = json::array();
  for (const json& value : p99) {
    row["spate"]["windows"].push_back({{"response_ns_p50", 1}, {"response_ns_p99", value}});
  }
  return row;
}

TEST(Replication, EachOfSeveralFilesCountsOnceByTheMedianOfItsRepetitions) {
  const Comparison comparison =
      compared_files({file_of({1, 2, 90}), file_of({4})}, {file_of({7, 8})});
  const MetricResult& time = metric_of(comparison, kRealTime);
  EXPECT_EQ(comparison.replication, Replication::process);
  EXPECT_THAT(time.runs, ElementsAre(2, 1));
  EXPECT_EQ(time.reference, 3.0);
  EXPECT_EQ(time.other, 7.5);
}

TEST(Replication, OfOneFileASideEachRepetitionCounts) {
  const Comparison comparison = compared_files({file_of({1, 2, 90})}, {file_of({7, 8})});
  EXPECT_EQ(comparison.replication, Replication::repetition);
  EXPECT_THAT(metric_of(comparison, kRealTime).runs, ElementsAre(3, 2));
}

TEST(Replication, OneFileOnOneSideIsOneProcessAmongSeveral) {
  const std::vector<json> one{file_of({1, 2, 3})};
  const std::vector<json> two{file_of({1, 2}), file_of({3})};
  EXPECT_EQ(compared_files(one, two).replication, Replication::process);
  EXPECT_EQ(compared_files(two, one).replication, Replication::process);
}

// A hundred repetitions in one process are one look at its memory layout.
TEST(Replication, RepetitionsAddNoEvidenceToThatOfTheirProcess) {
  const std::vector<json> base{file_of(around(100, 50)), file_of(around(101, 50))};
  const std::vector<json> candidate{file_of(around(150, 50)), file_of(around(151, 50))};
  const Comparison comparison = compared_files(base, candidate);
  EXPECT_EQ(metric_of(comparison, kRealTime).judgement.doubt, Doubt::few_runs);
  EXPECT_EQ(compared_files({base[0]}, {candidate[0]}).exit_code, ExitCode::finding);
}

TEST(Replication, EnoughProcessesShowAChange) {
  const Comparison comparison = compared_files(files_of(around(100)), files_of(around(150)));
  EXPECT_EQ(metric_of(comparison, kRealTime).judgement.verdict, Verdict::worse);
  EXPECT_EQ(comparison.exit_code, ExitCode::finding);
}

TEST(Replication, AFailedRepetitionIsNoValue) {
  json file = file_of({1, 2, 3});
  file["benchmarks"][2]["error_occurred"] = true;
  EXPECT_EQ(metric_of(compared_files({file}, {file_of({1})}), kRealTime).runs[0], 2U);
}

TEST(Replication, RoundsArePairedInTheOrderOfTheFiles) {
  std::vector<double> hotter;
  std::vector<double> slower;
  for (int round = 0; round < 12; ++round) {
    hotter.push_back(100 + 50 * round);
    slower.push_back(hotter.back() * (1.15 + 0.001 * round));
  }
  Settings settings;
  EXPECT_EQ(
      metric_of(compared_files(files_of(hotter), files_of(slower)), kRealTime).judgement.verdict,
      Verdict::cannot_tell);
  settings.paired = true;
  EXPECT_EQ(metric_of(compared_files(files_of(hotter), files_of(slower), settings), kRealTime)
                .judgement.verdict,
            Verdict::worse);
}

TEST(Replication, ARoundWithoutTheCellOnOneSideIsLeftOut) {
  std::vector<json> base = files_of(around(100, 14));
  std::vector<json> candidate;
  for (std::size_t round = 0; round < base.size(); ++round) {
    candidate.push_back(file_of({1.2 * around(100, 14)[round]}));
  }
  base[3] = result_file({plain_row("BM_b", 1)});
  candidate[5] = result_file({plain_row("BM_b", 1)});
  Settings settings;
  settings.paired = true;
  const MetricResult time = metric_of(compared_files(base, candidate, settings), kRealTime);
  EXPECT_EQ(time.judgement.verdict, Verdict::worse);
  EXPECT_NEAR(time.judgement.evidence.interval->low, 0.2, 1e-9) << "every ratio is 1.2";
  EXPECT_NEAR(time.judgement.evidence.interval->high, 0.2, 1e-9);
}

// Whether the others have their repetitions or not.
TEST(Replication, AFileThatHasAggregatesAloneCountsToo) {
  json aggregate = plain_row("BM_a", 7);
  aggregate.update({{"run_type", "aggregate"}, {"aggregate_name", "median"}});
  const Comparison comparison =
      compared_files({file_of({1}), result_file({aggregate})}, {file_of({1})});
  EXPECT_EQ(metric_of(comparison, kRealTime).runs[0], 2U);
  EXPECT_EQ(metric_of(comparison, kRealTime).reference, 4.0);
}

// One bad moment of the machine spoils one window.
TEST(Replication, P99IsTheMedianOfTheWindows) {
  const Comparison comparison =
      compared({with_windows({9, 1, 8, 2, 7, 3, 6, 4, 5000, 5})}, {with_windows({4, nullptr, 6})});
  EXPECT_EQ(metric_of(comparison, kResponseP99).reference, 5.5);
  EXPECT_EQ(metric_of(comparison, kResponseP99).other, 5.0);
  EXPECT_EQ(metric_of(comparison, kResponseP50).reference, 5400000.0);
}

TEST(Replication, WithoutWindowsP99IsThatOfTheRun) {
  for (const std::vector<json>& windows : {std::vector<json>{}, {nullptr}, {"none"}}) {
    const Comparison comparison = compared({with_windows(windows)}, {delivery_row()});
    EXPECT_EQ(metric_of(comparison, kResponseP99).reference, 9900000.0);
  }
  json odd = delivery_row();
  odd["spate"]["windows"] = nullptr;
  EXPECT_EQ(metric_of(compared({odd}, {odd}), kResponseP99).reference, 9900000.0);
  odd["spate"]["windows"] = {1, json::array(), {{"response_ns_p99", 7}}};
  EXPECT_EQ(metric_of(compared({odd}, {odd}), kResponseP99).reference, 7.0);
}

TEST(Replication, OneProcessASideIsSaidToBeOne) {
  constexpr const char* kNote = "note one process a side";
  EXPECT_THAT(text_report(compared_files({file_of({1})}, {file_of({1})})), HasSubstr(kNote));
  EXPECT_THAT(text_report(compared_files({file_of({1}), file_of({1})}, {file_of({1})})),
              Not(HasSubstr(kNote)));
}

}  // namespace
}  // namespace spate::compare
