#include "compare/match.h"

#include <fmt/format.h>

#include <cstddef>
#include <limits>
#include <map>
#include <set>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "compare/humane.h"
#include "compare/schema.h"

namespace spate::compare {
namespace {

using nlohmann::json;

std::string short_name(const Cell& cell) {
  if (const auto claim = cell.identity.find("claim"); claim != cell.identity.end()) {
    return unquoted(*claim);
  }
  const auto mode = cell.identity.find("mode");
  const auto objective = cell.identity.find(kObjective);
  return fmt::format("{}chaos:{} {} agents:{}",
                     mode == cell.identity.end() ? "" : fmt::format("mode:{} ", unquoted(*mode)),
                     unquoted(cell.identity.at("chaos").at("profile")),
                     objective == cell.identity.end()
                         ? fmt::format("rate:{}", unquoted(cell.identity.at("rate")))
                         : fmt::format("highest_rate:{}", unquoted(*objective)),
                     unquoted(cell.identity.at("agents")));
}

// The paths at which cells of one name are not all alike.
std::set<std::string> differing_paths(const std::vector<const Cell*>& cells) {
  std::map<std::string, std::map<std::string, std::size_t>> seen;  // path, value, how often
  for (const Cell* cell : cells) {
    const json flat = cell->identity.flatten();
    for (const auto& [path, value] : flat.items()) {
      ++seen[path][value.dump()];
    }
  }
  std::set<std::string> result;
  for (const auto& [path, values] : seen) {
    if (values.begin()->second != cells.size()) {
      result.insert(path);
    }
  }
  return result;
}

std::string long_name(const Cell& cell, const std::set<std::string>& paths) {
  std::string name = short_name(cell);
  const json flat = cell.identity.flatten();
  for (const std::string& path : paths) {
    const auto value = flat.find(path);
    name += fmt::format(" {}:{}", dotted(path), value == flat.end() ? "-" : unquoted(*value));
  }
  return name;
}

// Of deliveries: other benchmarks have names of their own.
void name_deliveries(std::vector<Cell>& reference, std::vector<Cell>& other) {
  std::map<std::string, std::map<std::string, const Cell*>> same_name;  // name, key
  for (const std::vector<Cell>* side : {&reference, &other}) {
    for (const Cell& cell : *side) {
      if (cell.is_delivery()) {
        same_name[short_name(cell)].emplace(cell.key, &cell);
      }
    }
  }
  std::unordered_map<std::string, std::string> name_by_key;
  for (const auto& [name, by_key] : same_name) {
    std::vector<const Cell*> cells;
    for (const auto& [key, cell] : by_key) {
      cells.push_back(cell);
    }
    const std::set<std::string> paths = differing_paths(cells);
    for (const auto& [key, cell] : by_key) {
      name_by_key[key] = long_name(*cell, paths);
    }
  }
  for (std::vector<Cell>* side : {&reference, &other}) {
    for (Cell& cell : *side) {
      if (cell.is_delivery()) {
        cell.name = name_by_key.at(cell.key);
      }
    }
  }
}

void name_cells(std::vector<Cell>& reference, std::vector<Cell>& other) {
  for (std::vector<Cell>* side : {&reference, &other}) {
    for (Cell& cell : *side) {
      cell.name = cell.is_delivery() ? "" : cell.rows.front()->run_name;
    }
  }
  name_deliveries(reference, other);
}

}  // namespace

Matching match_cells(std::vector<Cell> reference, std::vector<Cell> other) {
  name_cells(reference, other);
  std::unordered_map<std::string_view, std::size_t> index;  // by key
  index.reserve(other.size());
  for (std::size_t i = 0; i < other.size(); ++i) {
    index.emplace(other[i].key, i);
  }
  // Before anything is moved: the index looks at the cells' own keys.
  constexpr std::size_t kNone = std::numeric_limits<std::size_t>::max();
  std::vector<std::size_t> partners;
  for (const Cell& cell : reference) {
    const auto found = index.find(cell.key);
    partners.push_back(found == index.end() ? kNone : found->second);
  }
  std::vector<bool> taken(other.size());
  Matching result;
  result.pairs.reserve(reference.size());
  for (std::size_t i = 0; i < reference.size(); ++i) {
    if (partners[i] == kNone) {
      result.only_reference.push_back(std::move(reference[i]));
    } else {
      taken[partners[i]] = true;
      result.pairs.push_back({std::move(reference[i]), std::move(other[partners[i]])});
    }
  }
  for (std::size_t i = 0; i < other.size(); ++i) {
    if (!taken[i]) {
      result.only_other.push_back(std::move(other[i]));
    }
  }
  return result;
}

}  // namespace spate::compare
