#include "objective.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <tuple>
#include <utility>

#include "spate/error.h"
#include "spate/run_plan.h"
#include "units.h"

namespace spate::bench {
namespace {

using Kind = Measure::Kind;
using Sign = Condition::Sign;

constexpr double kMean = -1;
// A quantile of few values is one of these few. With 100 beyond it, their number itself is known
// to some 10 % (its standard deviation is its root: Poisson's).
constexpr double kBeyond = 100;

constexpr std::array<std::pair<std::string_view, double>, 7> kStatistics{{{"p50", 0.5},
                                                                          {"p90", 0.9},
                                                                          {"p99", 0.99},
                                                                          {"p99.9", 0.999},
                                                                          {"p99.99", 0.9999},
                                                                          {"max", 1.0},
                                                                          {"mean", kMean}}};
constexpr std::array<std::pair<std::string_view, const LatencyRecorder RunReport::*>, 4> kTimes{
    {{"", &RunReport::response},
     {"response_", &RunReport::response},
     {"service_", &RunReport::service},
     {"lateness_", &RunReport::lateness}}};

using Count = std::uint64_t (*)(const RunReport&);
constexpr std::array<std::pair<std::string_view, Count>, 6> kCounts{{
    {"lost", [](const RunReport& report) { return report.account.lost; }},
    {"unknown", [](const RunReport& report) { return report.account.unknown; }},
    {"duplicated", [](const RunReport& report) { return report.account.duplicated; }},
    {"reordered", [](const RunReport& report) { return report.account.reordered; }},
    {"shed", [](const RunReport& report) { return report.shed; }},
    {"rejected", [](const RunReport& report) { return report.rejected; }},
}};
constexpr std::string_view kSuccess = "success";

// Those of two characters first, since it is the first that fits.
constexpr std::array<std::pair<std::string_view, Sign>, 5> kSigns{{{"<=", Sign::at_most},
                                                                   {">=", Sign::at_least},
                                                                   {"<", Sign::below},
                                                                   {">", Sign::above},
                                                                   {"=", Sign::equal}}};

std::optional<Measure> time_named(std::string_view name) {
  for (const auto& [prefix, latency] : kTimes) {
    for (const auto& [statistic, quantile] : kStatistics) {
      if (name == fmt::format("{}{}", prefix, statistic)) {
        // One name for what may be written in two ways.
        const bool response = latency == &RunReport::response;
        return Measure{Kind::time, std::string(response ? statistic : name), latency, quantile};
      }
    }
  }
  return std::nullopt;
}

std::optional<Measure> measure_named(std::string_view name) {
  if (name == kSuccess) {
    return Measure{.kind = Kind::share, .name = std::string(name)};
  }
  const auto* const count = std::find_if(kCounts.begin(), kCounts.end(),
                                         [&](const auto& known) { return known.first == name; });
  if (count != kCounts.end()) {
    return Measure{.kind = Kind::count, .name = std::string(name), .count = count->second};
  }
  return time_named(name);
}

std::string measure_names() {
  std::string names;
  for (const auto& [name, quantile] : kStatistics) {
    names += fmt::format("{}, ", name);
  }
  names += "the same of service_ and lateness_";
  for (const auto& [name, count] : kCounts) {
    names += fmt::format(", {}", name);
  }
  return fmt::format("{}, {}", names, kSuccess);
}

// Conditions that a higher rate breaks; another one would look for the lowest rate.
bool fits(Kind kind, Sign sign) {
  const bool upper = sign == Sign::below || sign == Sign::at_most;
  switch (kind) {
    case Kind::time:
      return upper;
    case Kind::count:
      return upper || sign == Sign::equal;
    case Kind::share:
      return !upper;
  }
  return false;
}

std::string signs_of(Kind kind) {
  return kind == Kind::time ? "< or <=" : kind == Kind::count ? "<, <= or =" : "=, >= or >";
}

double share_of(std::string_view flag, const std::string& text) {
  const bool percent = text.ends_with('%');
  const char* const end = text.data() + text.size() - (percent ? 1 : 0);
  double value = 0;
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  value = percent ? value / 100 : value;
  if (error != std::errc{} || stop != end || !(value >= 0 && value <= 1)) {
    throw Error(fmt::format("{} '{}': give a share from 0 to 1 or 0% to 100%, such as 0.99 or 99%",
                            flag, text));
  }
  return value;
}

double limit_of(Kind kind, std::string_view flag, const std::string& text) {
  constexpr std::int64_t kMillisecond = 1'000'000;
  switch (kind) {
    case Kind::time:
      return static_cast<double>(parse_duration_ns(flag, text, kMillisecond));
    case Kind::count:
      return static_cast<double>(parse_count(flag, text, 0, kMaxMessages));
    case Kind::share:
      return share_of(flag, text);
  }
  return 0;
}

std::string_view without_blanks_around(std::string_view text) {
  const std::size_t begin = std::min(text.find_first_not_of(' '), text.size());
  return text.substr(begin, text.find_last_not_of(' ') + 1 - begin);
}

// What no run could ever meet would be looked for at every rate.
bool can_be_met(const Condition& condition) {
  switch (condition.measure.kind) {
    case Kind::time:
      return condition.limit > 0;
    case Kind::count:
      return condition.sign != Sign::below || condition.limit > 0;
    case Kind::share:
      break;
  }
  // Exactly so many arrive by chance alone, unless it is all of them.
  return condition.sign == Sign::at_least ||
         (condition.sign == Sign::equal ? condition.limit == 1 : condition.limit < 1);
}

Condition parse_condition(std::string_view flag, std::string_view piece) {
  const std::size_t at = std::min(piece.find_first_of("<>="), piece.size());
  const std::string_view name = without_blanks_around(piece.substr(0, at));
  const std::optional<Measure> measure = measure_named(name);
  if (!measure) {
    throw Error(fmt::format("{}: '{}' is nothing to ask for; use {}", flag, name, measure_names()));
  }
  const std::string_view rest = piece.substr(at);
  const auto* const sign = std::find_if(kSigns.begin(), kSigns.end(), [&](const auto& known) {
    return rest.starts_with(known.first);
  });
  if (sign == kSigns.end() || !fits(measure->kind, sign->second)) {
    throw Error(fmt::format("{}: '{}': behind {} stands {}, and a limit", flag, piece, name,
                            signs_of(measure->kind)));
  }
  const std::string limit(without_blanks_around(rest.substr(sign->first.size())));
  const std::string where = fmt::format("{}: behind '{}{}'", flag, name, sign->first);
  Condition condition{*measure, sign->second, limit_of(measure->kind, where, limit)};
  if (!can_be_met(condition)) {
    throw Error(fmt::format("{}: '{}' is nothing to hold; give a limit that a rate can keep to",
                            flag, piece));
  }
  return condition;
}

std::string text_of(const Condition& condition) {
  const auto* const sign = std::find_if(kSigns.begin(), kSigns.end(), [&](const auto& known) {
    return known.second == condition.sign;
  });
  std::string limit;
  switch (condition.measure.kind) {
    case Kind::time:
      limit = exact_time(static_cast<std::int64_t>(condition.limit));
      break;
    case Kind::count:
      limit = std::to_string(static_cast<std::uint64_t>(condition.limit));
      break;
    case Kind::share:
      limit = fmt::format("{:.12g}%", 100 * condition.limit);
      break;
  }
  return fmt::format("{}{}{}", condition.measure.name, sign->first, limit);
}

// By where the tables above have it.
bool stands_before(const Condition& a, const Condition& b) {
  const auto place = [](const Measure& measure) {
    const auto* const time = std::find_if(kTimes.begin(), kTimes.end(), [&](const auto& known) {
      return known.second == measure.latency;
    });
    const auto* const statistic =
        std::find_if(kStatistics.begin(), kStatistics.end(),
                     [&](const auto& known) { return known.second == measure.quantile; });
    const auto* const count = std::find_if(kCounts.begin(), kCounts.end(), [&](const auto& known) {
      return known.first == measure.name;
    });
    return std::tuple(measure.kind, time, statistic, count);
  };
  return place(a.measure) < place(b.measure);
}

std::string percent(double share, int digits) {
  return fmt::format("{:.{}f}%", 100 * share, digits);
}

}  // namespace

std::optional<double> Measure::value(const RunReport& report) const {
  switch (kind) {
    case Kind::count:
      return static_cast<double>(count(report));
    case Kind::share:
      return report.total.success_rate();
    case Kind::time:
      break;
  }
  const LatencyRecorder& times = report.*latency;
  if (times.count() == 0) {
    return std::nullopt;
  }
  return quantile == kMean ? times.mean() : static_cast<double>(times.quantile(quantile));
}

std::string Measure::show(double value) const {
  switch (kind) {
    case Kind::time:
      return show_ns(value);
    case Kind::count:
      return show_whole(static_cast<std::uint64_t>(value));
    case Kind::share:
      return percent(value, 2);
  }
  return "";
}

bool Condition::met_by(double value) const {
  switch (sign) {
    case Sign::below:
      return value < limit;
    case Sign::at_most:
      return value <= limit;
    case Sign::equal:
      return value == limit;
    case Sign::at_least:
      return value >= limit;
    case Sign::above:
      return value > limit;
  }
  return false;
}

std::string Condition::show(double value) const {
  std::string text = measure.show(value);
  if (value == limit || text != measure.show(limit)) {
    return text;
  }
  if (measure.kind == Measure::Kind::time) {
    return fmt::format("{:.0f} ns", value);
  }
  constexpr int kMostDigits = 12;
  int digits = 2;
  while (digits < kMostDigits && percent(value, digits) == percent(limit, digits)) {
    ++digits;
  }
  return percent(value, digits);
}

Objective Objective::parse(std::string_view flag, std::string_view text) {
  if (without_blanks_around(text).empty()) {
    throw Error(fmt::format("{} '{}': give an objective, such as 'p99<20ms,lost=0'", flag, text));
  }
  Objective objective;
  for (const std::string& piece : parse_list(flag, text)) {
    Condition condition = parse_condition(flag, piece);
    if (objective.mentions(condition.measure.name)) {
      throw Error(fmt::format("{} '{}': {} is limited twice; give one limit", flag, text,
                              condition.measure.name));
    }
    objective.conditions_.push_back(std::move(condition));
  }
  std::sort(objective.conditions_.begin(), objective.conditions_.end(), stands_before);
  for (const Condition& condition : objective.conditions_) {
    objective.text_ += objective.text_.empty() ? "" : ",";
    objective.text_ += text_of(condition);
  }
  return objective;
}

bool Objective::mentions(std::string_view measure) const {
  return std::any_of(conditions_.begin(), conditions_.end(),
                     [&](const Condition& condition) { return condition.measure.name == measure; });
}

std::optional<double> Objective::shortest_response_limit_ns() const {
  std::optional<double> shortest;
  for (const Condition& condition : conditions_) {
    if (condition.measure.latency == &RunReport::response) {
      shortest = std::min(shortest.value_or(condition.limit), condition.limit);
    }
  }
  return shortest;
}

std::uint64_t Objective::deliveries_needed() const {
  double needed = 1;
  for (const Condition& condition : conditions_) {
    const double quantile = condition.measure.quantile;
    if (condition.measure.kind == Kind::time && quantile > 0 && quantile < 1) {
      needed = std::max(needed, kBeyond / (1 - quantile));
    }
  }
  return static_cast<std::uint64_t>(std::llround(needed));
}

std::string objective_usage() { return measure_names(); }

}  // namespace spate::bench
