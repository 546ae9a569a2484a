#include "compare/html/shown_cells.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <map>
#include <utility>

namespace spate::compare::html {
namespace {

std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> words;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    words.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return words;
}

// "rate:1000" as "1000/s".
std::string spoken(const std::string& word) {
  const std::size_t colon = word.find(':');
  const std::string key = word.substr(0, colon);
  std::string value = colon == std::string::npos ? "" : word.substr(colon + 1);
  if (key == "mode") {
    return value;
  }
  if (key == "chaos") {
    return value == "off" ? "no chaos" : fmt::format("chaos {}", value);
  }
  if (key == "rate") {
    return value == "0" ? "closed loop" : fmt::format("{}/s", value);
  }
  if (key == "highest_rate") {
    return fmt::format("highest rate with {}", value);
  }
  return key == "agents" ? fmt::format("{} agents", value) : word;
}

Side side_of(std::string name, const std::vector<const Row*>& rows) {
  Side side{std::move(name), {}};
  for (const Row* row : rows) {
    if (row->delivery && !row->delivery->is_answer && !row->error &&
        row->kind == RowKind::iteration) {
      side.runs.push_back(read_run(*row));
    }
  }
  return side;
}

ShownCell shown_cell(const Comparison& comparison, const std::array<const Cell*, 2>& cells) {
  const Cell& some = *(cells[0] != nullptr ? cells[0] : cells[1]);
  ShownCell shown;
  shown.name = some.name;
  shown.definition = some.is_of_runs() ? some.rows.front()->delivery->cell.get() : nullptr;
  shown.is_answer = some.is_delivery() && !some.is_of_runs();
  const std::size_t sides = comparison.form == Form::show ? 1 : 2;
  for (std::size_t side = 0; side < sides; ++side) {
    const Cell* cell = cells.at(side);
    shown.rows.push_back(cell == nullptr ? std::vector<const Row*>() : measured_rows(*cell));
    shown.sides.push_back(side_of(sides == 1 ? "" : comparison.sides.at(side), shown.rows.back()));
  }
  return shown;
}

void label_cells(std::vector<ShownCell>& cells) {
  std::vector<const ShownCell*> all(cells.size());
  std::transform(cells.begin(), cells.end(), all.begin(),
                 [](const ShownCell& cell) { return &cell; });
  const std::set<std::string> common = common_words(all);
  for (ShownCell& cell : cells) {
    cell.label =
        label_of(cell, [&](std::string_view word) { return !common.contains(std::string(word)); });
  }
}

}  // namespace

std::vector<ShownCell> cells_of(const Comparison& comparison) {
  std::vector<ShownCell> cells;
  const Matching& matching = *comparison.matching;
  for (std::size_t i = 0; i < matching.pairs.size(); ++i) {
    cells.push_back(
        shown_cell(comparison, {&matching.pairs[i].reference, &matching.pairs[i].other}));
    cells.back().result = i < comparison.cells.size() ? &comparison.cells[i] : nullptr;
  }
  for (const Cell& cell : matching.only_reference) {
    cells.push_back(shown_cell(comparison, {&cell, nullptr}));
  }
  for (const Cell& cell : matching.only_other) {
    cells.push_back(shown_cell(comparison, {nullptr, &cell}));
  }
  label_cells(cells);
  return cells;
}

std::string spoken_name(std::string_view name) {
  std::vector<std::string> words = words_of(name);
  std::transform(words.begin(), words.end(), words.begin(), spoken);
  return fmt::format("{}", fmt::join(words, ", "));
}

std::string label_of(const ShownCell& cell, const std::function<bool(std::string_view)>& wanted) {
  if (cell.definition == nullptr) {
    return cell.name;
  }
  std::vector<std::string> spoken_words;
  for (const std::string& word : words_of(cell.name)) {
    if (wanted(word)) {
      spoken_words.push_back(spoken(word));
    }
  }
  return fmt::format("{}", fmt::join(spoken_words, ", "));
}

std::set<std::string> common_words(const std::vector<const ShownCell*>& cells) {
  std::map<std::string, std::size_t> seen;
  for (const ShownCell* cell : cells) {
    for (const std::string& word : words_of(cell->name)) {
      ++seen[word];
    }
  }
  std::set<std::string> common;
  for (const auto& [word, count] : seen) {
    if (count == cells.size() && cells.size() > 1) {
      common.insert(word);
    }
  }
  return common;
}

}  // namespace spate::compare::html
