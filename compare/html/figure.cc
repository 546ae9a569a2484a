#include "compare/html/figure.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <utility>

#include "compare/humane.h"
#include "compare/schema.h"

namespace spate::compare::html {
namespace {

using nlohmann::ordered_json;

std::string_view name_of(Quantity quantity) {
  switch (quantity) {
    case Quantity::time_ns:
      return "time";
    case Quantity::per_second:
      return "rate";
    case Quantity::share:
      return "share";
    case Quantity::plain:
      return "plain";
    case Quantity::ratio:
      return "ratio";
    case Quantity::change:
      return "change";
    case Quantity::points:
      return "points";
  }
  return "plain";
}

std::string_view name_of(FigureKind kind) {
  switch (kind) {
    case FigureKind::percentiles:
      return "percentiles";
    case FigureKind::timeline:
      return "timeline";
    case FigureKind::steps:
      return "steps";
    case FigureKind::rows:
      return "rows";
    case FigureKind::bars:
      return "bars";
  }
  return "rows";
}

std::string change_text(double ratio) {
  if (std::isinf(ratio)) {
    return "from 0";
  }
  const double percent = (ratio - 1) * 100;
  return percent < 1000 ? fmt::format("{:+.1f}%", percent) : fmt::format("{:.3g}x", ratio);
}

std::string point_text(Quantity quantity, const Point& point) {
  std::string text = text_of(quantity, point.value);
  if (point.interval) {
    text += fmt::format(
        " ({} .. {})", text_of(quantity, point.interval->low),
        std::isinf(point.interval->high) ? "any" : text_of(quantity, point.interval->high));
  }
  return text;
}

// JSON has no infinity: what ends there is open.
ordered_json or_null(std::optional<double> value) {
  return value && std::isfinite(*value) ? ordered_json(*value) : ordered_json(nullptr);
}

// With the table's texts, since two languages would round in two ways.
ordered_json points_json(const Line& line, Quantity quantity) {
  ordered_json result = ordered_json::array();
  for (const Point& point : line.points) {
    ordered_json& one = result.emplace_back(
        ordered_json::array({point.x, or_null(point.value), point_text(quantity, point)}));
    if (point.interval) {
      one.push_back(or_null(point.interval->low));
      one.push_back(or_null(point.interval->high));
    }
  }
  return result;
}

std::string_view first_column(FigureKind kind) {
  switch (kind) {
    case FigureKind::percentiles:
      return "percentile";
    case FigureKind::timeline:
      return "at";
    case FigureKind::steps:
      return "rate";
    case FigureKind::rows:
    case FigureKind::bars:
      return "";
  }
  return "";
}

std::string x_text(const Figure& figure, double x) {
  switch (figure.kind) {
    case FigureKind::percentiles:
      return percentile_name(x);
    case FigureKind::timeline:
      return humane(Unit::nanoseconds, x);
    case FigureKind::steps:
    case FigureKind::rows:
    case FigureKind::bars:
      return figure.labels.at(static_cast<std::size_t>(x));
  }
  return "";
}

// Every x that a line has a point at; of labels all.
std::set<double> places(const Figure& figure) {
  std::set<double> result;
  for (std::size_t label = 0; label < figure.labels.size(); ++label) {
    result.insert(static_cast<double>(label));
  }
  for (const Line& line : figure.lines) {
    for (const Point& point : line.points) {
      result.insert(point.x);
    }
  }
  return result;
}

void add_remarks(const std::vector<Remark>& remarks, double x, std::vector<std::string>& row) {
  for (const Remark& remark : remarks) {
    row.push_back(remark.texts.at(static_cast<std::size_t>(x)));
  }
}

// Of each line its point at an x; called with ascending ones.
class PointsAt {
 public:
  explicit PointsAt(const Figure& figure) : figure_(figure), next_(figure.lines.size()) {}

  void append(double x, std::vector<std::string>& row) {
    const bool shared = !figure_.shared_column.empty();
    const std::size_t first = row.size();
    row.resize(first + (shared ? 1 : figure_.lines.size()));
    for (std::size_t i = 0; i < figure_.lines.size(); ++i) {
      const std::vector<Point>& points = figure_.lines[i].points;
      if (next_[i] < points.size() && points[next_[i]].x == x) {
        row[first + (shared ? 0 : i)] = point_text(figure_.quantity, points[next_[i]++]);
      }
    }
  }

