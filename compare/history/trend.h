// How each metric of each cell went from commit to commit, and where it stepped.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "compare/exit_code.h"
#include "compare/history/folder.h"
#include "compare/history/steps.h"
#include "compare/settings.h"

namespace spate::compare {

// What is asked of a history.
struct TrendSettings {
  Settings settings;  // of it the schema, alpha (of a line), acknowledgements, fail_on and the day
  bool is_gate = false;              // --fail-on was given; else nothing is a finding
  std::size_t recent = 10;           // a step is a finding within so many points from the end
  std::vector<std::string> cells;    // patterns, of which one has to match; none: all
  std::vector<std::string> metrics;  // the same
};

// One commit, or one moment where no commit is known.
struct TrendPoint {
  std::string commit;  // empty where unknown; "-dirty" at the end where it was not all
  std::string date;    // of its first result
  std::size_t results = 0;
};

// One metric's value at a point: the median of its processes.
struct LinePoint {
  std::size_t point = 0;  // among Trend's
  double value = 0;
  double low = 0;  // the smallest process's, and the largest's
  double high = 0;
  std::size_t processes = 0;
};

struct TrendStep {
  Step step;  // its `at` is a place in the line's points
  // Among the last `recent` points of a line that goes on, and not taken back by what came after
  // it.
  bool is_new = false;
  std::optional<std::string> acknowledged;  // the reason
};

struct TrendLine {
  Metric metric;
  std::vector<LinePoint> points;
  std::vector<TrendStep> steps;
  std::vector<TrendStep> doubtful;  // of which nobody can tell, among the last `recent` points
  std::size_t points_needed = 0;    // so many before a step could be found; 0: there are enough
};

// Answers of a search that are lower bounds, and no values of a line.
struct TrendBounds {
  std::string cell;
  std::vector<std::size_t> points;  // of the history, ascending
};

// One cell on one setup. What was measured on another CPU, or another build type, is another
// series: no step of it says anything of the code.
struct TrendSeries {
  std::string cell;
  std::map<std::string, std::string> setup;  // as comparable_context()
  std::string setup_phrase;                  // what tells it from others of this history; or empty
  std::vector<TrendLine> lines;              // of judged metrics, what is judged first
};

struct Trend {
  std::string folder;
  TrendSettings settings;
  std::vector<TrendPoint> points;  // by date, then by the names of the files
  std::vector<TrendSeries> series;
  std::vector<std::string> unreadable;     // files that were left out, one line each
  std::vector<std::string> broken;         // rows that were left out for what is wrong in them
  std::optional<std::size_t> last_broken;  // the last point with such a row
  std::vector<std::string> unclassified;   // counters of which nobody said what they are
  std::vector<std::string> ended;          // cells that went on, and do so no more
  std::vector<TrendBounds> bounds;
  std::size_t results = 0;
  ExitCode exit_code = ExitCode::fine;
};

Trend trend_of(const History& history, TrendSettings settings);

// One line that a person can quote.
std::string summary(const Trend& trend);

// What the exit code means here.
std::string_view outcome_name(const Trend& trend);

}  // namespace spate::compare
