#include "compare/judge.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>

#include "compare/metrics.h"
#include "compare/scale.h"
#include "compare/statistics/detectable.h"
#include "compare/statistics/holm.h"
#include "compare/statistics/rank_sum.h"
#include "compare/statistics/signed_rank.h"

namespace spate::compare {
namespace {

constexpr double kIntervalLevel = 0.95;
constexpr double kSuspectP = 0.1;
constexpr std::size_t kMaxRunsNeeded = 100;

bool all_equal(const Question& question) {
  const double first = question.reference.front();
  const auto equal = [&](double value) { return value == first; };
  return std::all_of(question.reference.begin(), question.reference.end(), equal) &&
         std::all_of(question.other.begin(), question.other.end(), equal);
}

Evidence of_differences(std::span<const double> x, std::span<const double> y) {
  std::vector<double> differences(x.size());
  std::transform(y.begin(), y.end(), x.begin(), differences.begin(), std::minus<>());
  const Estimate middle = pseudomedian(differences, kIntervalLevel);
  return {middle.value, middle.interval, signed_rank_p(differences)};
}

Evidence of_samples(std::span<const double> x, std::span<const double> y) {
  const Estimate difference = shift(x, y, kIntervalLevel);
  return {difference.value, difference.interval, rank_sum_p(x, y)};
}

// What is fixed varies with nothing: medians tell all, and any change of a count is one.
Evidence of_fixed(const Question& question) {
  const double x = *median(question.reference);
  const double y = *median(question.other);
  Evidence evidence;
  if (x == y) {
    evidence.change = 0;
  } else if (is_ratio(question.metric) && x >= 0 && y >= 0) {
    evidence.change = y / x - 1;
  } else if (!is_ratio(question.metric)) {
    evidence.change = y - x;
  }
  return evidence;
}

double smallest_p(const Question& question, std::size_t n, std::size_t m) {
  return question.paired ? smallest_signed_rank_p(n) : smallest_rank_sum_p(n, m);
}

Verdict verdict_of(const Metric& metric, double change) {
  return is_bad(metric, change) ? Verdict::worse : Verdict::better;
}

Judgement judge_fixed(const Question& question, const Evidence& evidence) {
  const Metric& metric = question.metric;
  Judgement result;
  result.evidence = evidence;
  if (metric.metric_class == MetricClass::exact_count) {
    const double difference = *median(question.other) - *median(question.reference);
    const bool good =
        difference != 0 && metric.direction != Direction::none && !is_bad(metric, difference);
    result.verdict = all_equal(question) ? Verdict::same : good ? Verdict::better : Verdict::worse;
  } else if (!evidence.change) {
    result.verdict = Verdict::cannot_tell;
    result.doubt = Doubt::below_zero;
  } else {
    const double effect = to_difference(metric, metric.effect);
    const double size = std::abs(to_difference(metric, *evidence.change));
    result.verdict =
        size >= effect && size > 0 ? verdict_of(metric, *evidence.change) : Verdict::same;
  }
  return result;
}

bool within(const Interval& interval, const Metric& metric) {
  const double effect = to_difference(metric, metric.effect);
  return to_difference(metric, interval.low) > -effect &&
         to_difference(metric, interval.high) < effect;
}

std::optional<double> detectable_change(const Metric& metric, const Interval& interval,
                                        double alpha) {
  const double half_width =
      (to_difference(metric, interval.high) - to_difference(metric, interval.low)) / 2;
  const double size = smallest_detectable_effect(half_width, interval.level, alpha);
  const double change = std::max(to_change(metric, size), metric.effect);
  return std::isfinite(change) ? std::optional{change} : std::nullopt;
}

struct Family {
  std::size_t tests = 1;
  double alpha = 0;

