#include "tests/compare/trials/sources.h"

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <string_view>
#include <utility>

#include "compare/cells.h"
#include "compare/error.h"
#include "compare/match.h"
#include "compare/metrics.h"

namespace spate::compare {
namespace {

// How much of the noise reaches which metric: a p99 swings more than the median, CPU time less.
struct Sensitivity {
  std::string_view key;
  double factor;
};
constexpr std::array<Sensitivity, 5> kSensitivities{{{kThroughput, -1},
                                                     {"success_rate", 0},
                                                     {kResponseP50, 1},
                                                     {kResponseP99, 2},
                                                     {kCpuTime, 0.7}}};

Metric metric_of(std::string_view key) { return Schema().resolve(key, true, "").metric; }

}  // namespace

CellHistory DrawnSource::draw(std::size_t processes, Random& random) const {
  const double share = std::sqrt(0.5);
  const std::vector<double> common = noise_.draw(processes, random);
  CellHistory cell;
  for (const auto& [key, factor] : kSensitivities) {
    std::vector<double> values = noise_.draw(processes, random);
    for (std::size_t i = 0; i < processes; ++i) {
      values[i] = std::exp(factor * share * (values[i] + common[i]));
    }
    cell.metrics.push_back(metric_of(key));
    cell.values.push_back(std::move(values));
  }
  return cell;
}

RecordedSource::RecordedSource(const std::vector<ResultFile>& files) {
  std::vector<const Row*> rows;
  for (const ResultFile& file : files) {
    for (const Row& row : file.rows) {
      rows.push_back(&row);
    }
  }
  for (const Cell& cell : gather_cells(rows, Identity::whole)) {
    if (!cell.is_delivery()) {
      continue;
    }
    CellHistory history;
    for (const auto& [key, factor] : kSensitivities) {
      std::vector<double> values =
          plain_values(values_of(measured_rows(cell), key, Replication::process));
      if (values.size() != files.size()) {
        throw Error(fmt::format("'{}' has {} in {} of {} files; expected it in each",
                                cell.rows.front()->run_name, key, values.size(), files.size()));
      }
      history.metrics.push_back(metric_of(key));
      history.values.push_back(std::move(values));
    }
    cells_.push_back(std::move(history));
  }
  if (cells_.empty()) {
    throw Error("the files have no cell of a delivery");
  }
}

std::string RecordedSource::name() const {
  return fmt::format("{} cells in {} processes", cells_.size(),
                     cells_.front().values.front().size());
}

CellHistory RecordedSource::draw(std::size_t processes, Random& random) const {
  const CellHistory& cell = cells_[random() % cells_.size()];
  const std::size_t recorded = cell.values.front().size();
  if (recorded < processes) {
    throw Error(fmt::format("{} processes are recorded; expected {} or more", recorded, processes));
  }
  const auto begin = static_cast<std::ptrdiff_t>(random() % (recorded - processes + 1));
  CellHistory result{cell.metrics, {}};
  for (const std::vector<double>& values : cell.values) {
    result.values.emplace_back(values.begin() + begin,
                               values.begin() + begin + static_cast<std::ptrdiff_t>(processes));
  }
  return result;
}

}  // namespace spate::compare
