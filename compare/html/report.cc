#include "compare/html/report.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <set>
#include <string_view>
#include <utility>

#include "compare/error.h"
#include "compare/html/cell_section.h"
#include "compare/html/overview.h"
#include "compare/html/page.h"
#include "compare/html/search_section.h"
#include "compare/html/verdicts.h"
#include "compare/humane.h"
#include "compare/json_reader.h"
#include "compare/phrases.h"

namespace spate::compare::html {
namespace {

using Files = std::span<const std::vector<ResultFile>* const>;

// As many cells are unfolded from the start.
constexpr std::size_t kOpenCells = 2;
// As many searches for a highest rate are shown.
constexpr std::size_t kMaxSearches = 20;
// As many lines of a sort (broken invariants, differences) are shown, over all cells.
constexpr std::size_t kMaxWarnings = 50;

Tone tone_of(const Comparison& comparison) {
  switch (comparison.exit_code) {
    case ExitCode::fine:
      return comparison.form == Form::show ? Tone::plain : Tone::fine;
    case ExitCode::inconclusive:
      return Tone::doubtful;
    case ExitCode::finding:
    case ExitCode::unusable:
    case ExitCode::broken:
    case ExitCode::coverage_lost:
      return Tone::found;
  }
  return Tone::doubtful;
}

// A search, and whose it is: empty where there is but one side.
struct SidesSearch {
  std::string side;
  Search search;
};

// Of modes those of the two, whatever else is in their files.
std::vector<SidesSearch> searches_of(const Comparison& comparison, Files sides) {
  std::vector<SidesSearch> result;
  for (std::size_t side = 0; side < sides.size(); ++side) {
    for (Search& search : searches_in(*sides[side])) {
      if (comparison.form != Form::modes || search.mode == comparison.sides[0] ||
          search.mode == comparison.sides[1]) {
        result.push_back({sides.size() == 1 ? "" : comparison.sides.at(side), std::move(search)});
      }
    }
  }
  return result;
}

std::string title_of(const Comparison& comparison, const std::vector<ShownCell>& cells,
                     const std::vector<SidesSearch>& searches) {
  switch (comparison.form) {
    case Form::files:
      return "New against base";
    case Form::exact:
      return "New against base, to the bit";
    case Form::modes:
      return fmt::format("{} against {}", comparison.sides[1], comparison.sides[0]);
    case Form::show:
      if (cells.empty() && searches.size() == 1) {  // without an answer yet
        return fmt::format("{}, highest rate", searches.front().search.name);
      }
      return cells.size() == 1 ? spoken_name(cells.front().name)
                               : fmt::format("Runs of {}", plural(cells.size(), "cell"));
  }
  return "";
}

bool any_run_cut_short(const Comparison& comparison) {
  const std::vector<Cell>& cells = comparison.matching->only_reference;
  return std::any_of(cells.begin(), cells.end(), [](const Cell& cell) {
    return std::any_of(cell.rows.begin(), cell.rows.end(),
                       [](const Row* row) { return row->delivery && row->delivery->cut_short; });
  });
}

bool has_runs(const Comparison& comparison) {
  const std::vector<Cell>& cells = comparison.matching->only_reference;
  return std::any_of(cells.begin(), cells.end(),
                     [](const Cell& cell) { return cell.is_of_runs(); });
}

std::string verdict_of(const Comparison& comparison, const std::vector<SidesSearch>& searches) {
  if (comparison.form != Form::show) {
    return summary(comparison);
  }
  if (!comparison.breaks.empty()) {
    return fmt::format("{} broken.", plural(comparison.breaks.size(), "invariant"));
  }
  if (any_run_cut_short(comparison)) {
    return "Interrupted: this is of the part that was run. What was under way then counts as "
           "unknown or lost.";
  }
  const auto any_input = [&](auto is_so) {
    return std::any_of(comparison.inputs.begin(), comparison.inputs.end(), is_so);
  };
  if (any_input([](const Input& input) { return input.truncated; })) {
    return "Cut off: the file ends too early, and this is what of it is whole.";
  }
  if (any_input([](const Input& input) { return input.interrupted; })) {
    return "Interrupted: this is what had been finished until then.";
  }
  if (has_runs(comparison)) {
    return "Nothing was lost, duplicated or damaged.";
  }
  return searches.empty()       ? "No run of a delivery is among these."
         : searches.size() == 1 ? answer_phrase(searches.front().search) + "."
                                : fmt::format("{} searches for a highest rate.", searches.size());
}

template <class List, class Text>
void add_warnings(const List& list, Text text, std::string_view what, Page& page) {
  std::size_t shown = 0;
  for (const auto& one : list) {
    if (shown++ == kMaxWarnings) {
      page.add_warning(fmt::format("and {} more {}", list.size() - kMaxWarnings, what));
      return;
    }
    page.add_warning(text(one));
  }
}

// Of a cell with more than are listed in the comparison, their number stands for them.
void add_differences(const Comparison& comparison, Page& page) {
  std::size_t shown = 0;
  std::size_t left = 0;
  for (const CellResult& cell : comparison.cells) {
    for (const Difference& difference : cell.exactness.differences) {
      if (shown == kMaxWarnings) {
        ++left;
        continue;
      }
      ++shown;
      page.add_warning(fmt::format("The seed fixes, and yet differs: {}: {}", cell.name,
                                   difference_phrase(difference)));
    }
    if (shown == kMaxWarnings) {
      left += cell.exactness.more;
    } else if (cell.exactness.more > 0) {
      page.add_warning(fmt::format("{}: and {} more", cell.name, cell.exactness.more));
    }
  }
  if (left > 0) {
    page.add_warning(fmt::format("and {} more differences", left));
  }
}

// What was found, before anything else.
void add_findings(const Comparison& comparison, Page& page) {
  add_warnings(
      comparison.breaks,
      [](const Break& found) {
        return fmt::format("Broken: {} [{}]: {}", found.cell, found.side, found.detail);
      },
      "broken invariants", page);
  add_differences(comparison, page);
  add_warnings(
      comparison.unmatched,
      [](const Unmatched& one) {
        return fmt::format("Without a partner: {} is missing in {}{}", unmatched_phrase(one),
                           one.missing_on,
                           one.acknowledged ? fmt::format(" (acknowledged: {})", *one.acknowledged)
                           : one.is_loss    ? ""
                                            : " (no loss of coverage)");
      },
      "without a partner", page);
  for (const CommonFactor& factor : comparison.common) {
    page.add_note(common_phrase(factor));
  }
  for (const std::string& remark : remarks(comparison)) {
    page.add_note(remark);
  }
}

void add_searches(const std::vector<SidesSearch>& searches, Page& page) {
  if (searches.empty()) {
    return;
  }
  page.add_heading("The highest rate that holds");
  const std::size_t shown = std::min(searches.size(), kMaxSearches);
  for (std::size_t i = 0; i < shown; ++i) {
    add_search(searches[i].search, searches[i].side, page);
  }
  if (shown < searches.size()) {
    page.add_note(fmt::format("{} more searches are left out; give a file with fewer of them",
                              searches.size() - shown));
  }
}

// Where the file has the mock and the real thing, how they compare.
void add_modes_of(const Comparison& comparison, Files sides, Page& page) {
  std::set<std::string> modes;
  for (const Cell& cell : comparison.matching->only_reference) {
    if (cell.is_of_runs()) {
      modes.insert(cell.rows.front()->delivery->mode);
    }
  }
  const std::string reference = modes.contains("mock") ? "mock" : std::string(kVirtualTime);
  if (!modes.contains(reference)) {
    return;
  }
  for (const std::string& mode : modes) {
    if (mode == "mock" || mode == kVirtualTime) {
      continue;
    }
    try {
      page.add_figure(mode_figure(compare_modes({reference, mode}, *sides.front())));
    } catch (const Error& error) {  // cells that --modes cannot tell apart
      page.add_note(fmt::format("{} against {}: {}", mode, reference, error.what()));
    }
  }
}

void add_overview(const Comparison& comparison, Files sides, const std::vector<ShownCell>& cells,
                  Page& page) {
  const auto add_all = [&](const std::vector<Figure>& figures) {
    for (const Figure& figure : figures) {
      page.add_figure(figure);
    }
  };
  page.begin_figures();
  add_all(verdict_figures(cells));
  if (comparison.form == Form::modes) {
    page.add_figure(mode_figure(comparison));
  }
  if (cells.size() > 1) {
    add_all(rate_figures(cells));
    page.add_figure(latency_figure(cells));
  }
  if (comparison.form == Form::show) {
    add_modes_of(comparison, sides, page);
  }
  if (cells.size() > 1) {
    add_all(percentile_figures(cells));
  }
  page.add_figure(time_figure(cells));
  page.end_figures();
}

bool is_broken(const Comparison& comparison, const ShownCell& cell) {
  return std::any_of(comparison.breaks.begin(), comparison.breaks.end(),
                     [&](const Break& found) { return found.cell == cell.name; });
}

bool has_finding(const ShownCell& cell) {
  return cell.result != nullptr &&
         (!cell.result->exactness.differences.empty() ||
          std::any_of(cell.result->metrics.begin(), cell.result->metrics.end(),
                      [](const MetricResult& metric) {
                        return metric.judgement.verdict == Verdict::worse ||
                               metric.judgement.verdict == Verdict::better;
                      }));
}

void add_cells(const Comparison& comparison, const std::vector<ShownCell>& cells, Page& page) {
  std::vector<const ShownCell*> deliveries;
  for (const ShownCell& cell : cells) {
    if (cell.definition != nullptr) {
      deliveries.push_back(&cell);
    }
  }
  if (deliveries.empty()) {
    return;
  }
  const auto unbroken =
      std::stable_partition(deliveries.begin(), deliveries.end(),
                            [&](const ShownCell* cell) { return is_broken(comparison, *cell); });
  std::stable_partition(unbroken, deliveries.end(),
                        [](const ShownCell* cell) { return has_finding(*cell); });
  page.add_heading(deliveries.size() == 1 ? "The run" : "Each cell");
  const std::size_t shown = std::min(deliveries.size(), kMaxCells);
  for (std::size_t i = 0; i < shown; ++i) {
    add_cell(*deliveries[i], i < kOpenCells, page);
  }
  if (shown < deliveries.size()) {
    page.add_note(fmt::format("{} more cells are left out; give a file with fewer of them",
                              deliveries.size() - shown));
  }
}

nlohmann::json context_of(const ResultFile& file) {
  return file.whole_context ? *file.whole_context : nlohmann::json::object();
}

std::string role_of(const Comparison& comparison, Files sides, std::size_t side) {
  return sides.size() == 1 ? "run" : comparison.sides.at(side);
}

void add_inputs(const Comparison& comparison, Files sides, Page& page) {
  Table table{"Files", {"", "file", "remarks"}, {}, 1};
  for (const Input& input : comparison.inputs) {
    std::vector<std::string> words = input.notes;
    if (input.interrupted) {
      words.emplace_back("interrupted");
    }
    table.rows.push_back({role_of(comparison, sides, input.side), input.path,
                          fmt::format("{}", fmt::join(words, "; "))});
  }
  page.add_table(table);
}

// A column for each side, by its first file; what the files of a side must have in common has been
// looked at.
void add_context(const Comparison& comparison, Files sides, Page& page) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 13> kShown{
      {{"Spate", "spate_version"},
       {"commit", "git_commit"},
       {"when", "date"},
       {"processor", "cpu_model"},
       {"cores", "num_cpus"},
       {"idle before, %", "host_idle_percent"},
       {"kernel", "kernel"},
       {"compiler", "compiler"},
       {"build", "build_type"},
       {"workers", "workers"},
       {"seed", "seed"},
       {"deliveries", "deliveries"},
       {"interrupted", "interrupted"}}};
  Table table{"Where and how it was measured", {""}, {}, 1};
  std::vector<nlohmann::json> contexts;
  for (std::size_t side = 0; side < sides.size(); ++side) {
    table.head.push_back(role_of(comparison, sides, side));
    contexts.push_back(context_of(sides[side]->front()));
  }
  for (const auto& [title, key] : kShown) {
    std::vector<std::string> row{std::string(title)};
    bool any = false;
    for (const nlohmann::json& context : contexts) {
      const auto found = context.find(key);
      const bool has = found != context.end() && !found->is_null() && !found->empty();
      row.push_back(has ? unquoted(*found) : "-");
      any = any || has;
    }
    if (any) {
      table.rows.push_back(std::move(row));
    }
  }
  page.add_table(table);
}

}  // namespace

std::string report(const Comparison& comparison, Files sides) {
  const std::vector<ShownCell> cells = cells_of(comparison);
  const std::vector<SidesSearch> searches = searches_of(comparison, sides);
  const std::string title = title_of(comparison, cells, searches);
  Page page(assets());
  page.add_headline(title, tone_of(comparison), verdict_of(comparison, searches));
  add_findings(comparison, page);
  add_searches(searches, page);
  add_overview(comparison, sides, cells, page);
  add_cells(comparison, cells, page);
  page.add_heading("Where it comes from");
  add_inputs(comparison, sides, page);
  add_context(comparison, sides, page);
  return page.finish(title);
}

}  // namespace spate::compare::html
