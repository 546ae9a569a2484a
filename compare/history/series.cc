#include "compare/history/series.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string_view>

#include "compare/error.h"
#include "compare/invariants.h"
#include "compare/match.h"

namespace spate::compare {
namespace {

using Setup = std::map<std::string, std::string>;

// Results of one commit are of one point. Nobody knows that of results without a commit, or with
// changes that no commit has, unless they are of one moment.
std::string point_key(const Provenance& of) {
  const std::string commit = of.commit + (of.dirty ? "-dirty" : "");
  return commit.empty() || of.dirty ? fmt::format("{} {}", of.date, commit) : commit;
}

std::vector<std::size_t> place_points(const History& history, std::vector<TrendPoint>& points) {
  std::map<std::string, std::size_t> known;
  std::vector<std::size_t> places;
  for (const KeptResult& result : history.results) {
    const Provenance& of = result.provenance;
    const auto [found, is_new] = known.emplace(point_key(of), points.size());
    if (is_new) {
      points.push_back({of.commit + (of.dirty ? "-dirty" : ""), of.date, 0});
    }
    ++points[found->second].results;
    places.push_back(found->second);
  }
  return places;
}

// Without the versions of other deliveries. A delivery's cell itself has seed and workers.
Setup setup_of(const Cell& cell, const Setup& context) {
  constexpr std::string_view kDeliveries = "deliveries.";
  const std::string own = cell.is_delivery()
                              ? fmt::format("{}{}", kDeliveries, cell.rows.front()->delivery->mode)
                              : std::string();
  Setup result = context;
  std::erase_if(result, [&](const auto& entry) {
    const std::string& name = entry.first;
    return (name.starts_with(kDeliveries) && name != own) ||
           (cell.is_delivery() && (name == "workers" || name == "seed"));
  });
  return result;
}

// Without the steps of a search, and what was stopped on the way. Lower bounds, or all but them:
// one would be a step of the line where it says nothing but that more was not tried.
std::vector<const Row*> rows_of(const ResultFile& file, bool bounds) {
  std::vector<const Row*> rows;
  for (const Row& row : file.rows) {
    const bool is_bound = row.delivery && row.delivery->bound != Bound::none;
    if (is_bound == bounds &&
        !(row.delivery && (row.delivery->is_step || row.delivery->cut_short))) {
      rows.push_back(&row);
    }
  }
  return rows;
}

Names ambiguous_in(const History& history) {
  std::vector<const ResultFile*> files;
  for (const KeptResult& result : history.results) {
    files.push_back(&result.file);
  }
  return ambiguous_names(files);
}

// Nothing where two rows of the file could be either.
std::optional<std::vector<Cell>> cells_of(const ResultFile& file, bool bounds,
                                          const Names& ambiguous, Trend& trend) {
  try {
    return gather_cells(rows_of(file, bounds), Identity::whole, ambiguous);
  } catch (const Error& fault) {
    trend.unreadable.emplace_back(fault.what());
    return std::nullopt;
  }
}

class Gatherer {
 public:
  explicit Gatherer(Trend& trend) : trend_(trend) {}

  void add(const Cell& cell, const ResultFile& file, std::size_t point) {
    const std::vector<Break> breaks = breaks_of(cell, file.path);
    if (!breaks.empty()) {
      broken_.emplace_back(cell, fmt::format("{}: {}", file.path, breaks.front().detail));
      trend_.last_broken = std::max(trend_.last_broken.value_or(0), point);
    }
    Setup setup = setup_of(cell, file.context);
    const auto [found, is_new] = places_.emplace(std::pair{cell.key, setup}, series_.size());
    if (is_new) {
      series_.push_back({cell, std::move(setup), {}});
    }
    if (breaks.empty()) {
      add_rows(measured_rows(cell), point, series_[found->second]);
    }
  }

  void add_bound(const Cell& cell, std::size_t point) {
    bounds_.try_emplace(cell.key, cell, std::set<std::size_t>{}).first->second.second.insert(point);
  }

  std::vector<SeriesRows> take() {
    name_them();
    for (const auto& [key, bound] : bounds_) {
      const auto& [cell, points] = bound;
      trend_.bounds.push_back({names_.at(key), {points.begin(), points.end()}});
    }
    for (auto& [cell, line] : broken_) {
      trend_.broken.push_back(fmt::format("{}: {}", names_.at(cell.key), line));
    }
    return std::move(series_);
  }

 private:
  static void add_rows(const std::vector<const Row*>& rows, std::size_t point, SeriesRows& series) {
    auto found = std::find_if(series.rows.begin(), series.rows.end(),
                              [&](const auto& entry) { return entry.first >= point; });
    if (found == series.rows.end() || found->first != point) {
      found = series.rows.insert(found, {point, {}});
    }
    found->second.insert(found->second.end(), rows.begin(), rows.end());
  }

  void name_them() {
    std::vector<Cell> once;
    for (const SeriesRows& series : series_) {
      if (names_.emplace(series.cell.key, "").second) {
        once.push_back(series.cell);
      }
    }
    for (const auto& [key, bound] : bounds_) {
      if (names_.emplace(key, "").second) {
        once.push_back(bound.first);
      }
    }
    for (const Cell& named : match_cells(std::move(once), {}).only_reference) {
      names_[named.key] = named.name;
    }
    for (SeriesRows& series : series_) {
      series.cell.name = names_.at(series.cell.key);
    }
  }

  Trend& trend_;
  std::vector<SeriesRows> series_;
  std::map<std::pair<std::string, Setup>, std::size_t> places_;
  std::map<std::string, std::string> names_;  // by the cells' keys
  std::vector<std::pair<Cell, std::string>> broken_;
  std::map<std::string, std::pair<Cell, std::set<std::size_t>>> bounds_;  // by the cells' keys
};

}  // namespace

std::vector<SeriesRows> gather_series(const History& history, Trend& trend) {
  const std::vector<std::size_t> places = place_points(history, trend.points);
  const Names ambiguous = ambiguous_in(history);
  Gatherer gatherer(trend);
  for (std::size_t i = 0; i < places.size(); ++i) {
    const ResultFile& file = history.results[i].file;
    if (const auto cells = cells_of(file, false, ambiguous, trend)) {
      for (const Cell& cell : *cells) {
        gatherer.add(cell, file, places[i]);
      }
    }
    if (const auto bounds = cells_of(file, true, ambiguous, trend)) {
      for (const Cell& cell : *bounds) {
        gatherer.add_bound(cell, places[i]);
      }
    }
  }
  return gatherer.take();
}

}  // namespace spate::compare
