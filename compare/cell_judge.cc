#include "compare/cell_judge.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <memory>
#include <set>
#include <span>
#include <unordered_map>
#include <utility>

#include "compare/error.h"
#include "compare/parallel.h"
#include "compare/side_by_side.h"

namespace spate::compare {
namespace {

// The schema, asked once for each metric where no rule distinguishes cells.
class MetricLookup {
 public:
  explicit MetricLookup(const Schema& schema) : schema_(schema) {}

  ResolvedMetric find(std::string_view key, bool of_delivery, std::string_view cell) {
    if (schema_.distinguishes_cells()) {
      return schema_.resolve(key, of_delivery, cell);
    }
    auto& known = known_[of_delivery ? 1 : 0];
    const auto found = known.find(key);
    return found != known.end()
               ? found->second
               : known.emplace(key, schema_.resolve(key, of_delivery, cell)).first->second;
  }

 private:
  const Schema& schema_;
  std::array<std::unordered_map<std::string_view, ResolvedMetric>, 2> known_;
};

// The estimate of a change is made of all differences between a value of one side and one of the
// other.
void require_few(const Question& question, std::string_view cell) {
  constexpr std::size_t kMaxDifferences = std::size_t{1} << 24U;  // 128 MiB
  const std::size_t n = question.reference.size();
  const std::size_t m = question.other.size();
  if (n * m > kMaxDifferences) {
    throw Error(fmt::format("'{}' has {} values of {} in base and {} in new; expected at most 4096",
                            cell, n, question.metric.key, m));
  }
}

// What a pair of cells leaves besides its result.
struct Aside {
  std::vector<Question> questions;
  std::vector<std::size_t> asked_of;  // of each question, the cell's metric
  std::vector<Unmatched> unmatched;
  std::vector<std::string_view> unclassified;
};

Bound bound_of(const std::vector<const Row*>& rows) {
  Bound bound = Bound::none;
  for (const Row* row : rows) {
    bound = std::max(bound, row->delivery ? row->delivery->bound : Bound::none);
  }
  return bound;
}

// For one thread; what it is given it only reads.
class PairJudge {
 public:
  PairJudge(bool whole, const Rounds& rounds, const Comparison& comparison)
      : whole_(whole),
        rounds_(rounds),
        comparison_(comparison),
        lookup_(comparison.settings.schema) {}

  // All but the verdicts.
  CellResult examine(const CellPair& pair, Aside& aside) {
    const std::vector<const Row*> reference = measured_rows(pair.reference);
    const std::vector<const Row*> other = measured_rows(pair.other);
    CellResult cell;
    cell.name = pair.reference.name;
    cell.run_names = {std::string(pair.reference.rows.front()->run_name),
                      std::string(pair.other.rows.front()->run_name)};
    cell.is_delivery = pair.reference.is_delivery();
    cell.repetitions_reference = reference.size();
    cell.repetitions_other = other.size();
    const bool is_virtual =
        cell.is_delivery && pair.reference.rows.front()->delivery->mode == kVirtualTime;
    std::vector<const Row*> both = reference;
    both.insert(both.end(), other.begin(), other.end());
    const std::vector<Metric> metrics = metrics_of(cell, counter_names(both), aside);
    cell.metrics.reserve(metrics.size());
    for (const Metric& metric : metrics) {
      add_metric(metric, reference, other, is_virtual, cell, aside);
    }
    const Form form = comparison_.form;
    if (whole_ && cell.is_delivery && form != Form::modes) {
      cell.exactness = compare_exactly(pair, comparison_.sides,
                                       form == Form::exact ? Demand::all : Demand::counts);
    }
    if (form == Form::modes) {
      cell.modes = std::make_shared<const ModeComparison>(
          side_by_side(reference, other, comparison_.settings.quantiles));
    }
    return cell;
  }

 private:
  // In the order of the table, so that every report shows what is judged first and alike. Without
  // invariants and a delivery's account, which have been looked at before.
  std::vector<Metric> metrics_of(const CellResult& cell, const std::vector<std::string_view>& keys,
                                 Aside& aside) {
    std::vector<Metric> metrics;
    for (const std::string_view key : keys) {
      const ResolvedMetric resolved = lookup_.find(key, cell.is_delivery, cell.name);
      if (!resolved.is_known) {
        aside.unclassified.push_back(key);
      }
      if (resolved.metric.metric_class != MetricClass::invariant && !resolved.is_of_account) {
        metrics.push_back(resolved.metric);
      }
    }
    std::stable_sort(metrics.begin(), metrics.end(),
                     [](const Metric& a, const Metric& b) { return a.rank < b.rank; });
    return metrics;
  }

  void add_metric(const Metric& metric, const std::vector<const Row*>& reference,
                  const std::vector<const Row*>& other, bool is_virtual, CellResult& cell,
                  Aside& aside) const {
    const std::vector<UnitValue> first = values_of(reference, metric.key, comparison_.replication);
    const std::vector<UnitValue> second = values_of(other, metric.key, comparison_.replication);
    MetricResult result;
    result.metric = metric;
    result.reference = median(plain_values(first));
    result.other = median(plain_values(second));
    result.ratio = ratio(result.reference, result.other);
    result.runs = {first.size(), second.size()};
    const bool is_asked = is_asked_for(cell, metric);
    if (is_asked && first.empty() != second.empty()) {
      add_one_sided(cell, metric, first.empty() ? reference : other, first.empty() ? 0 : 1, aside);
    } else if (is_asked) {
      Question question{
          metric, {}, {}, comparison_.settings.paired, is_virtual && metric.key != kCpuTime, {}};
      if (metric.key != kCpuTime) {
        question.bounds = {bound_of(reference), bound_of(other)};
      }
      fill(first, second, question);
      require_few(question, cell.name);
      aside.questions.push_back(std::move(question));
      aside.asked_of.push_back(cell.metrics.size());
    }
    cell.metrics.push_back(std::move(result));
  }

