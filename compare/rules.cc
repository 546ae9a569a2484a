#include "compare/rules.h"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cmath>
#include <ctime>
#include <optional>
#include <string_view>
#include <utility>

#include "compare/error.h"
#include "compare/fields.h"
#include "compare/json_text.h"
#include "compare/whole_file.h"

namespace spate::compare {
namespace {

constexpr std::array<MetricClass, 7> kClasses{
    MetricClass::time,       MetricClass::throughput,  MetricClass::latency_quantile,
    MetricClass::proportion, MetricClass::exact_count, MetricClass::invariant,
    MetricClass::information};
constexpr std::array<Direction, 3> kDirections{Direction::lower_is_better,
                                               Direction::higher_is_better, Direction::none};
constexpr std::array<Unit, 4> kUnits{Unit::nanoseconds, Unit::per_second, Unit::share, Unit::plain};

// The value whose name it is; `where` and `what` begin the message.
template <class T, std::size_t N, class Name>
T by_name(std::string_view text, const std::array<T, N>& values, Name name, std::string_view where,
          std::string_view what) {
  std::vector<std::string_view> names;
  for (const T value : values) {
    if (name(value) == text) {
      return value;
    }
    names.push_back(name(value));
  }
  throw Error(fmt::format("{}: the {} is '{}'; expected one of {}", where, what, text,
                          fmt::join(names, ", ")));
}

// A direction is what makes a change better or worse.
void require_direction(const Rule& rule, std::string_view where) {
  if (rule.direction == Direction::none && rule.metric_class && is_judged(*rule.metric_class)) {
    throw Error(fmt::format("{}: a metric of class {} needs a direction; expected lower or higher",
                            where, class_name(*rule.metric_class)));
  }
}

double require_effect(double effect, std::string_view where) {
  if (!(effect > 0 && effect <= 10)) {
    throw Error(fmt::format(
        "{}: the effect is {}; expected more than 0 and at most 10 (0.1 is 10 %)", where, effect));
  }
  return effect;
}

// Members that nobody knows are typing errors, and would be obeyed by nobody.
void require_known(const Fields& fields, std::initializer_list<std::string_view> known) {
  for (const auto& [name, value] : fields.json().items()) {
    if (std::find(known.begin(), known.end(), name) == known.end()) {
      throw Error(fmt::format("{}: '{}' is unknown; expected {}", fields.where(), name,
                              fmt::join(known, ", ")));
    }
  }
}

Rule read_rule(const Fields& fields) {
  require_known(fields, {"metric", "cell", "class", "direction", "unit", "effect", "comment"});
  Rule rule;
  rule.metric = fields.required_text("metric");
  rule.cell = fields.text("cell").value_or("*");
  if (const auto text = fields.text("class")) {
    rule.metric_class = by_name(*text, kClasses, class_name, fields.where(), "class");
  }
  if (const auto text = fields.text("direction")) {
    rule.direction = by_name(*text, kDirections, direction_name, fields.where(), "direction");
  }
  if (const auto text = fields.text("unit")) {
    rule.unit = by_name(*text, kUnits, unit_name, fields.where(), "unit");
  }
  if (const auto effect = fields.number("effect")) {
    rule.effect = require_effect(*effect, fields.where());
  }
  require_direction(rule, fields.where());
  return rule;
}

Acknowledgement read_acknowledgement(const Fields& fields) {
  require_known(fields, {"cell", "metric", "reason", "expires", "since"});
  Acknowledgement result{fields.required_text("cell"),
                         fields.required_text("metric"),
                         fields.required_text("reason"),
                         fields.required_text("expires"),
                         {}};
  if (!is_date(result.expires)) {
    throw Error(fmt::format("{}: 'expires' is '{}'; expected a day as in 2027-01-31",
                            fields.where(), result.expires));
  }
  constexpr std::size_t kLeastDigits = 4;  // of which git makes a hash
  if (const std::optional<std::string> since = fields.text("since")) {
    if (since->size() < kLeastDigits) {
      throw Error(fmt::format("{}: 'since' is '{}'; expected a commit, or a day as in 2027-01-31",
                              fields.where(), *since));
    }
    result.since = *since;
  }
  if (result.reason.empty()) {
    throw Error(fmt::format("{}: 'reason' is empty; say why it may stay", fields.where()));
  }
  return result;
}

// `right`: what a file is like that would be one.
nlohmann::json load_document(const std::string& path, std::string_view right) {
  const FileText text(path);
  try {
    return parse_json(text.view(), path);
  } catch (const Error& fault) {
    throw Error(fmt::format("{}; {}", fault.what(), right));
  }
}

// Each element of the one array that the file consists of.
template <class Read>
auto load_list(const std::string& path, std::string_view name, Read read) {
  const nlohmann::json document = load_document(path, "compare/README.md shows one that is right");
  const Fields root(document, path);
  require_known(root, {name});
  const auto list = document.find(name);
  if (list == document.end() || !list->is_array()) {
    throw Error(fmt::format("{} has no array '{}'; compare/README.md shows one", path, name));
  }
  std::vector<decltype(read(root))> result;
  for (std::size_t i = 0; i < list->size(); ++i) {
    result.push_back(
        read(Fields((*list)[i], fmt::format("{}: '{}', number {}", path, name, i + 1))));
  }
  return result;
}

// "key=value", both not empty.
std::pair<std::string, std::string> split(std::string_view flag, const std::string& text,
                                          std::string_view example) {
  const std::size_t equals = text.rfind('=');
  if (equals == std::string::npos || equals == 0 || equals + 1 == text.size()) {
    throw Error(fmt::format("{} is '{}'; expected METRIC=VALUE, as in {}", flag, text, example));
  }
  return {text.substr(0, equals), text.substr(equals + 1)};
}

}  // namespace

std::vector<Rule> load_rules(const std::string& path) {
  return load_list(path, "rules", read_rule);
}

std::vector<Acknowledgement> load_acknowledgements(const std::string& path) {
  return load_list(path, "acknowledgements", read_acknowledgement);
}

Suspects load_suspects(const std::string& path) {
  const nlohmann::json document = load_document(path, "give a verdict of --format json");
  const auto cells = document.find("cells");
  if (!document.is_object() || cells == document.end() || !cells->is_array()) {
    throw Error(fmt::format("{} has no array 'cells'; expected a verdict of --format json", path));
  }
  const auto says = [&](std::string_view key, const nlohmann::json& value) {
    const auto found = document.find(key);
    return found != document.end() && *found == value;
  };
  if (!says("form", "files") || !says("comparable", true)) {
    throw Error(fmt::format(
        "{} is no verdict on two sides that are comparable; it suspects nothing", path));
  }
  Suspects result;
  for (std::size_t i = 0; i < cells->size(); ++i) {
    const Fields cell((*cells)[i], fmt::format("{}: cell {}", path, i + 1));
    const auto names = cell.json().find("names");
    if (names == cell.json().end() || !names->is_array() || names->empty() ||
        !names->front().is_string()) {
      throw Error(
          fmt::format("{} has no 'names'; expected a verdict of --format json", cell.where()));
    }
    const Fields metrics = cell.required_object("metrics");
    for (const auto& [key, unused] : metrics.json().items()) {
      if (metrics.required_object(key).flag("suspect")) {
        result.emplace(names->front().get<std::string>(), key);
      }
    }
  }
  return result;
}

Rule parse_effect(const std::string& text) {
  const auto [metric, value] = split("--effect", text, "--effect cpu_time=15");
  double percent = 0;
  const auto [end, fault] = std::from_chars(value.data(), value.data() + value.size(), percent);
  if (fault != std::errc{} || end != value.data() + value.size() || !std::isfinite(percent)) {
    throw Error(fmt::format("--effect is '{}'; expected a number of percent behind the =", text));
  }
  Rule rule;
  rule.metric = metric;
  rule.effect = require_effect(percent / 100, fmt::format("--effect {}", text));
  return rule;
}

Rule parse_metric(const std::string& text) {
  const std::string where = fmt::format("--metric {}", text);
  const auto [metric, value] = split("--metric", text, "--metric hits=throughput:higher");
  const std::size_t colon = value.find(':');
  Rule rule;
  rule.metric = metric;
  rule.metric_class = by_name(value.substr(0, colon), kClasses, class_name, where, "class");
  if (colon != std::string::npos) {
    rule.direction =
        by_name(value.substr(colon + 1), kDirections, direction_name, where, "direction");
  }
  require_direction(rule, where);
  return rule;
}

FailOn parse_fail_on(const std::string& text) {
  FailOn result{false, false, false, false};
  if (text == "none") {
    return result;
  }
  std::size_t begin = 0;
  while (begin <= text.size()) {
    const std::size_t end = std::min(text.find(',', begin), text.size());
    const std::string_view item = std::string_view(text).substr(begin, end - begin);
    bool* const flag = item == "worse"         ? &result.worse
                       : item == "better"      ? &result.better
                       : item == "cannot-tell" ? &result.cannot_tell
                       : item == "new"         ? &result.fresh
                                               : nullptr;
    if (flag == nullptr) {
      throw Error(fmt::format(
          "--fail-on has '{}'; expected none, or of worse, better, cannot-tell and new a list",
          item));
    }
    *flag = true;
    begin = end + 1;
  }
  return result;
}

bool is_date(std::string_view text) {
  const auto number = [&](std::size_t at, std::size_t size) -> std::optional<int> {
    int value = 0;
    const char* const begin = text.data() + at;
    const auto [end, fault] = std::from_chars(begin, begin + size, value);
    return fault == std::errc{} && end == begin + size && *begin != '-' ? std::optional{value}
                                                                        : std::nullopt;
  };
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') {
    return false;
  }
  const auto year = number(0, 4);
  const auto month = number(5, 2);
  const auto day = number(8, 2);
  return year && month && day &&
         std::chrono::year_month_day(std::chrono::year(*year),
                                     std::chrono::month(static_cast<unsigned>(*month)),
                                     std::chrono::day(static_cast<unsigned>(*day)))
             .ok();
}

std::string today() { return fmt::format("{:%Y-%m-%d}", fmt::gmtime(std::time(nullptr))); }

}  // namespace spate::compare