  // What the first of them, the one with the smallest p, has to reach.
  double share() const { return alpha / static_cast<double>(tests); }
};

bool has_values(const Question& question) {
  return !question.reference.empty() && !question.other.empty();
}

// Whether the values tell all without a test.
bool is_fixed(const Question& question) {
  return has_values(question) &&
         (question.deterministic || question.metric.metric_class == MetricClass::exact_count);
}

// Whether a test makes sense: of no value, or of one that has no ratio, there is no evidence.
bool is_testable(const Question& question) {
  return has_values(question) && has_scale(question.metric, question.reference) &&
         has_scale(question.metric, question.other);
}

Evidence weigh(const Question& question) {
  if (is_fixed(question)) {
    return of_fixed(question);
  }
  if (!is_testable(question)) {
    return {};
  }
  const std::vector<double> x = on_scale(question.metric, question.reference);
  const std::vector<double> y = on_scale(question.metric, question.other);
  Evidence evidence = question.paired ? of_differences(x, y) : of_samples(x, y);
  evidence.change = to_change(question.metric, *evidence.change);
  if (evidence.interval) {
    evidence.interval->low = to_change(question.metric, evidence.interval->low);
    evidence.interval->high = to_change(question.metric, evidence.interval->high);
  }
  return evidence;
}

Judgement without_test(const Question& question) {
  Judgement result;
  result.verdict = Verdict::cannot_tell;
  result.doubt = has_values(question) ? Doubt::below_zero : Doubt::few_runs;
  return result;
}

// So many of each side that a test can be significant at all in its family.
std::size_t runs_needed(const Question& question, const Family& family) {
  std::size_t n = 1;
  while (n < kMaxRunsNeeded && smallest_p(question, n, n) > family.share()) {
    ++n;
  }
  return n;
}

bool is_suspect(const Metric& metric, const Evidence& evidence) {
  const double change = to_difference(metric, *evidence.change);
  const double effect = to_difference(metric, metric.effect);
  const bool beyond = std::abs(change) >= effect;
  const bool half = 2 * std::abs(change) >= effect && *evidence.p <= kSuspectP;
  return is_bad(metric, change) && (beyond || half);
}

// Most runs may be alike while a few fail wholly, which the middle of the runs does not show but
// their mean does. Of a time that is an outlier; of a success rate, messages.
bool hides_failures(const Question& question) {
  const auto mean = [](const std::vector<double>& values) {
    return std::reduce(values.begin(), values.end()) / static_cast<double>(values.size());
  };
  return question.metric.metric_class == MetricClass::proportion &&
         std::abs(mean(question.other) - mean(question.reference)) >= question.metric.effect;
}

Judgement judge_tested(const Question& question, const Evidence& evidence, double p_adjusted,
                       const Family& family) {
  const Metric& metric = question.metric;
  Judgement result;
  result.verdict = Verdict::cannot_tell;
  result.evidence = evidence;
  result.p_adjusted = p_adjusted;
  result.suspect = is_suspect(metric, evidence);
  const bool can_reach =
      smallest_p(question, question.reference.size(), question.other.size()) <= family.share();
  if (evidence.interval && can_reach) {
    result.detectable = detectable_change(metric, *evidence.interval, family.share());
  }
  const double size = std::abs(to_difference(metric, *evidence.change));
  if (p_adjusted <= family.alpha && size >= to_difference(metric, metric.effect)) {
    result.verdict = verdict_of(metric, *evidence.change);
  } else if (evidence.interval && within(*evidence.interval, metric) && !hides_failures(question)) {
    result.verdict = Verdict::same;
  } else if (can_reach) {
    result.doubt = size >= to_difference(metric, metric.effect) ? Doubt::chance : Doubt::wide;
  } else {
    result.doubt = Doubt::few_runs;
    result.runs_needed = runs_needed(question, family);
  }
  return result;
}

// Whether it would be said of any better values, too, on the sides whose values are bounds.
bool stands(Verdict verdict, const std::array<Bound, 2>& bounds) {
  const auto [reference, other] = bounds;
  if (reference != Bound::none && other != Bound::none) {
    return verdict == Verdict::same && reference == Bound::tried && other == Bound::tried;
  }
  return reference != Bound::none ? verdict == Verdict::worse
                                  : other == Bound::none || verdict != Verdict::worse;
}

}  // namespace

std::string_view verdict_name(Verdict verdict) {
  switch (verdict) {
    case Verdict::better:
      return "better";
    case Verdict::same:
      return "same";
    case Verdict::worse:
      return "worse";
    case Verdict::cannot_tell:
      return "cannot-tell";
    case Verdict::not_judged:
      return "not-judged";
  }
  return "not-judged";
}

std::vector<Judgement> judge_family(std::span<const Question> questions, double alpha) {
  std::vector<Evidence> evidence;
  std::vector<double> p;
  for (const Question& question : questions) {
    evidence.push_back(weigh(question));
    if (evidence.back().p) {
      p.push_back(*evidence.back().p);
    }
  }
  const std::vector<double> adjusted = holm(p);
  std::vector<Judgement> result;
  std::size_t tested = 0;
  for (std::size_t i = 0; i < questions.size(); ++i) {
    if (is_fixed(questions[i])) {
      result.push_back(judge_fixed(questions[i], evidence[i]));
    } else if (!evidence[i].p) {
      result.push_back(without_test(questions[i]));
    } else {
      result.push_back(
          judge_tested(questions[i], evidence[i], adjusted[tested++], {p.size(), alpha}));
    }
    Judgement& judgement = result.back();
    if (judgement.verdict != Verdict::cannot_tell &&
        !stands(judgement.verdict, questions[i].bounds)) {
      judgement.verdict = Verdict::cannot_tell;
      judgement.doubt = Doubt::bound;
      judgement.suspect = false;
    }
  }
  return result;
}

}  // namespace spate::compare