  // Rows that failed lack everything, and have been named for it.
  void add_one_sided(const CellResult& cell, const Metric& metric,
                     const std::vector<const Row*>& lacking, std::size_t side, Aside& aside) const {
    if (std::any_of(lacking.begin(), lacking.end(), [](const Row* row) { return !row->error; })) {
      aside.unmatched.push_back(without_partner(cell.name, metric.key, side, comparison_));
    }
  }

  // Of files alone: modes are meant to differ.
  bool is_asked_for(const CellResult& cell, const Metric& metric) const {
    const std::optional<Suspects>& suspects = comparison_.settings.suspects;
    return comparison_.form == Form::files &&
           (is_judged(metric.metric_class) || metric.metric_class == MetricClass::exact_count) &&
           (!suspects || suspects->contains({cell.run_names[0], metric.key}));
  }

  // Of pairs the rounds in which both sides have a value; but a count is the same in any round.
  void fill(const std::vector<UnitValue>& first, const std::vector<UnitValue>& second,
            Question& question) const {
    if (!question.paired || question.metric.metric_class == MetricClass::exact_count) {
      question.reference = plain_values(first);
      question.other = plain_values(second);
      return;
    }
    for (const UnitValue& unit : first) {
      const auto partner =
          std::find_if(second.begin(), second.end(), [&](const UnitValue& candidate) {
            return rounds_.at(candidate.file) == rounds_.at(unit.file);
          });
      if (partner != second.end()) {
        question.reference.push_back(unit.value);
        question.other.push_back(partner->value);
      }
    }
  }

  bool whole_;
  const Rounds& rounds_;
  const Comparison& comparison_;
  MetricLookup lookup_;
};

// All questions that stand with these cells are one family, and are taken from there.
void judge(std::span<CellResult> cells, std::span<Aside> asides, const Settings& settings) {
  std::vector<Question> family;
  for (Aside& aside : asides) {
    std::move(aside.questions.begin(), aside.questions.end(), std::back_inserter(family));
    aside.questions = {};
  }
  const std::vector<Judgement> judgements = judge_family(family, settings.alpha);
  auto judgement = judgements.begin();
  for (std::size_t i = 0; i < cells.size(); ++i) {
    for (const std::size_t index : asides[i].asked_of) {
      MetricResult& metric = cells[i].metrics[index];
      metric.judgement = *judgement++;
      if (metric.judgement.verdict == Verdict::worse) {
        metric.acknowledged = acknowledged(settings, cells[i].name, metric.metric.key);
      }
    }
  }
}

}  // namespace

void compare_pairs(const std::vector<CellPair>& pairs, bool whole, const Rounds& rounds,
                   Comparison& result) {
  std::vector<CellResult> cells(pairs.size());
  std::vector<Aside> asides(pairs.size());
  const Settings& settings = result.settings;
  in_parallel(pairs.size(), [&](std::size_t begin, std::size_t end) {
    PairJudge pair_judge(whole, rounds, result);
    for (std::size_t i = begin; i < end; ++i) {
      cells[i] = pair_judge.examine(pairs[i], asides[i]);
      if (settings.family == Family::cell) {
        judge({&cells[i], 1}, {&asides[i], 1}, settings);
      }
    }
  });
  if (settings.family == Family::comparison) {
    judge(cells, asides, settings);
  }
  std::set<std::string_view> unclassified;
  for (Aside& aside : asides) {
    std::move(aside.unmatched.begin(), aside.unmatched.end(), std::back_inserter(result.unmatched));
    unclassified.insert(aside.unclassified.begin(), aside.unclassified.end());
  }
  result.unclassified.assign(unclassified.begin(), unclassified.end());
  result.cells = std::move(cells);
}

Unmatched without_partner(std::string cell, std::string metric, std::size_t missing_on,
                          const Comparison& comparison) {
  const Settings& settings = comparison.settings;
  Unmatched result;
  result.missing_on = comparison.sides[missing_on];
  result.is_fresh = missing_on == 0 && comparison.form == Form::files;
  result.is_loss = comparison.form == Form::modes || (missing_on == 1 && !settings.allow_vanished);
  if (missing_on == 1) {
    result.acknowledged = acknowledged(settings, cell, kVanished);
    if (!result.acknowledged && !metric.empty()) {
      result.acknowledged = acknowledged(settings, cell, metric);
    }
  }
  result.cell = std::move(cell);
  result.metric = std::move(metric);
  return result;
}

bool covers(const Acknowledgement& known, const Settings& settings, std::string_view cell,
            std::string_view metric) {
  return matches(known.cell, cell) && matches(known.metric, metric) &&
         !has_expired(known, settings);
}

std::optional<std::string> acknowledged(const Settings& settings, std::string_view cell,
                                        std::string_view metric) {
  for (const Acknowledgement& known : settings.acknowledgements) {
    if (known.since.empty() && covers(known, settings, cell, metric)) {
      return known.reason;
    }
  }
  return std::nullopt;
}

std::vector<std::string> expired_acknowledgements(const Settings& settings) {
  std::vector<std::string> result;
  for (const Acknowledgement& known : settings.acknowledgements) {
    if (has_expired(known, settings)) {
      result.push_back(fmt::format("{}: {} ({})", known.cell, known.metric, known.expires));
    }
  }
  return result;
}

}  // namespace spate::compare
