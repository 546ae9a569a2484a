#include "compare/cell_judge.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <set>
#include <span>
#include <unordered_map>
#include <utility>

#include "compare/parallel.h"
#include "compare/side_by_side.h"

namespace spate::compare {
namespace {

// The metrics that a row of either side has, in the order of the file.
std::vector<std::string_view> keys_of(const std::vector<const Row*>& reference,
                                      const std::vector<const Row*>& other) {
  std::vector<std::string_view> keys;
  const Row* last = nullptr;
  const auto same_names = [](const Row& a, const Row& b) {
    return std::equal(a.counters().begin(), a.counters().end(), b.counters().begin(),
                      b.counters().end(),
                      [](const Counter& x, const Counter& y) { return x.name == y.name; });
  };
  for (const std::vector<const Row*>* rows : {&reference, &other}) {
    for (const Row* row : *rows) {
      if (last != nullptr && same_names(*last, *row)) {
        continue;
      }
      last = row;
      for (const Counter& counter : row->counters()) {
        if (std::find(keys.begin(), keys.end(), counter.name) == keys.end()) {
          keys.push_back(counter.name);
        }
      }
    }
  }
  return keys;
}

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

class PairJudge {
 public:
  PairJudge(bool whole, const Rounds& rounds, Comparison& result)
      : whole_(whole), rounds_(rounds), result_(result), lookup_(result.settings.schema) {}

  void add(const CellPair& pair) {
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
    for (const std::string_view key : keys_of(reference, other)) {
      add_metric(key, pair, reference, other, is_virtual, cell);
    }
    sort_metrics(cell);
    if (whole_ && cell.is_delivery && result_.form != Form::modes) {
      cell.exactness = compare_exactly(pair, result_.sides,
                                       result_.form == Form::exact ? Demand::all : Demand::counts);
    }
    if (result_.form == Form::modes) {
      cell.modes = side_by_side(reference, other, result_.settings.quantiles);
    }
    result_.cells.push_back(std::move(cell));
  }

  // Of files alone: modes are meant to differ. Families know nothing of each other.
  void judge() {
    const std::vector<std::size_t> begins = family_begins();
    in_parallel(begins.size() - 1,
                [&](std::size_t family) { judge(begins[family], begins[family + 1]); });
  }

  std::vector<std::string> unclassified() const {
    return {unclassified_.begin(), unclassified_.end()};
  }

 private:
  struct Place {
    std::size_t cell = 0;
    std::string key;
  };

  void add_metric(std::string_view key, const CellPair& pair,
                  const std::vector<const Row*>& reference, const std::vector<const Row*>& other,
                  bool is_virtual, CellResult& cell) {
    const ResolvedMetric resolved = lookup_.find(key, cell.is_delivery, cell.name);
    const MetricClass metric_class = resolved.metric.metric_class;
    if (!resolved.is_known) {
      unclassified_.insert(std::string(key));
    }
    if (metric_class == MetricClass::invariant && !cell.is_delivery) {
      find_nonzero(pair.reference, key, result_.sides[0], result_.breaks);
      find_nonzero(pair.other, key, result_.sides[1], result_.breaks);
    }
    // A delivery's account has been looked at as a whole.
    const bool is_counted = metric_class == MetricClass::exact_count;
    if (metric_class == MetricClass::invariant || (is_counted && cell.is_delivery)) {
      return;
    }
    const std::vector<UnitValue> first = values_of(reference, key, result_.replication);
    const std::vector<UnitValue> second = values_of(other, key, result_.replication);
    Question question{
        resolved.metric, {}, {}, result_.settings.paired, is_virtual && key != kCpuTime};
    MetricResult metric;
    metric.metric = resolved.metric;
    metric.reference = median(plain_values(first));
    metric.other = median(plain_values(second));
    metric.ratio = ratio(metric.reference, metric.other);
    metric.runs = {first.size(), second.size()};
    cell.metrics.push_back(std::move(metric));
    if (is_asked_for(cell, key) && (is_judged(metric_class) || is_counted)) {
      fill(first, second, question);
      questions_.push_back(std::move(question));
      asked_of_.push_back({result_.cells.size(), std::string(key)});
    }
  }

  bool is_asked_for(const CellResult& cell, std::string_view key) const {
    const std::optional<Suspects>& suspects = result_.settings.suspects;
    return result_.form == Form::files &&
           (!suspects || suspects->contains({cell.run_names[0], std::string(key)}));
  }

  // Of pairs the rounds in which both sides have a value.
  void fill(const std::vector<UnitValue>& first, const std::vector<UnitValue>& second,
            Question& question) const {
    if (!question.paired) {
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

  // In the order of the table, so that every report shows what is judged first and alike.
  static void sort_metrics(CellResult& cell) {
    std::stable_sort(
        cell.metrics.begin(), cell.metrics.end(),
        [](const MetricResult& a, const MetricResult& b) { return a.metric.rank < b.metric.rank; });
  }

  // Where each family of questions begins, and where the last one ends.
  std::vector<std::size_t> family_begins() const {
    std::vector<std::size_t> begins{0};
    for (std::size_t i = 1; i < questions_.size(); ++i) {
      if (result_.settings.family == Family::cell && asked_of_[i].cell != asked_of_[i - 1].cell) {
        begins.push_back(i);
      }
    }
    begins.push_back(questions_.size());
    return begins;
  }

  void judge(std::size_t begin, std::size_t end) {
    const std::span<const Question> family(questions_.data() + begin, end - begin);
    const std::vector<Judgement> judgements = judge_family(family, result_.settings.alpha);
    for (std::size_t i = begin; i < end; ++i) {
      CellResult& cell = result_.cells[asked_of_[i].cell];
      const auto metric = std::find_if(
          cell.metrics.begin(), cell.metrics.end(),
          [&](const MetricResult& candidate) { return candidate.metric.key == asked_of_[i].key; });
      metric->judgement = judgements[i - begin];
      if (metric->judgement.verdict == Verdict::worse) {
        metric->acknowledged = acknowledged(result_.settings, cell.name, metric->metric.key);
      }
    }
  }

  bool whole_;
  const Rounds& rounds_;
  Comparison& result_;
  MetricLookup lookup_;
  std::vector<Question> questions_;
  std::vector<Place> asked_of_;
  std::set<std::string> unclassified_;
};

}  // namespace

void compare_pairs(const std::vector<CellPair>& pairs, bool whole, const Rounds& rounds,
                   Comparison& result) {
  PairJudge judge(whole, rounds, result);
  for (const CellPair& pair : pairs) {
    judge.add(pair);
  }
  judge.judge();
  result.unclassified = judge.unclassified();
}

std::optional<std::string> acknowledged(const Settings& settings, std::string_view cell,
                                        std::string_view metric) {
  for (const Acknowledgement& known : settings.acknowledgements) {
    // Dates of this form are ordered as their texts are.
    if (matches(known.cell, cell) && matches(known.metric, metric) &&
        settings.today <= known.expires) {
      return known.reason;
    }
  }
  return std::nullopt;
}

}  // namespace spate::compare
