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

// Under --exact a cell of which nothing is demanded was not compared.
bool nothing_compared(const Comparison& comparison) {
  return comparison.form == Form::exact ? count_exact(comparison).demanded == 0
                                        : comparison.cells.empty();
}

// A broken invariant makes every number suspect, so it outranks the rest; a cell that is not there
// outranks what is found in those that are. These three are certain, so they outrank doubt.
ExitCode judge(const Comparison& comparison) {
  if (!comparison.breaks.empty()) {
    return ExitCode::broken;
  }
  const bool lost = std::any_of(comparison.unmatched.begin(), comparison.unmatched.end(),
                                [](const Unmatched& cell) { return cell.is_loss; });
  if (lost) {
    return ExitCode::coverage_lost;
  }
  if (count_exact(comparison).different > 0) {
    return ExitCode::finding;
  }
  const bool doubtful = any_interrupted(comparison) || nothing_compared(comparison);
  return doubtful ? ExitCode::inconclusive : ExitCode::fine;
}

// Completes a comparison whose form, sides, inputs and breaks of unplaced rows are known.
void conclude(const Matching& matching, Comparison& result) {
  const bool exactly = result.form == Form::exact && !any_interrupted(result);
  for (const CellPair& pair : matching.pairs) {
    result.cells.push_back(compare_cells(pair));
    if (exactly) {
      result.cells.back().exactness = compare_exactly(pair, result.sides);
    }
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

// A row without a mode may belong to either side, so that it failed is named all the same.
void leave_out(const Row& row, Comparison& result) {
  ++result.left_out;
  append(result.breaks, breaks_of_unplaced(row));
}

std::vector<Row> deliveries_of(std::vector<Row> rows, Comparison& result) {
  std::vector<Row> deliveries;
  for (Row& row : rows) {
    if (row.cell) {
      deliveries.push_back(std::move(row));
    } else {
      leave_out(row, result);
    }
  }
  return deliveries;
}

Comparison of_two_files(Form form, const ResultFile& base, const ResultFile& candidate) {
  Comparison result;
  result.form = form;
  result.sides = {"base", "new"};
  result.inputs = {{base.path, base.interrupted}, {candidate.path, candidate.interrupted}};
  return result;
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
  Comparison result = of_two_files(Form::files, base, candidate);
  conclude(match_cells(gather_cells(std::move(base.rows), Identity::whole),
                       gather_cells(std::move(candidate.rows), Identity::whole)),
           result);
  return result;
}

Comparison compare_files_exactly(ResultFile base, ResultFile candidate) {
  Comparison result = of_two_files(Form::exact, base, candidate);
  base.rows = deliveries_of(std::move(base.rows), result);
  candidate.rows = deliveries_of(std::move(candidate.rows), result);
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
        leave_out(row, result);
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
  const bool beside_virtual_time =
      std::find(modes.begin(), modes.end(), kVirtualTime) != modes.end();
  const Identity identity =
      beside_virtual_time ? Identity::without_workers : Identity::without_mode;
  conclude(match_cells(gather_cells(std::move(rows[0]), identity),
                       gather_cells(std::move(rows[1]), identity)),
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

std::string summary(const Comparison& comparison) {
  const std::size_t cells = comparison.cells.size();
  std::string line = fmt::format("{}: {} cell{} matched, {} unmatched, {} broken",
                                 verdict_name(comparison.exit_code), cells, cells == 1 ? "" : "s",
                                 comparison.unmatched.size(), comparison.breaks.size());
  if (comparison.form == Form::exact) {
    const auto [demanded, different] = count_exact(comparison);
    return line + fmt::format("; {} compared exactly, {} differ{}", demanded, different,
                              different == 1 ? "s" : "");
  }
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
    case ExitCode::finding:
      return "regression";
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
