#include "compare/mode_report.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

namespace spate::compare {
namespace {

using nlohmann::ordered_json;

const Modes mock_and_queue{"mock", "queue"};

RatioPair ratio_pair(double reference, double other) {
  return {{reference, other}, other / reference, Interval{0.5, 1.25, 0.95}};
}

ModeComparison sample() {
  ModeComparison sample;
  sample.runs = {5, 6};
  sample.throughput = ratio_pair(1000, 500);
  sample.cpu_ns = ratio_pair(200, 300);
  sample.mean_ns = ratio_pair(4.5e6, 1.5e6);
  sample.quantiles = {{ratio_pair(4e6, 1e6), 0.5}, {ratio_pair(8e6, 4e6), 0.999}};
  sample.success = {{0.95, 1}, 0.05, Interval{0.049, 0.051, 0.97}};
  sample.shapes.measured = ShapeDistance{0.41, 1.5};
  sample.shapes.scale_removed = ShapeDistance{0.08, 0.25};
  sample.agent_spread = {{0.12, 0.5}, {0.1, std::nullopt}};
  sample.ledger = {{{1425, 1500}, "delivered"}, {{75, std::nullopt}, "failed"}};
  sample.digests = Digests::equal;
  return sample;
}

std::size_t longest_line(const std::string& text) {
  std::size_t longest = 0;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    longest = std::max(longest, line.size());
  }
  return longest;
}

TEST(ModeText, ShowsBothSidesOfACell) {
  EXPECT_EQ(mode_text(sample(), "rate:1000/agents:9", mock_and_queue),
            R"(rate:1000/agents:9  (medians of 5 and 6 runs)
                           mock    queue      ratio  95% interval
  throughput           1.000k/s  500.0/s      0.50x  0.50x to 1.25x
  cpu/message           200.0ns  300.0ns      1.50x  0.50x to 1.25x
  mean response         4.500ms  1.500ms      0.33x  0.50x to 1.25x
  p50 response          4.000ms  1.000ms      0.25x  0.50x to 1.25x
  p99.9 response        8.000ms  4.000ms      0.50x  0.50x to 1.25x
  success                95.00%   100.0%  +5 points  +4.9 to +5.1
  spread of response     12.00%   50.00%
  spread of delivered    10.00%        -
  delivered                1425     1500
  failed                     75        -
  shapes differ by     0.41 (Kolmogorov-Smirnov), 1.50 means (Wasserstein)
    without scale      0.08 (Kolmogorov-Smirnov), 0.25 means (Wasserstein)
  digests equal
)");
}

TEST(ModeText, SaysWhereAnIntervalIsOverWindows) {
  ModeComparison comparison = sample();
  comparison.runs = {1, 1};
  EXPECT_TRUE(mode_text(comparison, "a", mock_and_queue)
                  .starts_with("a  (a run each; intervals over its windows)\n"));
}

TEST(ModeText, NamesAQuantileWithAllItsNines) {
  ModeComparison comparison;
  comparison.quantiles = {{{}, 0.999999}};
  EXPECT_NE(mode_text(comparison, "a", mock_and_queue).find("\n  p99.9999 response "),
            std::string::npos);
}

TEST(ModeText, StandsForWhatDoesNotExistWithADash) {
  ModeComparison nothing;
  nothing.quantiles = {{{}, 0.5}};
  EXPECT_EQ(mode_text(nothing, "a", mock_and_queue), R"(a  (medians of 0 and 0 runs)
                       mock  queue  ratio  95% interval
  throughput              -      -      -  -
  cpu/message             -      -      -  -
  mean response           -      -      -  -
  p50 response            -      -      -  -
  success                 -      -      -  -
  spread of response      -      -
  spread of delivered     -      -
  shapes differ by     -
    without scale      -
  digests unknown
)");
}

TEST(ModeText, KeepsTo80ColumnsWhateverTheValuesAndNamesAre) {
  ModeComparison wide = sample();
  const double most = 9e15;
  wide.throughput = {{most, 1 / most}, most, Interval{1 / most, most, 0.95}};
  wide.quantiles = {{wide.throughput, 0.999999}};
  wide.success = {{1 / most, 1 / most}, -1 / most, Interval{-1 / most, -1, 0.95}};
  wide.shapes.measured = ShapeDistance{1, 1e20};
  wide.ledger = {{{most, most}, "duplicated"}};
  EXPECT_LE(longest_line(mode_text(wide, "a", {std::string(50, 'm'), std::string(50, 'q')})), 80U);
}

TEST(ModeText, NamesCannotBreakTheLine) {
  const std::string text = mode_text(sample(), "a\nb", {"m\n", "q\x1b[31m"});
  EXPECT_TRUE(text.starts_with("a?b"));
  EXPECT_NE(text.find("m?"), std::string::npos);
  EXPECT_NE(text.find("q?[31m"), std::string::npos);
}

TEST(ModeJson, HasEveryValue) {
  const ordered_json interval{{"low", 0.5}, {"high", 1.25}, {"level", 0.95}};
  EXPECT_EQ(
      mode_json(sample()),
      (ordered_json{
          {"runs", {5, 6}},
          {"throughput",
           {{"reference", 1000.0}, {"other", 500.0}, {"ratio", 0.5}, {"interval", interval}}},
          {"cpu_ns",
           {{"reference", 200.0}, {"other", 300.0}, {"ratio", 1.5}, {"interval", interval}}},
          {"response_ns_mean",
           {{"reference", 4.5e6}, {"other", 1.5e6}, {"ratio", 1.5 / 4.5}, {"interval", interval}}},
          {"success",
           {{"reference", 0.95},
            {"other", 1.0},
            {"difference", 0.05},
            {"interval", {{"low", 0.049}, {"high", 0.051}, {"level", 0.97}}}}},
          {"response_ns_quantiles",
           {{{"quantile", 0.5},
             {"reference", 4e6},
             {"other", 1e6},
             {"ratio", 0.25},
             {"interval", interval}},
            {{"quantile", 0.999},
             {"reference", 8e6},
             {"other", 4e6},
             {"ratio", 0.5},
             {"interval", interval}}}},
          {"shape_distance",
           {{"measured", {{"kolmogorov_smirnov", 0.41}, {"wasserstein_over_mean", 1.5}}},
            {"scale_removed", {{"kolmogorov_smirnov", 0.08}, {"wasserstein_over_mean", 0.25}}}}},
          {"agent_spread",
           {{"response_ns_mean", {{"reference", 0.12}, {"other", 0.5}}},
            {"delivered", {{"reference", 0.1}, {"other", nullptr}}}}},
          {"ledger_differences",
           {{"delivered", {{"reference", 1425.0}, {"other", 1500.0}}},
            {"failed", {{"reference", 75.0}, {"other", nullptr}}}}},
          {"digests", "equal"}}));
}

TEST(ModeJson, SaysNullOfWhatDoesNotExist) {
  const ordered_json found = mode_json({});
  EXPECT_EQ(found["throughput"]["interval"], nullptr);
  EXPECT_EQ(found["success"]["difference"], nullptr);
  EXPECT_EQ(found["shape_distance"]["measured"], nullptr);
  EXPECT_EQ(found["response_ns_quantiles"], ordered_json::array());
  EXPECT_EQ(found["ledger_differences"], ordered_json::object());
  EXPECT_EQ(found["digests"], "unknown");
}

TEST(ModeSummary, QuotesTheMediansAndRangesOfTheCells) {
  std::vector<ModeComparison> cells(4, sample());
  const std::array<double, 4> ratios{0.98, 1.01, 1, 1};
  for (std::size_t i = 0; i < cells.size(); ++i) {
    cells[i].throughput.ratio = ratios.at(i);
    cells[i].quantiles = {{ratio_pair(1, 0.43), 0.5}, {ratio_pair(1, 0.61), 0.99}};
    cells[i].success.difference = 0.001 * static_cast<double>(i);
    cells[i].digests = i < 2 ? Digests::equal : i < 3 ? Digests::different : Digests::unknown;
  }
  EXPECT_EQ(mode_summary(cells, mock_and_queue),
            "queue against mock over 4 cells: throughput 1.00x (0.98x to 1.01x), p50 0.43x (0.43x "
            "to 0.43x), p99 0.61x (0.61x to 0.61x), success +0.15 (+0 to +0.3) points; shapes "
            "differ by 0.41 (0.08 once scale is removed); digests equal in 2, different in 1, "
            "unknown in 1");
}

TEST(ModeSummary, OfOneCellHasNoRanges) {
  ModeComparison cell = sample();
  cell.shapes = {};
  EXPECT_EQ(mode_summary({&cell, 1}, mock_and_queue),
            "queue against mock over 1 cell: throughput 0.50x, p50 0.25x, p99 -, success +5 "
            "points; shapes differ by - (- once scale is removed); digests equal in 1");
}

TEST(ModeSummary, OfNoCellSaysSo) {
  EXPECT_EQ(mode_summary({}, {"m\n", "q"}), "q against m?: no cell has both");
}

}  // namespace
}  // namespace spate::compare