 private:
  const Figure& figure_;
  std::vector<std::size_t> next_;
};

std::vector<std::string> head_of(const Figure& figure) {
  std::vector<std::string> head{std::string(first_column(figure.kind))};
  for (const Remark& remark : figure.before) {
    head.push_back(remark.title);
  }
  if (!figure.shared_column.empty()) {
    head.push_back(figure.shared_column);
  } else {
    for (const Line& line : figure.lines) {
      head.push_back(line.name);
    }
  }
  for (const Remark& remark : figure.behind) {
    head.push_back(remark.title);
  }
  return head;
}

Table table_of_lines(const Figure& figure) {
  Table table{figure.title, head_of(figure), {}, 0};
  if (!figure.behind.empty()) {
    table.words_from = table.head.size() - figure.behind.size();
  }
  PointsAt points(figure);
  for (const double x : places(figure)) {
    std::vector<std::string> row{x_text(figure, x)};
    add_remarks(figure.before, x, row);
    points.append(x, row);
    add_remarks(figure.behind, x, row);
    table.rows.push_back(std::move(row));
  }
  return table;
}

Table table_of_marks(const Figure& figure) {
  Table table{"What happened meanwhile", {"from", "to", "how many", "what"}, {}, 3};
  for (const Mark& mark : figure.marks) {
    table.rows.push_back({humane(Unit::nanoseconds, mark.begin_ns),
                          humane(Unit::nanoseconds, mark.end_ns), std::to_string(mark.count),
                          mark.side.empty() ? mark.what : mark.side + ": " + mark.what});
  }
  return table;
}

}  // namespace

std::string text_of(Quantity quantity, std::optional<double> value) {
  if (!value) {
    return "-";
  }
  switch (quantity) {
    case Quantity::time_ns:
      return humane(Unit::nanoseconds, value);
    case Quantity::per_second:
      return humane(Unit::per_second, value);
    case Quantity::share:
      return humane(Unit::share, value);
    case Quantity::plain:
      return humane(Unit::plain, value);
    case Quantity::ratio:
      return humane_ratio(value);
    case Quantity::change:
      return change_text(*value);
    case Quantity::points:
      return fmt::format("{:+.2f}pt", *value * 100);
  }
  return "-";
}

std::string percentile_name(double nines) {
  return nines <= 1 ? "min" : fmt::format("p{:.7g}", 100 - 100 / nines);
}

bool is_empty(const Figure& figure) {
  return std::all_of(figure.lines.begin(), figure.lines.end(), [](const Line& line) {
    return std::none_of(line.points.begin(), line.points.end(),
                        [](const Point& point) { return point.value.has_value(); });
  });
}

ordered_json figure_json(const Figure& figure) {
  ordered_json lines = ordered_json::array();
  for (const Line& line : figure.lines) {
    lines.push_back({{"name", line.name},
                     {"hue", line.hue},
                     {"shape", line.shape},
                     {"dashed", line.dashed},
                     {"points", points_json(line, figure.quantity)}});
  }
  ordered_json result = {{"kind", name_of(figure.kind)},
                         {"title", figure.title},
                         {"quantity", name_of(figure.quantity)},
                         {"lines", std::move(lines)}};
  if (!figure.labels.empty()) {
    result["labels"] = figure.labels;
  } else {
    for (const double x : places(figure)) {
      result["places"].push_back({x, x_text(figure, x)});
    }
  }
  if (!figure.bands.empty()) {
    result["bands"] = figure.bands;
  }
  for (const Mark& mark : figure.marks) {
    result["marks"].push_back({{"begin", mark.begin_ns},
                               {"end", mark.end_ns},
                               {"what", mark.what},
                               {"count", mark.count},
                               {"fault", mark.is_fault},
                               {"side", mark.side},
                               {"row", mark.row}});
  }
  return result;
}

std::vector<Table> tables_of(const Figure& figure) {
  std::vector<Table> tables{table_of_lines(figure)};
  if (!figure.marks.empty()) {
    tables.push_back(table_of_marks(figure));
  }
  return tables;
}

}  // namespace spate::compare::html
