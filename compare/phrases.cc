#include "compare/phrases.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "compare/humane.h"

namespace spate::compare {
namespace {

constexpr std::size_t kMaxDoubtful = 20;

// A size without its sign.
std::string humane_size(const Metric& metric, double size) {
  if (metric.metric_class == MetricClass::proportion) {
    return fmt::format("{:.2f}pt", size * 100);
  }
  return size < 10 ? fmt::format("{:.1f}%", size * 100) : fmt::format("{:.3g}x", size + 1);
}

std::string doubt_phrase(const MetricResult& result) {
  const Judgement& judgement = result.judgement;
  switch (judgement.doubt) {
    case Doubt::few_runs:
      return judgement.runs_needed > 0 ? fmt::format("needs {} runs", judgement.runs_needed)
                                       : "no values";
    case Doubt::chance:
      return fmt::format("may be chance, p {:.1g}", *judgement.p_adjusted);
    case Doubt::wide:
      return judgement.detectable
                 ? fmt::format("sees {} or more", humane_size(result.metric, *judgement.detectable))
                 : "varies too much";
    case Doubt::below_zero:
      return "has values below zero";
    case Doubt::bound:
      return "only a bound";
    case Doubt::none:
      return "";
  }
  return "";
}

// At most so much of a value. Of a longer one (a histogram) the part where the other differs.
constexpr std::size_t kMaxValue = 40;

std::string excerpt(const std::string& value, std::size_t differs_at) {
  if (value.size() <= kMaxValue) {
    return value;
  }
  constexpr std::size_t kBefore = 8;  // for its place to be found again
  const std::size_t begin =
      std::min(differs_at - std::min(differs_at, kBefore), value.size() - kMaxValue);
  const bool is_end = begin + kMaxValue == value.size();
  return fmt::format("{}{}{}", begin == 0 ? "" : "...", value.substr(begin, kMaxValue),
                     is_end ? "" : "...");
}

std::string in_ascii(const nlohmann::json& value) {
  return value.is_null() ? "-"
                         : value.dump(-1, ' ', true, nlohmann::json::error_handler_t::replace);
}

bool is_found(const MetricResult& metric) {
  return metric.acknowledged || metric.judgement.verdict == Verdict::worse ||
         metric.judgement.verdict == Verdict::better;
}

bool is_doubtful(const MetricResult& metric) {
  return metric.judgement.verdict == Verdict::cannot_tell;
}

}  // namespace

std::string humane_change(const Metric& metric, std::optional<double> change) {
  if (!change) {
    return "-";
  }
  if (metric.metric_class == MetricClass::proportion) {
    return fmt::format("{:+.2f}pt", *change * 100);
  }
  if (std::isinf(*change)) {
    return "from 0";
  }
  const double percent = *change * 100;
  return percent < 1000 ? fmt::format("{:+.1f}%", percent) : fmt::format("{:.3g}x", *change + 1);
}

std::string humane_interval(const MetricResult& result) {
  return humane_interval(result.metric, result.judgement.evidence.interval);
}

std::string humane_interval(const Metric& metric, const std::optional<Interval>& interval) {
  if (!interval || std::isinf(interval->low)) {
    return "-";
  }
  return fmt::format("{} .. {}", humane_change(metric, interval->low),
                     std::isinf(interval->high) ? "any" : humane_change(metric, interval->high));
}

std::string verdict_phrase(const MetricResult& result) {
  if (result.acknowledged) {
    return fmt::format("acknowledged: {}", *result.acknowledged);
  }
  switch (result.judgement.verdict) {
    case Verdict::cannot_tell:
      return fmt::format("cannot tell: {}", doubt_phrase(result));
    case Verdict::not_judged:
      return "";
    case Verdict::worse:
      if (result.metric.metric_class == MetricClass::exact_count &&
          result.reference == result.other) {
        return "worse: not equal in every run";
      }
      [[fallthrough]];
    case Verdict::better:
    case Verdict::same:
      return std::string(verdict_name(result.judgement.verdict));
  }
  return "";
}

ShownCells shown_cells(const Comparison& comparison, bool all) {
  ShownCells result;
  std::size_t doubtful = 0;
  for (std::size_t i = 0; i < comparison.cells.size(); ++i) {
    const std::vector<MetricResult>& metrics = comparison.cells[i].metrics;
    if (all || std::any_of(metrics.begin(), metrics.end(), is_found)) {
      result.cells.push_back(i);
    } else if (std::any_of(metrics.begin(), metrics.end(), is_doubtful)) {
      if (++doubtful <= kMaxDoubtful) {
        result.cells.push_back(i);
      } else {
        ++result.doubtful_left_out;
      }
    }
  }
  return result;
}

std::string unmatched_phrase(const Unmatched& unmatched) {
  if (!unmatched.metric.empty()) {
    return fmt::format("{}: {}", unmatched.cell, unmatched.metric);
  }
  return unmatched.files_without == 0
             ? unmatched.cell
             : fmt::format("{} (in {})", unmatched.cell, plural(unmatched.files_without, "file"));
}

std::string difference_phrase(const Difference& difference) {
  const std::string reference = in_ascii(difference.reference);
  const std::string other = in_ascii(difference.other);
  const auto [at, unused] =
      std::mismatch(reference.begin(), reference.end(), other.begin(), other.end());
  const auto differs_at = static_cast<std::size_t>(at - reference.begin());
  return fmt::format("{}: {} {}, {} {}", difference.key, difference.reference_row,
                     excerpt(reference, differs_at), difference.other_row,
                     excerpt(other, differs_at));
}

std::string common_phrase(const CommonFactor& factor) {
  const TwoByTwo& counts = factor.counts;
  const std::size_t worse = counts.flagged_having + counts.flagged_lacking;
  const std::size_t others = counts.other_having + counts.other_lacking;
  const std::string who = counts.flagged_lacking == 0
                              ? fmt::format("all {}", worse)
                              : fmt::format("{} of {}", counts.flagged_having, worse);
  return fmt::format("{} regressions have {}:{}; of the {} other cells {} {}", who, factor.name,
                     factor.value, others, counts.other_having,
                     counts.other_having == 1 ? "has it" : "have it");
}

std::vector<std::string> remarks(const Comparison& comparison) {
  std::vector<std::string> result;
  if (!comparison.context_differences.empty()) {
    for (const ContextDifference& difference : comparison.context_differences) {
      result.push_back(fmt::format("{} differs: {}", difference.name, difference.detail));
    }
    result.emplace_back(
        comparison.is_comparable
            ? "what follows is advice: the sides are not comparable, and no verdict fails"
            : "the sides are not comparable, so nothing is judged; --advisory does it "
              "all the same");
  }
  if (!comparison.expired_acknowledgements.empty()) {
    result.push_back(fmt::format("acknowledged no longer, the day being over: {}",
                                 fmt::join(comparison.expired_acknowledgements, ", ")));
  }
  for (const FaultDifference& difference : comparison.fault_differences) {
    result.push_back(fmt::format("other real faults struck {}: {} had {}, {} had {}",
                                 difference.cell, comparison.sides[0], difference.plans[0],
                                 comparison.sides[1], difference.plans[1]));
  }
  if (comparison.form != Form::files || !comparison.is_comparable) {
    return result;
  }
  if (comparison.replication == Replication::repetition) {
    result.emplace_back(
        "one process a side: how much processes differ is not seen; give several with --base and "
        "--new");
  }
  if (!comparison.unclassified.empty()) {
    result.push_back(
        fmt::format("shown in --format json alone, since no class is known for it "
                    "(--metric, --rules): {}",
                    fmt::join(comparison.unclassified, ", ")));
  }
  if (!comparison.unused_rules.empty()) {
    result.push_back(fmt::format("no metric has the name that these rules are for: {}",
                                 fmt::join(comparison.unused_rules, ", ")));
  }
  if (comparison.settings.suspects) {
    result.push_back(fmt::format("judged are suspects alone (--suspects): {}",
                                 plural(comparison.settings.suspects->size(), "metric")));
  }
  if (!comparison.suspects_not_met.empty()) {
    result.push_back(fmt::format("suspected, and not there to be judged: {}",
                                 fmt::join(comparison.suspects_not_met, ", ")));
  }
  if (const double expected =
          comparison.settings.alpha * static_cast<double>(comparison.cells.size());
      comparison.settings.family == Family::cell && expected >= 1) {
    result.push_back(fmt::format(
        "by chance alone up to {:.0f} of {} may be called worse or better (--family comparison: "
        "hardly any)",
        expected, plural(comparison.cells.size(), "cell")));
  }
  return result;
}

}  // namespace spate::compare
