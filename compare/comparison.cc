#include "compare/comparison.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <iterator>
#include <set>

#include "compare/cells.h"
#include "compare/error.h"
#include "compare/humane.h"
#include "compare/match.h"

namespace spate::compare {
namespace {

CellResult compare_cells(const CellPair& pair) {
  CellResult result;
  result.name = pair.reference.name;
  result.is_delivery = !pair.reference.identity.is_null();
  result.repetitions_reference = measured_rows(pair.reference).size();
  result.repetitions_other = measured_rows(pair.other).size();
  for (const Metric& metric : metrics_of(pair.reference)) {
    const std::optional<double> reference = measure(pair.reference, metric.key);
    const std::optional<double> other = measure(pair.other, metric.key);
    result.metrics.push_back({metric, reference, other, ratio(reference, other)});
  }
  return result;
}

void append(std::vector<Break>& all, std::vector<Break> more) {
  std::move(more.begin(), more.end(), std::back_inserter(all));
}

bool any_interrupted(const Comparison& comparison) {
  return std::any_of(comparison.inputs.begin(), comparison.inputs.end(),
                     [](const Input& input) { return input.interrupted; });
}

void find_breaks(const Matching& matching, Comparison& result) {
  const auto& [reference, other] = result.sides;
  const bool whole = !any_interrupted(result);
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

// A broken invariant makes every number suspect, so it outranks coverage; both are certain, so they
// outrank doubt.
ExitCode judge(const Comparison& comparison) {
  if (!comparison.breaks.empty()) {
    return ExitCode::broken;
  }
  const bool lost = std::any_of(comparison.unmatched.begin(), comparison.unmatched.end(),
                                [](const Unmatched& cell) { return cell.is_loss; });
  if (lost) {
    return ExitCode::coverage_lost;
  }
  const bool doubtful = any_interrupted(comparison) || comparison.cells.empty();
  return doubtful ? ExitCode::inconclusive : ExitCode::fine;
}

// Completes a comparison whose form, sides, inputs and breaks of unplaced rows are known.
void conclude(const Matching& matching, Comparison& result) {
  for (const CellPair& pair : matching.pairs) {
    result.cells.push_back(compare_cells(pair));
  }
  for (const Cell& cell : matching.only_reference) {
    result.unmatched.push_back({cell.name, result.sides[1], true});
  }
  for (const Cell& cell : matching.only_other) {
    result.unmatched.push_back({cell.name, result.sides[0], result.form == Form::modes});
  }
  find_breaks(matching, result);
  result.median_throughput_ratio = median_ratio(result.cells, kThroughput);
  result.median_p50_ratio = median_ratio(result.cells, kResponseP50);
  result.exit_code = judge(result);
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

}  // namespace

Comparison compare_files(ResultFile base, ResultFile candidate) {
  Comparison result;
  result.form = Form::files;
  result.sides = {"base", "new"};
  result.inputs = {{base.path, base.interrupted}, {candidate.path, candidate.interrupted}};
  conclude(match_cells(gather_cells(std::move(base.rows), Identity::whole),
                       gather_cells(std::move(candidate.rows), Identity::whole)),
           result);
  return result;
}

Comparison compare_modes(const std::array<std::string, 2>& modes, std::vector<ResultFile> files) {
  Comparison result;
  result.form = Form::modes;
  result.sides = modes;
  std::set<std::string> present;
  std::array<std::vector<Row>, 2> rows;
  for (ResultFile& file : files) {
    result.inputs.push_back({file.path, file.interrupted});
    for (Row& row : file.rows) {
      if (!row.cell) {
        ++result.left_out;
        append(result.breaks, breaks_of_unplaced(row));
        continue;
      }
      present.insert(row.mode);
      const auto* const mode = std::find(modes.begin(), modes.end(), row.mode);
      // A run that backs a claim has no counterpart by design.
      if (mode == modes.end() || row.cell->contains("claim")) {
        ++result.left_out;
      } else {
        rows[static_cast<std::size_t>(mode - modes.begin())].push_back(std::move(row));
      }
    }
  }
  require_modes(modes, present);
  conclude(match_cells(gather_cells(std::move(rows[0]), Identity::without_mode),
                       gather_cells(std::move(rows[1]), Identity::without_mode)),
           result);
  return result;
}

std::string summary(const Comparison& comparison) {
  const std::size_t cells = comparison.cells.size();
  std::string line = fmt::format("{}: {} cell{} matched, {} unmatched, {} broken",
                                 verdict_name(comparison.exit_code), cells, cells == 1 ? "" : "s",
                                 comparison.unmatched.size(), comparison.breaks.size());
  if (comparison.median_throughput_ratio || comparison.median_p50_ratio) {
    line += fmt::format("; median {}/{} throughput {}, p50 {}", comparison.sides[1],
                        comparison.sides[0], humane_ratio(comparison.median_throughput_ratio),
                        humane_ratio(comparison.median_p50_ratio));
  }
  return line;
}

std::string_view verdict_name(ExitCode code) {
  switch (code) {
    case ExitCode::fine:
      return "fine";
    case ExitCode::unusable:
      return "unusable";
    case ExitCode::inconclusive:
      return "inconclusive";
    case ExitCode::broken:
      return "invariant broken";
    case ExitCode::coverage_lost:
      return "coverage lost";
  }
  return "unknown";
}

}  // namespace spate::compare
