#include "compare/cells.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <iterator>
#include <unordered_map>
#include <utility>

#include "compare/error.h"

namespace spate::compare {
namespace {

constexpr std::array<std::string_view, 7> kHowMeasured{
    "iterations:",  "repeats:",  "min_time:",  "min_warmup_time:",
    "process_time", "real_time", "manual_time"};

bool says_how_measured(std::string_view part) {
  return std::any_of(kHowMeasured.begin(), kHowMeasured.end(), [&](std::string_view known) {
    return known.back() == ':' ? part.starts_with(known) : part == known;
  });
}

nlohmann::json identity_of(const Row& row, Identity identity) {
  if (!row.delivery) {
    return nullptr;
  }
  nlohmann::json result = *row.delivery->cell;
  if (identity == Identity::without_mode || identity == Identity::without_workers) {
    result.erase("mode");
    result.erase("mock");
    result.erase("faults");  // the mock and the queue can have none
  }
  if (identity == Identity::without_workers || identity == Identity::without_plan ||
      row.delivery->mode == kVirtualTime) {
    result.erase("workers");
  }
  if (identity == Identity::without_plan) {
    result.erase("seed");
  }
  return result;
}

// No JSON object starts with a slash, so a run_name cannot pass for a cell.
std::string key_of(const nlohmann::json& identity, const Row& row, const Names& ambiguous) {
  if (!identity.is_null()) {
    return identity.dump();
  }
  const std::string bare = bare_name(row.run_name);
  return fmt::format("/{}", ambiguous.contains(bare) ? row.run_name : bare);
}

std::string named(const Row& row) {
  return fmt::format("'{}' in {}", row.run_name, row.origin->path);
}

void require_repetition(const Row& first, const Row& row, Identity identity) {
  if (first.run_name == row.run_name && first.delivery == row.delivery) {
    return;
  }
  if (bare_name(first.run_name) != bare_name(row.run_name) ||
      (first.run_name != row.run_name && first.origin == row.origin)) {
    throw Error(fmt::format(
        "{} and {} are of the same cell, but no repetitions of one benchmark; give files that have "
        "the cell once",
        named(first), named(row)));
  }
  const Identity strict = identity == Identity::without_plan ? identity : Identity::whole;
  if (identity_of(first, strict) != identity_of(row, strict)) {
    throw Error(fmt::format(
        "{} and {} differ in the mock's settings or in real faults alone, or in the workers beside "
        "{}, which --modes ignores; give files that have the cell once",
        named(first), named(row), kVirtualTime));
  }
}

// By what is cheap to see: it has the same name and, of a delivery, the very same definition.
bool is_repetition_of(const Row& first, const Row& row) {
  const auto cell_of = [](const Row& of) {
    return of.delivery ? of.delivery->cell.get() : nullptr;
  };
  return first.run_name == row.run_name && cell_of(first) == cell_of(row);
}

bool is_bare(std::string_view run_name) { return bare_name(run_name) == run_name; }

// Of benchmarks other than deliveries, each once for its repetitions in a row.
std::vector<std::string_view> plain_names(const ResultFile& file) {
  std::vector<std::string_view> names;
  for (const Row& row : file.rows) {
    if (!row.delivery && (names.empty() || row.run_name != names.back())) {
      names.push_back(row.run_name);
    }
  }
  return names;
}

}  // namespace

Names ambiguous_names(const std::vector<const ResultFile*>& files) {
  Names result;
  for (const ResultFile* file : files) {
    const std::vector<std::string_view> names = plain_names(*file);
    if (std::all_of(names.begin(), names.end(), is_bare)) {
      continue;  // as nearly always: then no two can be alike
    }
    std::unordered_map<std::string, std::string_view> whole_names;
    for (const std::string_view name : names) {
      const auto [known, is_new] = whole_names.emplace(bare_name(name), name);
      if (!is_new && known->second != name) {
        result.insert(known->first);
      }
    }
  }
  return result;
}

std::vector<Cell> gather_cells(std::span<const Row* const> rows, Identity identity,
                               const Names& ambiguous) {
  std::vector<Cell> cells;
  std::unordered_map<std::string, std::size_t> index;
  for (auto begin = rows.begin(); begin != rows.end();) {
    const Row& first = **begin;
    const auto end = std::find_if(begin + 1, rows.end(),
                                  [&](const Row* row) { return !is_repetition_of(first, *row); });
    nlohmann::json own = identity_of(first, identity);
    std::string key = key_of(own, first, ambiguous);
    const auto [found, is_new] = index.emplace(key, cells.size());
    if (is_new) {
      cells.push_back({std::move(own), std::move(key), {}, {begin, end}});
    } else {
      Cell& cell = cells[found->second];
      require_repetition(*cell.rows.front(), first, identity);
      cell.rows.insert(cell.rows.end(), begin, end);
    }
    begin = end;
  }
  return cells;
}

std::vector<const Row*> measured_rows(const Cell& cell) {
  std::vector<const Row*> result;
  result.reserve(cell.rows.size());
  for (auto begin = cell.rows.begin(); begin != cell.rows.end();) {
    const auto end = std::find_if(begin, cell.rows.end(),
                                  [&](const Row* row) { return row->origin != (*begin)->origin; });
    const std::size_t before = result.size();
    for (const RowKind kind : {RowKind::iteration, RowKind::median, RowKind::mean}) {
      std::copy_if(begin, end, std::back_inserter(result),
                   [&](const Row* row) { return row->kind == kind; });
      if (result.size() > before) {
        break;
      }
    }
    begin = end;
  }
  return result;
}

std::vector<std::string_view> counter_names(std::span<const Row* const> rows) {
  const auto same_names = [](const Row& a, const Row& b) {
    return std::equal(a.counters().begin(), a.counters().end(), b.counters().begin(),
                      b.counters().end(),
                      [](const Counter& x, const Counter& y) { return x.name == y.name; });
  };
  std::vector<std::string_view> names;
  const Row* last = nullptr;
  for (const Row* row : rows) {
    if (last != nullptr && same_names(*last, *row)) {
      continue;
    }
    last = row;
    for (const Counter& counter : row->counters()) {
      if (std::find(names.begin(), names.end(), counter.name) == names.end()) {
        names.push_back(counter.name);
      }
    }
  }
  return names;
}

std::string bare_name(std::string_view run_name) {
  std::size_t slash = run_name.rfind('/');
  std::string_view threads;
  if (slash != std::string_view::npos && run_name.substr(slash).starts_with("/threads:")) {
    threads = run_name.substr(slash);
    run_name = run_name.substr(0, slash);
    slash = run_name.rfind('/');
  }
  while (slash != std::string_view::npos && slash > 0 &&
         says_how_measured(run_name.substr(slash + 1))) {
    run_name = run_name.substr(0, slash);
    slash = run_name.rfind('/');
  }
  return std::string(run_name).append(threads);
}

}  // namespace spate::compare
