#include "compare/cells.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <map>
#include <utility>

#include "compare/error.h"

namespace spate::compare {
namespace {

nlohmann::json identity_of(const Row& row, Identity identity) {
  if (!row.cell) {
    return nullptr;
  }
  nlohmann::json result = *row.cell;
  if (identity != Identity::whole) {
    result.erase("mode");
    result.erase("mock");
  }
  if (identity == Identity::without_workers || row.mode == kVirtualTime) {
    result.erase("workers");
  }
  return result;
}

// No JSON object starts with a slash, so a run_name cannot pass for a cell.
std::string key_of(const nlohmann::json& identity, const Row& row) {
  return identity.is_null() ? "/" + row.run_name : identity.dump();
}

std::string named(const Row& row) { return fmt::format("'{}' in {}", row.run_name, row.file); }

void require_repetition(const Row& first, const Row& row) {
  if (first.run_name != row.run_name) {
    throw Error(fmt::format(
        "{} and {} are of the same cell, but no repetitions of one benchmark; give files that have "
        "the cell once",
        named(first), named(row)));
  }
  if (identity_of(first, Identity::whole) != identity_of(row, Identity::whole)) {
    throw Error(fmt::format(
        "{} and {} differ in the mock's settings alone, or in the workers beside {}, which --modes "
        "ignores; give files that have the cell once",
        named(first), named(row), kVirtualTime));
  }
}

}  // namespace

std::vector<Cell> gather_cells(std::vector<Row> rows, Identity identity) {
  std::vector<Cell> cells;
  std::map<std::string, std::size_t> index;
  for (Row& row : rows) {
    nlohmann::json own = identity_of(row, identity);
    const std::string key = key_of(own, row);
    const auto [found, is_new] = index.emplace(key, cells.size());
    if (is_new) {
      cells.push_back({.identity = std::move(own), .key = key, .name = {}, .rows = {}});
    } else {
      require_repetition(cells[found->second].rows.front(), row);
    }
    cells[found->second].rows.push_back(std::move(row));
  }
  return cells;
}

std::vector<const Row*> measured_rows(const Cell& cell) {
  std::vector<const Row*> result;
  for (const RowKind kind : {RowKind::iteration, RowKind::median, RowKind::mean}) {
    for (const Row& row : cell.rows) {
      if (row.kind == kind) {
        result.push_back(&row);
      }
    }
    if (!result.empty()) {
      break;
    }
  }
  return result;
}

}  // namespace spate::compare
