// What each metric is: what it measures, which way is better, and how small a change matters.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <vector>

namespace spate::compare {

enum class Unit : std::uint8_t { nanoseconds, per_second, share, plain };

enum class MetricClass : std::uint8_t {
  time,              // wall or CPU time of one iteration
  throughput,        // so many a second
  latency_quantile,  // p50, p99, … of one run
  proportion,        // 0 to 1; its changes are differences, all others' are ratios
  exact_count,       // the same in every run, or something changed: no statistics
  invariant,         // must be zero
  information,       // shown, never judged
};

enum class Direction : std::uint8_t { lower_is_better, higher_is_better, none };

struct Metric {
  std::string key;    // in Row's counters and in the JSON report
  std::string title;  // for people
  MetricClass metric_class = MetricClass::information;
  Direction direction = Direction::none;
  Unit unit = Unit::plain;
  double effect = 0;     // the smallest change that matters: 0.1 is 10 %, of a proportion 10 points
  std::size_t rank = 0;  // its place in the table: what is judged first
};

inline constexpr std::string_view kThroughput = "messages_per_second";
inline constexpr std::string_view kResponseP50 = "response_ns_p50";
inline constexpr std::string_view kResponseP99 = "response_ns_p99";
inline constexpr std::string_view kCpuTime = "cpu_time";
inline constexpr std::string_view kRealTime = "real_time";
inline constexpr std::string_view kObjective = "objective";  // in a cell, of a search's answer

// One line of the table. Both patterns may hold `*`, which stands for any text, also for none.
struct SchemaEntry {
  enum class Scope : std::uint8_t { any, delivery, plain };
  std::string_view pattern;
  Scope scope = Scope::any;
  Metric metric;  // its key is empty, and its title where the metric's name serves
};

// The built-in table; the first line that matches counts. Metrics that no line knows are
// information.
const std::vector<SchemaEntry>& schema_table();

// What a caller says of metrics on top of it. Members that are not set leave what was; a class that
// is set brings its usual direction and effect along where there are none.
struct Rule {
  std::string metric = "*";
  std::string cell = "*";
  std::optional<MetricClass> metric_class;
  std::optional<Direction> direction;
  std::optional<Unit> unit;
  std::optional<double> effect;
};

struct ResolvedMetric {
  Metric metric;
  bool is_known = false;  // by the table or a rule; else nobody said what it is
  bool is_of_account =
      false;  // the ledger's, by the table: looked at as a whole whatever a rule says
};

class Schema {
 public:
  Schema() = default;
  explicit Schema(std::vector<Rule> rules) : rules_(std::move(rules)) {}

  // The last rule that matches wins, member by member.
  ResolvedMetric resolve(std::string_view key, bool of_delivery, std::string_view cell) const;

  bool has_rules() const { return !rules_.empty(); }

  // Patterns for metrics that match none of `keys` nor what the table knows: typing errors.
  std::vector<std::string> unused_patterns(const std::unordered_set<std::string_view>& keys) const;

  // Whether a rule makes an invariant of something.
  bool adds_invariants() const;

  // Whether a rule holds for some cells only.
  bool distinguishes_cells() const;

 private:
  std::vector<Rule> rules_;
};

bool is_judged(MetricClass metric_class);

std::string_view class_name(MetricClass metric_class);
std::string_view direction_name(Direction direction);
std::string_view unit_name(Unit unit);

// Of Google Benchmark's time_unit: 1e3 for "us"; nothing for a unit that it does not have.
std::optional<double> ns_per(std::string_view time_unit);

// Whether all of `text` is of `pattern`, in which `*` stands for any text, also for none.
bool matches(std::string_view pattern, std::string_view text);

}  // namespace spate::compare
