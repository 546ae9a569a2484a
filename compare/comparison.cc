#include "compare/comparison.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <functional>
#include <iterator>
#include <numeric>
#include <set>

#include "compare/cells.h"
#include "compare/conclude.h"
#include "compare/error.h"
#include "compare/match.h"
#include "compare/parallel.h"

namespace spate::compare {
namespace {

using Sides = std::array<std::vector<const Row*>, 2>;

// A row without a mode may belong to either side, so that it failed is named all the same.
void leave_out(const Row& row, Comparison& result) {
  ++result.left_out;
  std::vector<Break> found = breaks_of_unplaced(row);
  std::move(found.begin(), found.end(), std::back_inserter(result.breaks));
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

bool is_step(const Row& row) { return row.delivery && row.delivery->is_step; }

// All rows but the steps of a search, which are counted.
void add_rows(const ResultFile& file, std::vector<const Row*>& rows, Comparison& result) {
  for (const Row& row : file.rows) {
    if (is_step(row)) {
      ++result.steps_left_out;
    } else {
      rows.push_back(&row);
    }
  }
}

Sides rows_of(const std::array<std::vector<ResultFile>, 2>& sides, Comparison& result) {
  Sides rows;
  for (const std::size_t side : {0U, 1U}) {
    rows[side].reserve(
        std::transform_reduce(sides[side].begin(), sides[side].end(), std::size_t{0}, std::plus<>(),
                              [](const ResultFile& file) { return file.rows.size(); }));
    for (const ResultFile& file : sides[side]) {
      add_rows(file, rows[side], result);
    }
  }
  return rows;
}

std::shared_ptr<const Matching> match(const Sides& rows, Identity identity,
                                      const Names& ambiguous = {}) {
  std::array<std::vector<Cell>, 2> cells;
  in_parallel(
      rows.size(),
      [&](std::size_t begin, std::size_t end) {
        for (std::size_t side = begin; side < end; ++side) {
          cells.at(side) = gather_cells(rows.at(side), identity, ambiguous);
        }
      },
      1);
  return std::make_shared<const Matching>(match_cells(std::move(cells[0]), std::move(cells[1])));
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
      if (is_step(row)) {
        ++result.steps_left_out;
        continue;
      }
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
  result.matching =
      match(rows_of(sides, result), is_advice ? Identity::without_plan : Identity::whole,
            ambiguous_names(files));
  conclude(*result.matching, rounds_of(sides), result);
  return result;
}

Comparison compare_sides_exactly(const std::array<std::vector<ResultFile>, 2>& sides,
                                 const Settings& settings) {
  Comparison result = of_two_sides(Form::exact, sides);
  result.settings = settings;
  Sides rows = rows_of(sides, result);
  for (std::vector<const Row*>& side : rows) {
    side = deliveries_of(side, result);
  }
  result.matching = match(rows, Identity::whole);
  conclude(*result.matching, {}, result);
  return result;
}

Comparison show_cells(const std::vector<ResultFile>& files, const Settings& settings) {
  Comparison result;
  result.form = Form::show;
  result.sides = {"run", ""};
  result.settings = settings;
  Sides rows;
  for (const ResultFile& file : files) {
    result.inputs.push_back(input_of(file, 0));
    add_rows(file, rows[0], result);
  }
  result.matching = match(rows, Identity::whole, ambiguous_names(pointers_to(files)));
  conclude_shown(*result.matching, result);
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
  result.matching =
      match(rows, beside_virtual_time ? Identity::without_workers : Identity::without_mode);
  conclude(*result.matching, {}, result);
  return result;
}

}  // namespace spate::compare
