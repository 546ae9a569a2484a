#include "compare/match.h"

#include <fmt/format.h>

#include <cstddef>
#include <map>
#include <set>
#include <unordered_map>
#include <utility>

#include "compare/humane.h"

namespace spate::compare {
namespace {

using nlohmann::json;

std::string plain(const json& value) {
  return value.is_string() ? value.get<std::string>() : value.dump();
}

std::string short_name(const Cell& cell) {
  if (cell.identity.is_null()) {
    return cell.rows.front().run_name;
  }
  if (const auto claim = cell.identity.find("claim"); claim != cell.identity.end()) {
    return plain(*claim);
  }
  const auto mode = cell.identity.find("mode");
  return fmt::format("{}chaos:{} rate:{} agents:{}",
                     mode == cell.identity.end() ? "" : fmt::format("mode:{} ", plain(*mode)),
                     plain(cell.identity.at("chaos").at("profile")),
                     plain(cell.identity.at("rate")), plain(cell.identity.at("agents")));
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
    name += fmt::format(" {}:{}", dotted(path), value == flat.end() ? "-" : plain(*value));
  }
  return name;
}

void name_cells(std::vector<Cell>& reference, std::vector<Cell>& other) {
  std::map<std::string, std::map<std::string, const Cell*>> same_name;  // name, key
  for (const std::vector<Cell>* side : {&reference, &other}) {
    for (const Cell& cell : *side) {
      same_name[short_name(cell)].emplace(cell.key, &cell);
    }
  }
  std::unordered_map<std::string, std::string> name_by_key;
  for (const auto& [name, by_key] : same_name) {
    std::vector<const Cell*> cells;
    for (const auto& [key, cell] : by_key) {
      if (!cell->identity.is_null()) {
        cells.push_back(cell);
      }
    }
    const std::set<std::string> paths = differing_paths(cells);
    for (const auto& [key, cell] : by_key) {
      name_by_key[key] = cell->identity.is_null() ? name : long_name(*cell, paths);
    }
  }
  for (std::vector<Cell>* side : {&reference, &other}) {
    for (Cell& cell : *side) {
      cell.name = name_by_key.at(cell.key);
    }
  }
}

}  // namespace

Matching match_cells(std::vector<Cell> reference, std::vector<Cell> other) {
  name_cells(reference, other);
  std::unordered_map<std::string, std::size_t> partners;  // by key
  for (std::size_t i = 0; i < other.size(); ++i) {
    partners.emplace(other[i].key, i);
  }
  std::vector<bool> taken(other.size());
  Matching result;
  for (Cell& cell : reference) {
    const auto partner = partners.find(cell.key);
    if (partner == partners.end()) {
      result.only_reference.push_back(std::move(cell));
    } else {
      taken[partner->second] = true;
      result.pairs.push_back({std::move(cell), std::move(other[partner->second])});
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
