// A chart and the table of the same numbers, as one value: what is drawn is what is listed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "compare/html/markup.h"
#include "compare/statistics/interval.h"

namespace spate::compare::html {

// What a number is; each is written as the text reports write it.
enum class Quantity : std::uint8_t {
  time_ns,
  per_second,
  share,  // 0 to 1
  plain,
  ratio,   // of two sides; 1: alike
  change,  // the same as a ratio, written as what it is more or less: 1.21 is +21 %
  points,  // a difference of shares; 0.01 is a point
};
std::string text_of(Quantity quantity, std::optional<double> value);

enum class FigureKind : std::uint8_t {
  percentiles,  // x is 1 / (1 - p), logarithmic, so that each nine takes as much room
  timeline,     // x in ns after the start
  steps,        // x counts the labels, from left to right
  rows,         // x counts the labels, from top to bottom; the values lie from left to right
  bars,         // the same, as bars
};

struct Point {
  double x = 0;
  std::optional<double> value;
  std::optional<Interval> interval;  // of the value
};

struct Line {
  std::string name;
  std::size_t hue = 0;    // which of the page's colours
  std::size_t shape = 0;  // which of its marks: nothing is told by colour alone
  bool dashed = false;    // of bars: hollow
  std::vector<Point> points;
};

// What happened during a time line.
struct Mark {
  double begin_ns = 0;
  double end_ns = 0;
  std::string what;
  std::size_t count = 1;
  bool is_fault = false;  // a real one, which has its own band; else a slice with chaos events
  std::string side = {};  // whose; empty where there is but one
  std::size_t row = 0;    // of two sides the second one's stand above the first one's
};

// One more column of the table, without a place in the chart.
struct Remark {
  std::string title;
  std::vector<std::string> texts;  // of each label
};

struct Figure {
  FigureKind kind = FigureKind::rows;
  std::string title;
  std::string hint;  // how to read it, in a sentence or two
  Quantity quantity = Quantity::time_ns;
  std::vector<std::string> labels;  // of steps, rows and bars
  std::vector<Line> lines;
  std::vector<Mark> marks;    // of a timeline
  std::vector<double> bands;  // of rows: within 1 / (1 + δ) and 1 + δ, or -δ and δ, nothing
                              // has changed; as many as labels, or none
  std::vector<Remark> before, behind;  // columns before and behind those of the lines
  // Of the one column that all lines share in the table, where each label is in one of them alone;
  // empty: each line has its own.
  std::string shared_column;
};

bool is_empty(const Figure& figure);

// For the page's script.
nlohmann::ordered_json figure_json(const Figure& figure);

// Of the lines, and of the marks where there are any.
std::vector<Table> tables_of(const Figure& figure);

// "min", "p50", "p99.999" of 1 / (1 - p).
std::string percentile_name(double nines);

}  // namespace spate::compare::html
