#include "compare/comparison.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <iterator>
#include <set>

#include "compare/cell_judge.h"
#include "compare/cells.h"
#include "compare/error.h"
#include "compare/humane.h"
#include "compare/match.h"

namespace spate::compare {
namespace {

using Sides = std::array<std::vector<const Row*>, 2>;

void append(std::vector<Break>& all, std::vector<Break> more) {
  std::move(more.begin(), more.end(), std::back_inserter(all));
}

// Whose rows may be fewer than its plan has.
bool any_cut_short(const Comparison& comparison) {
  return std::any_of(comparison.inputs.begin(), comparison.inputs.end(),
                     [](const Input& input) { return input.interrupted || input.truncated; });
}

void find_breaks(const Matching& matching, Comparison& result) {
  const auto& [reference, other] = result.sides;
  const bool whole = !any_cut_short(result) && result.context_differences.empty();
  for (const CellPair& pair : matching.pairs) {
    append(result.breaks, breaks_of(pair.reference, reference));
    append(result.breaks, breaks_of(pair.other, other));
    if (whole) {
      append(result.breaks, digest_breaks(pair, fmt::format("{}, {}", reference, other)));
    }
  }
  const auto find_in_unmatched = [&](const std::vector<Cell>& cells, const std::string& side) {
    for (const Cell& cell : cells) {
      append(result.breaks, breaks_of(cell, side));
      if (whole) {
        append(result.breaks, digest_breaks(cell, side));
      }
    }
  };
  find_in_unmatched(matching.only_reference, reference);
  find_in_unmatched(matching.only_other, other);
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

// Under --exact a cell of which nothing is demanded was not compared; and a comparison that could
// tell nothing at all has found nothing out.
bool nothing_found_out(const Comparison& comparison) {
  if (comparison.form == Form::exact) {
    return count_exact(comparison).demanded == 0;
  }
  const Tally& tally = comparison.tally;
  return comparison.cells.empty() ||
         (comparison.form == Form::files && tally.judged() == tally.cannot_tell);
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

void find_unmatched(const Matching& matching, Comparison& result) {
  const Settings& settings = result.settings;
  for (const Cell& cell : matching.only_reference) {
    const bool is_loss = result.form != Form::files || !settings.allow_vanished;
    result.unmatched.push_back(
        {cell.name, result.sides[1], is_loss, false, acknowledged(settings, cell.name, kVanished)});
  }
  for (const Cell& cell : matching.only_other) {
    result.unmatched.push_back(
        {cell.name, result.sides[0], result.form == Form::modes, result.form == Form::files, {}});
  }
}

// Completes a comparison whose form, sides, inputs and breaks of unplaced rows are known.
void conclude(const Matching& matching, Comparison& result, const Rounds& rounds = {}) {
  find_breaks(matching, result);
  result.is_comparable = result.context_differences.empty() || result.settings.advisory;
  if (result.is_comparable) {
    compare_pairs(matching.pairs, !any_cut_short(result) && result.context_differences.empty(),
                  rounds, result);
    find_unmatched(matching, result);
    count_verdicts(result);
    find_common_factors(matching, result);
    result.median_throughput_ratio = median_ratio(result.cells, kThroughput);
    result.median_p50_ratio = median_ratio(result.cells, kResponseP50);
  }
  result.exit_code = judge(result);
}

// A row without a mode may belong to either side, so that it failed is named all the same.
void leave_out(const Row& row, Comparison& result) {
  ++result.left_out;
  append(result.breaks, breaks_of_unplaced(row));
}

std::vector<const Row*> deliveries_of(const std::vector<const Row*>& rows, Comparison& result) {
  std::vector<const Row*> deliveries;
  for (const Row* row : rows) {
    if (row->delivery) {
      deliveries.push_back(row);
    } else {
      leave_out(*row, result);
    }
  }
  return deliveries;
}

Input input_of(const ResultFile& file, std::size_t side) {
  return {file.path, side, file.interrupted, file.truncated, file.notes};
}

std::vector<const ResultFile*> pointers_to(const std::vector<ResultFile>& files) {
  std::vector<const ResultFile*> result;
  std::transform(files.begin(), files.end(), std::back_inserter(result),
                 [](const ResultFile& file) { return &file; });
  return result;
}

std::vector<const ResultFile*> all_of(const std::array<std::vector<ResultFile>, 2>& sides) {
  std::vector<const ResultFile*> files = pointers_to(sides[0]);
  const std::vector<const ResultFile*> others = pointers_to(sides[1]);
  files.insert(files.end(), others.begin(), others.end());
  return files;
}

Comparison of_two_sides(Form form, const std::array<std::vector<ResultFile>, 2>& sides) {
  Comparison result;
  result.form = form;
  result.sides = {"base", "new"};
  for (const std::size_t side : {0U, 1U}) {
    for (const ResultFile& file : sides[side]) {
      result.inputs.push_back(input_of(file, side));
    }
  }
  const bool single = sides[0].size() == 1 && sides[1].size() == 1;
  result.replication = single ? Replication::repetition : Replication::process;
  return result;
}

Rounds rounds_of(const std::array<std::vector<ResultFile>, 2>& sides) {
  Rounds rounds;
  for (const std::vector<ResultFile>& side : sides) {
    for (std::size_t i = 0; i < side.size(); ++i) {
      rounds.emplace(side[i].origin.get(), i);
    }
  }
  return rounds;
}

Sides rows_of(const std::array<std::vector<ResultFile>, 2>& sides) {
  Sides rows;
  for (const std::size_t side : {0U, 1U}) {
    for (const ResultFile& file : sides[side]) {
      for (const Row& row : file.rows) {
        rows[side].push_back(&row);
      }
    }
  }
  return rows;
}

Matching match(const Sides& rows, Identity identity, const Names& ambiguous = {}) {
  return match_cells(gather_cells(rows[0], identity, ambiguous),
                     gather_cells(rows[1], identity, ambiguous));
}

void require_modes(const std::array<std::string, 2>& modes, const std::set<std::string>& present) {
  for (const std::string& mode : modes) {
    if (!present.contains(mode)) {
      throw Error(present.empty()
                      ? fmt::format("--modes: no row of the given files has a mode, so none has "
                                    "'{}'; give files of spate_bench",
                                    mode)
                      : fmt::format("--modes: no row has the mode '{}'; the given files have {}",
                                    mode, fmt::join(present, ", ")));
    }
  }
}

Sides rows_by_mode(const std::array<std::string, 2>& modes, const std::vector<ResultFile>& files,
                   Comparison& result) {
  std::set<std::string> present;
  Sides rows;
  for (const ResultFile& file : files) {
    result.inputs.push_back(input_of(file, 0));
    for (const Row& row : file.rows) {
      if (!row.delivery) {
        leave_out(row, result);
        continue;
      }
      present.insert(row.delivery->mode);
      const auto* const mode = std::find(modes.begin(), modes.end(), row.delivery->mode);
      // A run that backs a claim has no counterpart by design.
      if (mode == modes.end() || row.delivery->cell->contains("claim")) {
        ++result.left_out;
      } else {
        rows[static_cast<std::size_t>(mode - modes.begin())].push_back(&row);
      }
    }
  }
  require_modes(modes, present);
  return rows;
}

}  // namespace

Comparison compare_sides(const std::array<std::vector<ResultFile>, 2>& sides,
                         const Settings& settings) {
  Comparison result = of_two_sides(Form::files, sides);
  result.settings = settings;
  const std::vector<const ResultFile*> files = all_of(sides);
  result.context_differences = context_differences(files, ContextScope::whole);
  const bool is_advice = !result.context_differences.empty() && settings.advisory;
  conclude(match(rows_of(sides), is_advice ? Identity::without_plan : Identity::whole,
                 ambiguous_names(files)),
           result, rounds_of(sides));
  return result;
}

Comparison compare_sides_exactly(const std::array<std::vector<ResultFile>, 2>& sides) {
  Comparison result = of_two_sides(Form::exact, sides);
  Sides rows = rows_of(sides);
  for (std::vector<const Row*>& side : rows) {
    side = deliveries_of(side, result);
  }
  conclude(match(rows, Identity::whole), result);
  return result;
}

Comparison compare_modes(const std::array<std::string, 2>& modes,
                         const std::vector<ResultFile>& files, const Settings& settings) {
  Comparison result;
  result.form = Form::modes;
  result.sides = modes;
  result.settings = settings;
  result.context_differences = context_differences(pointers_to(files), ContextScope::without_plan);
  const Sides rows = rows_by_mode(modes, files, result);
  const bool beside_virtual_time =
      std::find(modes.begin(), modes.end(), kVirtualTime) != modes.end();
  conclude(match(rows, beside_virtual_time ? Identity::without_workers : Identity::without_mode),
           result);
  return result;
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
