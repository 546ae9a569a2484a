// Other people's benchmarks: counters that nobody described are named, never passed over, and files
// of every version of Google Benchmark since 1.5 are read.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "compare/rules.h"
#include "compare/text_report.h"
#include "tests/compare/sample.h"

namespace spate::compare {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

std::vector<json> with_hits(double hits, const std::string& name = "BM_a") {
  json row = plain_row(name, 100);
  row["cpu_time"] = 100;
  return with_values(row, "hits", around(hits));
}

Settings with_rules(const std::vector<std::string>& metrics) {
  std::vector<Rule> rules;
  for (const std::string& metric : metrics) {
    rules.push_back(parse_metric(metric));
  }
  Settings settings;
  settings.schema = Schema(rules);
  return settings;
}

Verdict verdict_of_hits(const Comparison& comparison) {
  return metric_of(comparison, "hits").judgement.verdict;
}

json row_of(const std::string& text) { return json::parse(text); }

TEST(Foreign, ACounterThatNobodyDescribedIsNamedAndNotJudged) {
  const Comparison comparison = compared(with_hits(100), with_hits(200));
  EXPECT_THAT(comparison.unclassified, ElementsAre("hits"));
  EXPECT_EQ(verdict_of_hits(comparison), Verdict::not_judged);
  EXPECT_NEAR(*metric_of(comparison, "hits").ratio, 2, 1e-9);
  EXPECT_THAT(text_report(comparison),
              HasSubstr("no class is known for it (--metric,\n     --rules): hits\n"));
}

TEST(Foreign, ACounterThatOneSideHasIsNamedToo) {
  EXPECT_THAT(compared({plain_row("BM_a", 1)}, with_hits(1)).unclassified, ElementsAre("hits"));
  EXPECT_THAT(compared(with_hits(1), {plain_row("BM_a", 1)}).unclassified, ElementsAre("hits"));
  std::vector<json> later{plain_row("BM_a", 1), plain_row("BM_a", 1)};
  later[1]["hits"] = 7;
  EXPECT_THAT(compared({plain_row("BM_a", 1)}, later).unclassified, ElementsAre("hits"));
}

TEST(Foreign, AClassMakesACounterCount) {
  const auto judged = [](const std::string& rule) {
    return compared(with_hits(100), with_hits(200), with_rules({"hits=" + rule}));
  };
  EXPECT_EQ(verdict_of_hits(judged("throughput")), Verdict::better);
  EXPECT_EQ(verdict_of_hits(judged("time")), Verdict::worse);
  EXPECT_EQ(verdict_of_hits(judged("time:higher")), Verdict::better);
  EXPECT_EQ(verdict_of_hits(judged("information")), Verdict::not_judged);
  for (const std::string rule : {"throughput", "time", "information"}) {
    EXPECT_THAT(judged(rule).unclassified, IsEmpty()) << rule;
  }
  EXPECT_EQ(judged("time").exit_code, ExitCode::finding);
}

TEST(Foreign, AnExactCountMayNotChangeAtAll) {
  const auto with_count = [](double count) {
    return with_values(plain_row("BM_a", 100), "hits", std::vector<double>(8, count));
  };
  const Settings settings = with_rules({"hits=exact-count"});
  EXPECT_EQ(verdict_of_hits(compared(with_count(1000000), with_count(1000001), settings)),
            Verdict::worse);
  EXPECT_EQ(compared(with_count(7), with_count(8), settings).exit_code, ExitCode::finding);
  EXPECT_EQ(verdict_of_hits(compared(with_count(7), with_count(7), settings)), Verdict::same);
  EXPECT_EQ(compared({with_count(7)[0]}, {with_count(8)[0]}, settings).exit_code, ExitCode::finding)
      << "one run is enough";
}

TEST(Foreign, AnInvariantMustBeZeroOnEitherSide) {
  const Settings settings = with_rules({"hits=invariant"});
  json zero = plain_row("BM_a", 1);
  zero["hits"] = 0;
  json odd = zero;
  odd["hits"] = -2;
  EXPECT_THAT(compared({zero}, {zero}, settings).breaks, IsEmpty());
  for (const Comparison& comparison :
       {compared({zero}, {zero, odd}, settings), compared({odd, zero}, {zero}, settings)}) {
    EXPECT_EQ(comparison.exit_code, ExitCode::broken);
    ASSERT_EQ(comparison.breaks.size(), 1U);
    EXPECT_EQ(comparison.breaks[0].kind, "hits");
    EXPECT_EQ(comparison.breaks[0].detail, "hits 2 (worst of 2 rows)");
  }
}

TEST(Foreign, AnInvariantHoldsInCellsWithoutAPartnerAndOnWhateverMachine) {
  const Settings settings = with_rules({"hits=invariant"});
  json odd = plain_row("BM_b", 1);
  odd["hits"] = 7;
  EXPECT_EQ(compared({plain_row("BM_a", 1)}, {plain_row("BM_a", 1), odd}, settings).exit_code,
            ExitCode::broken);
  json here = result_file({odd});
  json there = here;
  here["context"]["num_cpus"] = 2;
  there["context"]["num_cpus"] = 64;
  EXPECT_EQ(compared_files({here}, {there}, settings).exit_code, ExitCode::broken);
}

TEST(Foreign, RulesHoldForADeliverysOwnCountersToo) {
  json base = delivery_row();
  base["mine"] = 0;
  base["nodes"] = 5;
  json candidate = base;
  candidate["mine"] = 7;
  candidate["nodes"] = 9;
  const Settings settings = with_rules({"mine=invariant", "nodes=exact-count"});
  const Comparison comparison = compared({base}, {candidate}, settings);
  ASSERT_EQ(comparison.breaks.size(), 1U);
  EXPECT_EQ(comparison.breaks[0].kind, "mine");
  EXPECT_EQ(metric_of(comparison, "nodes").judgement.verdict, Verdict::worse);
}

TEST(Foreign, ACountIsTheSameInAnyRound) {
  Settings settings = with_rules({"hits=exact-count"});
  settings.paired = true;
  const auto with_count = [](int count) {
    json row = plain_row("BM_a", 1);
    row["hits"] = count;
    return row;
  };
  const json five = result_file({with_count(5)});
  const json six = result_file({with_count(6)});
  const json none = result_file({plain_row("BM_a", 1)});
  EXPECT_EQ(compared_files({five, none}, {five, six}, settings).exit_code, ExitCode::finding);
}

TEST(Foreign, ARuleThatIsForNoMetricIsNamed) {
  json row = plain_row("BM_a", 1);
  row["hits"] = 0;
  const Settings settings =
      with_rules({"hits=invariant", "htis=throughput", "lost=information", "*=time"});
  EXPECT_THAT(compared({row}, {row}, settings).unused_rules, ElementsAre("htis"));
  EXPECT_THAT(text_report(compared({row}, {row}, settings)),
              HasSubstr("no metric has the name that these rules are for: htis"));
}

TEST(Foreign, ARuleMayHoldForSomeCellsOnly) {
  const TemporaryFile rules(
      R"({"rules": [{"metric": "hits", "cell": "BM_b*", "class": "time", "effect": 0.5}]})");
  const auto both = [](double hits) {
    std::vector<json> rows = with_hits(hits, "BM_a");
    const std::vector<json> more = with_hits(hits, "BM_bc");
    rows.insert(rows.end(), more.begin(), more.end());
    return rows;
  };
  const json found =
      verdict({result_file(both(100)), result_file(both(200))}, {"--rules", rules.path()});
  EXPECT_FALSE(found["cells"][0]["metrics"]["hits"].contains("verdict"));
  EXPECT_EQ(found["cells"][1]["metrics"]["hits"]["verdict"], "worse");
  EXPECT_EQ(found["cells"][1]["metrics"]["hits"]["effect"], 0.5);
  EXPECT_EQ(found["unclassified"], json::array({"hits"}));
}

TEST(Foreign, FlagsOverrideTheFileOfRules) {
  const TemporaryFile rules(R"({"rules": [{"metric": "hits", "class": "time"}]})");
  const std::vector<json> files{result_file(with_hits(100)), result_file(with_hits(200))};
  const auto hits = [&](std::vector<std::string> flags) {
    flags.insert(flags.end(), {"--rules", rules.path()});
    return verdict(files, flags)["cells"][0]["metrics"]["hits"];
  };
  EXPECT_EQ(hits({})["verdict"], "worse");
  EXPECT_EQ(hits({"--metric", "hits=throughput:higher"})["verdict"], "better");
  EXPECT_EQ(hits({"--effect", "hits=150"})["verdict"], "same");
}

TEST(Foreign, BesideADeliveryMetricsOfOneNameAreWhatTheyAreInTheirRow) {
  const std::vector<json> rows{delivery_row(), plain_row("BM_a", 1), delivery_row("queue")};
  const Comparison comparison = compared(rows, rows);
  std::vector<MetricClass> classes;
  for (const CellResult& cell : comparison.cells) {
    for (const MetricResult& result : cell.metrics) {
      if (result.metric.key == kRealTime) {
        classes.push_back(result.metric.metric_class);
      }
    }
  }
  EXPECT_THAT(classes,
              ElementsAre(MetricClass::information, MetricClass::time, MetricClass::information));
}

TEST(Foreign, MetricsComeInTheOrderOfTheTable) {
  json row = row_of(R"({"name": "BM_a", "zeta": 1, "items_per_second": 1, "cpu_time": 1,
                        "alpha": 1, "real_time": 1})");
  std::vector<std::string> keys;
  const Comparison comparison = compared({row}, {row});
  for (const MetricResult& metric : comparison.cells.at(0).metrics) {
    keys.push_back(metric.metric.key);
  }
  EXPECT_THAT(keys, ElementsAre("real_time", "cpu_time", "items_per_second", "alpha", "zeta"));
}

