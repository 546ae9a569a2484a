#include "compare/schema.h"

#include <algorithm>
#include <cstddef>
#include <utility>

namespace spate::compare {
namespace {

using Class = MetricClass;
using Scope = SchemaEntry::Scope;

constexpr Direction kLower = Direction::lower_is_better;
constexpr Direction kHigher = Direction::higher_is_better;
constexpr Direction kNone = Direction::none;

SchemaEntry line(std::string_view pattern, Scope scope, std::string title, Class metric_class,
                 Direction direction, Unit unit, double effect) {
  return {pattern, scope, {{}, std::move(title), metric_class, direction, unit, effect}};
}

std::vector<SchemaEntry> build_table() {
  constexpr Unit kNs = Unit::nanoseconds;
  constexpr Unit kRate = Unit::per_second;
  constexpr Unit kShare = Unit::share;
  constexpr Unit kPlain = Unit::plain;
  std::vector<SchemaEntry> table{
      // What a delivery is judged by. One iteration is one message, so its cpu_time is CPU a
      // message.
      line(kThroughput, Scope::delivery, "throughput", Class::throughput, kHigher, kRate, 0.10),
      line("success_rate", Scope::delivery, "success", Class::proportion, kHigher, kShare, 0.01),
      line(kResponseP50, Scope::delivery, "p50 resp", Class::latency_quantile, kLower, kNs, 0.10),
      line(kResponseP99, Scope::delivery, "p99 resp", Class::latency_quantile, kLower, kNs, 0.25),
      line(kCpuTime, Scope::delivery, "cpu/message", Class::time, kLower, kNs, 0.15),
      // What says the same once more, or swings with single messages.
      line("response_ns_mean", Scope::delivery, "mean resp", Class::information, kLower, kNs, 0),
      line(kRealTime, Scope::delivery, "", Class::information, kLower, kNs, 0),
      line("response_ns_*", Scope::delivery, "", Class::information, kLower, kNs, 0),
      line("service_ns_*", Scope::delivery, "", Class::information, kLower, kNs, 0),
      line("send_lateness_ns_*", Scope::delivery, "", Class::information, kLower, kNs, 0),
      line("rate_*", Scope::delivery, "", Class::information, kNone, kRate, 0),
      line("saturated", Scope::delivery, "", Class::information, kNone, kPlain, 0),
      line("offered_load", Scope::delivery, "", Class::information, kNone, kPlain, 0),
  };
  // Held to the ledger and the seed before any statistics (invariants.h, exact.h).
  for (const std::string_view name :
       {"lost", "duplicated", "anomalies", "aliens", "corrupted", "misreported"}) {
    table.push_back(line(name, Scope::delivery, "", Class::invariant, kLower, kPlain, 0));
  }
  for (const std::string_view name :
       {"sent", "expected", "delivered", "failed", "crashed", "rejected", "unknown", "spiked",
        "recovered", "reordered", "shed", "burst_failures", "reorders_injected",
        "duplicates_injected", "acks_dropped"}) {
    table.push_back(line(name, Scope::delivery, "", Class::exact_count, kNone, kPlain, 0));
  }
  // Any other benchmark. The last six are what Google Benchmark itself computes.
  const std::vector<SchemaEntry> plain{
      line(kRealTime, Scope::plain, "real time", Class::time, kLower, kNs, 0.10),
      line(kCpuTime, Scope::plain, "cpu time", Class::time, kLower, kNs, 0.15),
      line("bytes_per_second", Scope::any, "bytes", Class::throughput, kHigher, kRate, 0.10),
      line("items_per_second", Scope::any, "items", Class::throughput, kHigher, kRate, 0.10),
      line("*_per_second", Scope::any, "", Class::throughput, kHigher, kRate, 0.10),
      line("allocs_per_iter", Scope::any, "", Class::time, kLower, kPlain, 0.10),
      line("max_bytes_used", Scope::any, "", Class::time, kLower, kPlain, 0.10),
      line("total_allocated_bytes", Scope::any, "", Class::time, kLower, kPlain, 0.10),
  };
  table.insert(table.end(), plain.begin(), plain.end());
  return table;
}

// What a metric of that class is taken for as long as nobody says more.
void take_class(MetricClass metric_class, Metric& metric) {
  const bool more_is_better =
      metric_class == Class::throughput || metric_class == Class::proportion;
  metric.metric_class = metric_class;
  metric.direction = !is_judged(metric_class) ? kNone : more_is_better ? kHigher : kLower;
  metric.effect = metric_class == Class::proportion ? 0.01 : 0.10;
}

// A class makes void what was said of the direction before: that was of another class.
void add(const Rule& more, Rule& rule) {
  const auto take = [](const auto& from, auto& to) { to = from ? from : to; };
  if (more.metric_class) {
    rule.direction.reset();
  }
  take(more.metric_class, rule.metric_class);
  take(more.direction, rule.direction);
  take(more.unit, rule.unit);
  take(more.effect, rule.effect);
}

bool is_account(MetricClass metric_class) {
  return metric_class == Class::invariant || metric_class == Class::exact_count;
}

void apply(const Rule& rule, Metric& metric) {
  if (rule.metric_class && *rule.metric_class != metric.metric_class) {
    take_class(*rule.metric_class, metric);
  }
  metric.direction = rule.direction.value_or(metric.direction);
  metric.unit = rule.unit.value_or(metric.unit);
  metric.effect = rule.effect.value_or(metric.effect);
  if (is_judged(metric.metric_class) && metric.direction == kNone) {
    metric.metric_class = Class::information;  // neither way is worse
  }
}

}  // namespace

const std::vector<SchemaEntry>& schema_table() {
  static const std::vector<SchemaEntry> table = build_table();
  return table;
}

ResolvedMetric Schema::resolve(std::string_view key, bool of_delivery,
                               std::string_view cell) const {
  ResolvedMetric result;
  const Scope other = of_delivery ? Scope::plain : Scope::delivery;
  const std::vector<SchemaEntry>& table = schema_table();
  const auto found = std::find_if(table.begin(), table.end(), [&](const SchemaEntry& entry) {
    return entry.scope != other && matches(entry.pattern, key);
  });
  if (found != table.end()) {
    result = {found->metric, true, of_delivery && is_account(found->metric.metric_class)};
  }
  result.metric.key = key;
  result.metric.rank = static_cast<std::size_t>(found - table.begin());
  if (result.metric.title.empty()) {
    result.metric.title = key;
  }
  Rule all;
  for (const Rule& rule : rules_) {
    if (matches(rule.metric, key) && matches(rule.cell, cell)) {
      add(rule, all);
    }
  }
  apply(all, result.metric);
  result.is_known = result.is_known || all.metric_class.has_value();
  return result;
}

std::vector<std::string> Schema::unused_patterns(
    const std::unordered_set<std::string_view>& keys) const {
  const auto is_used = [&](const Rule& rule) {
    const auto is_meant = [&](std::string_view key) { return matches(rule.metric, key); };
    return std::any_of(keys.begin(), keys.end(), is_meant) ||
           std::any_of(schema_table().begin(), schema_table().end(),
                       [&](const SchemaEntry& entry) { return is_meant(entry.pattern); });
  };
  std::vector<std::string> unused;
  for (const Rule& rule : rules_) {
    if (!is_used(rule)) {
      unused.push_back(rule.metric);
    }
  }
  return unused;
}

bool Schema::adds_invariants() const {
  return std::any_of(rules_.begin(), rules_.end(),
                     [](const Rule& rule) { return rule.metric_class == MetricClass::invariant; });
}

bool Schema::distinguishes_cells() const {
  return std::any_of(rules_.begin(), rules_.end(),
                     [](const Rule& rule) { return rule.cell != "*"; });
}

bool is_judged(MetricClass metric_class) {
  switch (metric_class) {
    case Class::time:
    case Class::throughput:
    case Class::latency_quantile:
    case Class::proportion:
      return true;
    case Class::exact_count:
    case Class::invariant:
    case Class::information:
      return false;
  }
  return false;
}

std::string_view class_name(MetricClass metric_class) {
  switch (metric_class) {
    case Class::time:
      return "time";
    case Class::throughput:
      return "throughput";
    case Class::latency_quantile:
      return "latency-quantile";
    case Class::proportion:
      return "proportion";
    case Class::exact_count:
      return "exact-count";
    case Class::invariant:
      return "invariant";
    case Class::information:
      return "information";
  }
  return "information";
}

std::string_view direction_name(Direction direction) {
  switch (direction) {
    case Direction::lower_is_better:
      return "lower";
    case Direction::higher_is_better:
      return "higher";
    case Direction::none:
      return "none";
  }
  return "none";
}

std::string_view unit_name(Unit unit) {
  switch (unit) {
    case Unit::nanoseconds:
      return "ns";
    case Unit::per_second:
      return "1/s";
    case Unit::share:
      return "1";
    case Unit::plain:
      return "plain";
  }
  return "plain";
}

std::optional<double> ns_per(std::string_view time_unit) {
  for (const auto& [name, factor] : {std::pair{"ns", 1.0}, {"us", 1e3}, {"ms", 1e6}, {"s", 1e9}}) {
    if (time_unit == name) {
      return factor;
    }
  }
  return std::nullopt;
}

// Greedy with one step back: the last `*` seen takes one character more whenever what follows
// fails.
bool matches(std::string_view pattern, std::string_view text) {
  std::size_t p = 0;
  std::size_t t = 0;
  std::size_t star = std::string_view::npos;
  std::size_t taken = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      taken = t;
    } else if (p < pattern.size() && pattern[p] == text[t]) {
      ++p;
      ++t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++taken;
    } else {
      return false;
    }
  }
  return pattern.find_first_not_of('*', p) == std::string_view::npos;
}

}  // namespace spate::compare
