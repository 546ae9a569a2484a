#include "compare/junit_report.h"

#include <fmt/format.h>

#include <iterator>
#include <string_view>
#include <utility>
#include <vector>

#include "compare/humane.h"
#include "compare/phrases.h"

namespace spate::compare {
namespace {

enum class Result : std::uint8_t { passed, failed, error, skipped };

struct Case {
  std::string group;  // shown as the class
  std::string name;
  Result result = Result::passed;
  std::string message;
};

// XML has no way to write most control characters, what is not UTF-8, and U+FFFE and U+FFFF.
std::string writable(std::string_view text) {
  std::string result = one_line(text);
  for (const std::string_view odd : {"\xef\xbf\xbe", "\xef\xbf\xbf"}) {
    for (std::size_t at = result.find(odd); at != std::string::npos; at = result.find(odd, at)) {
      result.replace(at, odd.size(), 1, '?');
    }
  }
  return result;
}

std::string escaped(std::string_view text) {
  std::string result;
  for (const char c : writable(text)) {
    switch (c) {
      case '&':
        result += "&amp;";
        break;
      case '<':
        result += "&lt;";
        break;
      case '>':
        result += "&gt;";
        break;
      case '"':
        result += "&quot;";
        break;
      default:
        result += c;
    }
  }
  return result;
}

Result result_of(const MetricResult& metric, const FailOn& fail_on) {
  if (metric.acknowledged) {
    return Result::skipped;
  }
  switch (metric.judgement.verdict) {
    case Verdict::worse:
      return fail_on.worse ? Result::failed : Result::passed;
    case Verdict::better:
      return fail_on.better ? Result::failed : Result::passed;
    case Verdict::cannot_tell:
      return fail_on.cannot_tell ? Result::failed : Result::skipped;
    case Verdict::same:
    case Verdict::not_judged:
      return Result::passed;
  }
  return Result::passed;
}

std::string message_of(const MetricResult& metric) {
  return fmt::format(
      "{}: base {}, new {}, change {} ({})", verdict_phrase(metric),
      humane(metric.metric.unit, metric.reference), humane(metric.metric.unit, metric.other),
      humane_change(metric.metric, metric.judgement.evidence.change), humane_interval(metric));
}

void add_cells(const Comparison& comparison, std::vector<Case>& cases) {
  const bool is_advice = !comparison.context_differences.empty();
  for (const CellResult& cell : comparison.cells) {
    for (const MetricResult& metric : cell.metrics) {
      if (metric.judgement.verdict != Verdict::not_judged) {
        const Result result = result_of(metric, comparison.settings.fail_on);
        cases.push_back({cell.name, metric.metric.key,
                         is_advice && result == Result::failed ? Result::skipped : result,
                         message_of(metric)});
      }
    }
    if (!cell.exactness.differences.empty()) {
      const std::size_t others = cell.exactness.differences.size() - 1 + cell.exactness.more;
      cases.push_back({cell.name, "fixed by the seed", Result::failed,
                       fmt::format("{}; and {} more differ",
                                   difference_phrase(cell.exactness.differences.front()), others)});
    }
  }
}

bool fails(const Unmatched& cell, const Comparison& comparison) {
  const bool is_advice = !comparison.context_differences.empty();
  return !cell.acknowledged &&
         (cell.is_loss || (cell.is_fresh && comparison.settings.fail_on.fresh && !is_advice));
}

std::vector<Case> cases_of(const Comparison& comparison) {
  std::vector<Case> cases;
  for (const Break& found : comparison.breaks) {
    cases.push_back({found.cell, fmt::format("invariant {} [{}]", found.kind, found.side),
                     Result::failed, found.detail});
  }
  for (const Unmatched& cell : comparison.unmatched) {
    cases.push_back({cell.cell,
                     cell.metric.empty() ? "has a partner" : cell.metric + " has a partner",
                     fails(cell, comparison) ? Result::failed : Result::skipped,
                     fmt::format("{} is missing in {}", unmatched_phrase(cell), cell.missing_on)});
  }
  add_cells(comparison, cases);
  if (comparison.exit_code == ExitCode::inconclusive) {
    cases.push_back({"comparison", "is conclusive", Result::error, summary(comparison)});
  }
  return cases;
}

std::size_t count(const std::vector<Case>& cases, Result result) {
  std::size_t number = 0;
  for (const Case& one : cases) {
    number += one.result == result ? 1U : 0U;
  }
  return number;
}

std::string_view element_of(Result result) {
  switch (result) {
    case Result::failed:
      return "failure";
    case Result::error:
      return "error";
    case Result::skipped:
    case Result::passed:
      return "skipped";
  }
  return "skipped";
}

}  // namespace

std::string junit_report(const Comparison& comparison) {
  const std::vector<Case> cases = cases_of(comparison);
  std::string out = fmt::format(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n"
      "  <testsuite name=\"spate_compare\" tests=\"{}\" failures=\"{}\" errors=\"{}\" "
      "skipped=\"{}\">\n",
      cases.size(), count(cases, Result::failed), count(cases, Result::error),
      count(cases, Result::skipped));
  for (const Case& one : cases) {
    fmt::format_to(std::back_inserter(out), R"(    <testcase classname="{}" name="{}")",
                   escaped(one.group), escaped(one.name));
    if (one.result == Result::passed) {
      out += "/>\n";
    } else {
      fmt::format_to(std::back_inserter(out), "><{} message=\"{}\"/></testcase>\n",
                     element_of(one.result), escaped(one.message));
    }
  }
  out += "  </testsuite>\n</testsuites>\n";
  return out;
}

}  // namespace spate::compare
