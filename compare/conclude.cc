#include "compare/conclude.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <iterator>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <vector>

#include "compare/real_faults.h"

namespace spate::compare {
namespace {

void append(std::vector<Break>& all, std::vector<Break> more) {
  std::move(more.begin(), more.end(), std::back_inserter(all));
}

// Whose rows may be fewer than its plan has.
bool any_cut_short(const Comparison& comparison) {
  return std::any_of(comparison.inputs.begin(), comparison.inputs.end(),
                     [](const Input& input) { return input.interrupted || input.truncated; });
}

// Every run was carried to its end, and all are comparable: what the seed fixes must be equal.
bool is_whole(const Comparison& comparison) {
  return !any_cut_short(comparison) && comparison.context_differences.empty();
}

void find_breaks(const Matching& matching, Comparison& result) {
  const auto& [reference, other] = result.sides;
  const bool whole = !any_cut_short(result);  // on any machine, with any number of workers
  const auto look_at = [&](const Cell& cell, const std::string& side) {
    append(result.breaks, breaks_of(cell, side));
    append(result.breaks, rule_breaks(cell, side, result.settings.schema));
  };
  for (const CellPair& pair : matching.pairs) {
    look_at(pair.reference, reference);
    look_at(pair.other, other);
    if (whole) {
      append(result.breaks, digest_breaks(pair, fmt::format("{}, {}", reference, other)));
    }
  }
  const auto look_at_unmatched = [&](const std::vector<Cell>& cells, const std::string& side) {
    for (const Cell& cell : cells) {
      look_at(cell, side);
      if (whole) {
        append(result.breaks, digest_breaks(cell, side));
      }
    }
  };
  look_at_unmatched(matching.only_reference, reference);
  look_at_unmatched(matching.only_other, other);
}

std::optional<double> median_ratio(const std::vector<CellResult>& cells, std::string_view key) {
  std::vector<double> ratios;
  for (const CellResult& cell : cells) {
    for (const MetricResult& result : cell.metrics) {
      if (result.metric.key == key && result.ratio) {
        ratios.push_back(*result.ratio);
      }
    }
  }
  return median(std::move(ratios));
}

// No values whatsoever could have told.
bool is_beyond_telling(const MetricResult& metric) {
  const Doubt doubt = metric.judgement.doubt;
  return doubt == Doubt::few_runs || doubt == Doubt::below_zero || doubt == Doubt::bound;
}

// Of suspects a doubt is an answer, that they were not confirmed; but only where they could have
// been.
bool all_suspects_are_answered(const Comparison& comparison) {
  return comparison.tally.judged() > 0 && comparison.suspects_not_met.empty() &&
         std::none_of(comparison.cells.begin(), comparison.cells.end(), [](const CellResult& cell) {
           return std::any_of(cell.metrics.begin(), cell.metrics.end(), is_beyond_telling);
         });
}

bool is_judged(const MetricResult& metric) {
  return metric.judgement.verdict != Verdict::not_judged;
}

// By its value alone, as what is in virtual time.
bool needs_no_test(const MetricResult& metric) {
  const Judgement& judgement = metric.judgement;
  return is_judged(metric) && !judgement.evidence.p && judgement.doubt == Doubt::none;
}

// Cells in virtual time speak for themselves alone: that they are the same is no answer about the
// others.
bool all_is_doubtful(const Comparison& comparison) {
  bool any_in_doubt = false;
  for (const CellResult& cell : comparison.cells) {
    if (std::any_of(cell.metrics.begin(), cell.metrics.end(), needs_no_test)) {
      continue;
    }
    for (const MetricResult& metric : cell.metrics) {
      if (metric.judgement.verdict == Verdict::cannot_tell) {
        any_in_doubt = true;
      } else if (is_judged(metric)) {
        return false;
      }
    }
  }
  return any_in_doubt;
}

// Under --exact a cell of which nothing is demanded was not compared; and a comparison that could
// tell nothing at all has found nothing out.
bool nothing_found_out(const Comparison& comparison) {
  if (comparison.form == Form::exact) {
    return count_exact(comparison).demanded == 0;
  }
  return comparison.cells.empty() ||
         (comparison.form == Form::files &&
          (comparison.settings.suspects
               ? !all_suspects_are_answered(comparison)
               : comparison.tally.judged() == 0 || all_is_doubtful(comparison)));
}

bool has_finding(const Comparison& comparison) {
  const FailOn& fail_on = comparison.settings.fail_on;
  const Tally& tally = comparison.tally;
  const bool is_advice = !comparison.context_differences.empty();
  const bool any_fresh = std::any_of(comparison.unmatched.begin(), comparison.unmatched.end(),
                                     [](const Unmatched& cell) { return cell.is_fresh; });
  return !is_advice && ((fail_on.worse && tally.worse > 0) ||
                        (fail_on.better && tally.better > 0) || (fail_on.fresh && any_fresh));
}

// A broken invariant makes every number suspect, so it outranks the rest. What is not comparable
// says nothing. A cell that is not there outranks what is found in those that are.
ExitCode judge(const Comparison& comparison) {
  if (!comparison.breaks.empty()) {
    return ExitCode::broken;
  }
  if (!comparison.is_comparable) {
    return ExitCode::inconclusive;
  }
  const bool lost =
      std::any_of(comparison.unmatched.begin(), comparison.unmatched.end(),
                  [](const Unmatched& cell) { return cell.is_loss && !cell.acknowledged; });
  if (lost) {
    return ExitCode::coverage_lost;
  }
  if (count_exact(comparison).different > 0 || has_finding(comparison)) {
    return ExitCode::finding;
  }
  const bool doubtful =
      any_cut_short(comparison) || nothing_found_out(comparison) ||
      (comparison.settings.fail_on.cannot_tell && comparison.tally.cannot_tell > 0);
  return doubtful ? ExitCode::inconclusive : ExitCode::fine;
}

void count_verdicts(Comparison& result) {
  for (const CellResult& cell : result.cells) {
    for (const MetricResult& metric : cell.metrics) {
      if (metric.acknowledged) {
        ++result.tally.acknowledged;
        continue;
      }
      switch (metric.judgement.verdict) {
        case Verdict::better:
          ++result.tally.better;
          break;
        case Verdict::same:
          ++result.tally.same;
          break;
        case Verdict::worse:
          ++result.tally.worse;
          break;
        case Verdict::cannot_tell:
          ++result.tally.cannot_tell;
          break;
        case Verdict::not_judged:
          break;
      }
    }
  }
}

bool is_worse(const CellResult& cell) {
  return std::any_of(cell.metrics.begin(), cell.metrics.end(), [](const MetricResult& metric) {
    return metric.judgement.verdict == Verdict::worse && !metric.acknowledged;
  });
}

void find_common_factors(const Matching& matching, Comparison& result) {
  if (std::count_if(result.cells.begin(), result.cells.end(), is_worse) < 2) {
    return;
  }
  std::vector<FlaggedCell> cells;
  for (std::size_t i = 0; i < result.cells.size(); ++i) {
    cells.push_back({factors_of(matching.pairs[i].reference), is_worse(result.cells[i])});
  }
  result.common = common_factors(cells);
}

void find_unused_rules(const Matching& matching, Comparison& result) {
  const Schema& schema = result.settings.schema;
  if (!schema.has_rules()) {
    return;
  }
  std::unordered_set<std::string_view> keys;
  for (const CellPair& pair : matching.pairs) {
    for (const Cell* cell : {&pair.reference, &pair.other}) {
      const std::vector<std::string_view> names = counter_names(cell->rows);
      keys.insert(names.begin(), names.end());
    }
  }
  result.unused_rules = schema.unused_patterns(keys);
}

// Modes beside which faults say nothing: they can have none.
bool has_no_broker(std::string_view mode) {
  return mode == "mock" || mode == kVirtualTime || mode == "queue";
}

void find_fault_differences(const Matching& matching, Comparison& result) {
  if (result.form != Form::modes ||
      std::any_of(result.sides.begin(), result.sides.end(), has_no_broker)) {
    return;
  }
  for (const CellPair& pair : matching.pairs) {
    const auto plan_of = [](const Cell& cell) {
      return fault_plan(*cell.rows.front()->delivery->cell);
    };
    std::array<std::string, 2> plans{plan_of(pair.reference), plan_of(pair.other)};
    if (plans[0] != plans[1]) {
      result.fault_differences.push_back({pair.reference.name, std::move(plans)});
    }
  }
}

void find_suspects_not_met(Comparison& result) {
  if (!result.settings.suspects) {
    return;
  }
  Suspects missing = *result.settings.suspects;
  for (const CellResult& cell : result.cells) {
    for (const MetricResult& metric : cell.metrics) {
      if (is_judged(metric)) {
        missing.erase({cell.run_names[0], metric.metric.key});
      }
    }
  }
  for (const auto& [name, metric] : missing) {
    result.suspects_not_met.push_back(fmt::format("{}: {}", name, metric));
  }
}

// How many files of the side have the cell.
std::size_t files_with(const Cell& cell) {
  std::set<const Origin*> files;
  for (const Row* row : cell.rows) {
    files.insert(row->origin);
  }
  return files.size();
}

// A cell that every process of the base has, and only some of the new side's: the others may have
// ended before it, or it may no longer be stable.
void find_partly_lost(const Matching& matching, Comparison& result) {
  if (result.form != Form::files || any_cut_short(result)) {
    return;
  }
  std::array<std::size_t, 2> files{};
  for (const Input& input : result.inputs) {
    ++files.at(input.side);
  }
  for (const CellPair& pair : matching.pairs) {
    const std::size_t missing = files[1] - files_with(pair.other);
    if (missing > 0 && files_with(pair.reference) == files[0]) {
      result.unmatched.push_back(without_partner(pair.reference.name, "", 1, result));
      result.unmatched.back().files_without = missing;
    }
  }
}

void find_unmatched(const Matching& matching, Comparison& result) {
  for (const Cell& cell : matching.only_reference) {
    result.unmatched.push_back(without_partner(cell.name, "", 1, result));
  }
  for (const Cell& cell : matching.only_other) {
    result.unmatched.push_back(without_partner(cell.name, "", 0, result));
  }
}

}  // namespace

void conclude(const Matching& matching, const Rounds& rounds, Comparison& result) {
  find_breaks(matching, result);
  result.expired_acknowledgements = expired_acknowledgements(result.settings);
  result.is_comparable = result.context_differences.empty() || result.settings.advisory;
  if (result.is_comparable) {
    compare_pairs(matching.pairs, is_whole(result), rounds, result);
    find_unmatched(matching, result);
    find_partly_lost(matching, result);
    find_suspects_not_met(result);
    find_unused_rules(matching, result);
    find_fault_differences(matching, result);
    count_verdicts(result);
    find_common_factors(matching, result);
    result.median_throughput_ratio = median_ratio(result.cells, kThroughput);
    result.median_p50_ratio = median_ratio(result.cells, kResponseP50);
  }
  result.exit_code = judge(result);
}

void conclude_shown(const Matching& matching, Comparison& result) {
  find_breaks(matching, result);
  for (const Cell& cell : matching.only_reference) {
    CellResult shown;
    shown.name = cell.name;
    shown.run_names[0] = cell.rows.front()->run_name;
    shown.is_delivery = cell.is_delivery();
    shown.repetitions_reference = measured_rows(cell).size();
    result.cells.push_back(std::move(shown));
  }
  result.exit_code = judge(result);
}

ExactCount count_exact(const Comparison& comparison) {
  ExactCount count;
  for (const CellResult& cell : comparison.cells) {
    count.demanded += cell.exactness.demanded ? 1U : 0U;
    count.different += cell.exactness.differences.empty() ? 0U : 1U;
  }
  return count;
}

}  // namespace spate::compare