// What the library itself writes besides times is known.
TEST(Foreign, RatesAndMemoryOfGoogleBenchmarkAreJudged) {
  const json row = row_of(R"({"name": "BM_a", "run_name": "BM_a", "run_type": "iteration",
    "family_index": 0, "per_family_instance_index": 0, "repetitions": 1, "repetition_index": 0,
    "threads": 4, "iterations": 10, "real_time": 1.5, "cpu_time": 1, "time_unit": "ms",
    "bytes_per_second": 1e9, "items_per_second": 1e6, "label": "warm cache",
    "allocs_per_iter": 2, "max_bytes_used": 4096, "total_allocated_bytes": 8192})");
  const Comparison comparison = compared(often({row}), often({row}));
  EXPECT_THAT(comparison.unclassified, IsEmpty());
  EXPECT_EQ(comparison.tally.same, 7U);
  EXPECT_EQ(metric_of(comparison, kRealTime).reference, 1.5e6);
}

TEST(Foreign, RowsOfOldVersionsLackIndices) {
  const json row = row_of(R"({"name": "BM_a/8", "run_name": "BM_a/8", "run_type": "iteration",
    "repetitions": 0, "repetition_index": 0, "threads": 1, "iterations": 10, "real_time": 1,
    "cpu_time": 1, "time_unit": "ns"})");
  EXPECT_EQ(compared(often({row}), often({row})).exit_code, ExitCode::fine);
}

