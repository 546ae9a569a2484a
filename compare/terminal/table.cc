#include "compare/terminal/table.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

namespace spate::compare {

std::size_t Table::Layout::behind_first() const {
  return std::accumulate(
      shown.begin(), shown.end(), std::size_t{0},
      [&](std::size_t sum, std::size_t column) { return sum + gap + widths[column]; });
}

Table::Layout Table::fitted(std::size_t columns) const {
  Layout layout;
  for (std::size_t column = 0; column < columns_.size(); ++column) {
    std::size_t width = columns_of(columns_[column].title);
    for (const std::vector<std::string>& row : rows_) {
      width = std::max(width, column < row.size() ? columns_of(row[column]) : 0);
    }
    layout.widths.push_back(width);
    if (column > 0) {
      layout.shown.push_back(column);
    }
  }
  const auto fits = [&](std::size_t first) { return first + layout.behind_first() <= columns; };
  if (!fits(layout.widths[0])) {
    layout.gap = 1;
  }
  while (!fits(layout.widths[0])) {
    const auto spare =
        std::find_if(layout.shown.rbegin(), layout.shown.rend(),
                     [&](std::size_t column) { return columns_[column].only_if_room; });
    if (spare == layout.shown.rend()) {
      break;
    }
    layout.shown.erase(std::next(spare).base());
  }
  if (!fits(layout.widths[0])) {
    const std::size_t least = columns_of(columns_[0].title);
    layout.gap = 2;
    layout.gap = fits(least) ? 2 : 1;
    layout.widths[0] = fits(least) ? columns - layout.behind_first() : least;
  }
  return layout;
}

std::string Table::line(const std::vector<std::string>& cells, const Layout& layout) const {
  const std::size_t room = layout.widths[0];
  const std::string& first = cells.front();
  std::string out = columns_of(first) > room ? fmt::format("{}\n{:{}}", first, "", room)
                                             : fmt::format("{:<{}}", first, room);
  for (const std::size_t column : layout.shown) {
    const std::string cell = column < cells.size() ? cells[column] : "";
    const std::size_t width = layout.widths[column];
    out += fmt::format("{:{}}", "", layout.gap);
    out += columns_[column].left ? fmt::format("{:<{}}", cell, width)
                                 : fmt::format("{:>{}}", cell, width);
  }
  out.resize(out.find_last_not_of(' ') + 1);
  return out;
}

std::vector<std::string> Table::lines(std::size_t columns) const {
  const Layout layout = fitted(columns);
  std::vector<std::string> titles;
  for (const Column& column : columns_) {
    titles.push_back(column.title);
  }
  std::vector<std::string> lines{line(titles, layout)};
  for (const std::vector<std::string>& row : rows_) {
    lines.push_back(line(row, layout));
  }
  return lines;
}

}  // namespace spate::compare