TEST(Foreign, FittedComplexitiesAndSpreadsMeasureNothing) {
  const std::vector<json> rows{
      plain_row("BM_a", 1),
      row_of(R"({"name": "BM_a_BigO", "run_name": "BM_a", "run_type": "aggregate",
        "aggregate_name": "BigO", "aggregate_unit": "time", "cpu_coefficient": 1.5,
        "real_coefficient": 1.6, "big_o": "N", "time_unit": "ns"})"),
      row_of(R"({"name": "BM_a_RMS", "run_name": "BM_a", "run_type": "aggregate",
        "aggregate_name": "RMS", "aggregate_unit": "percentage", "rms": 0.03})"),
      row_of(R"({"name": "BM_a_cv", "run_name": "BM_a", "run_type": "aggregate",
        "aggregate_name": "cv", "aggregate_unit": "percentage", "real_time": 0.01,
        "cpu_time": 0.01, "time_unit": "ns"})")};
  const Comparison comparison = compared(rows, rows);
  EXPECT_THAT(comparison.unclassified, IsEmpty());
  EXPECT_EQ(comparison.cells.at(0).repetitions_reference, 1U);
}

TEST(Foreign, AFailedBenchmarkIsBrokenAndASkippedOneIsNot) {
  const json failed = row_of(R"({"name": "BM_a", "run_name": "BM_a", "run_type": "iteration",
    "error_occurred": true, "error_message": "no file", "iterations": 0, "real_time": 0,
    "cpu_time": 0, "time_unit": "ns"})");
  const json skipped = row_of(R"({"name": "BM_b", "run_name": "BM_b", "run_type": "iteration",
    "skipped": true, "skip_message": "no AVX", "iterations": 0, "real_time": 0, "cpu_time": 0,
    "time_unit": "ns"})");
  EXPECT_EQ(compared({plain_row("BM_a", 1)}, {failed}).exit_code, ExitCode::broken);
  EXPECT_EQ(
      compared(often({plain_row("BM_a", 1)}), often({plain_row("BM_a", 1), skipped})).exit_code,
      ExitCode::fine);
  EXPECT_EQ(compared({plain_row("BM_b", 1)}, {skipped}).exit_code, ExitCode::coverage_lost);
}

// Google Benchmark's own member comes first; a counter of its name would pass for it.
TEST(Foreign, ACounterNamedLikeAMemberOfTheLibraryIsNotTakenForIt) {
  std::string text = result_file({plain_row("BM_a", 7)}).dump();
  text.insert(text.find("\"time_unit\""), "\"real_time\": 99, ");
  const Comparison comparison =
      compare_sides({std::vector{parse_results(text, "a")}, std::vector{parse_results(text, "b")}});
  EXPECT_EQ(comparison.cells.at(0).metrics.size(), 2U);
  EXPECT_EQ(metric_of(comparison, kRealTime).reference, 7.0);
  EXPECT_EQ(parse_results(text, "a").rows.at(0).json().at("real_time"), 7.0);
  EXPECT_THAT(comparison.inputs.at(0).notes, ElementsAre(HasSubstr("stood in a row twice")));
}

TEST(Foreign, TextThatIsNoNumberIsNoCounter) {
  json row = plain_row("BM_a", 1);
  row.update({{"branch", "main"}, {"flags", {1, 2}}, {"is_warm", true}});
  const Comparison comparison = compared({row}, {row});
  EXPECT_THAT(comparison.unclassified, IsEmpty());
  EXPECT_EQ(comparison.cells.at(0).metrics.size(), 2U);
  EXPECT_THAT(text_report(comparison), Not(HasSubstr("branch")));
}

}  // namespace
}  // namespace spate::compare
