#include "compare/html/overview.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <string_view>
#include <utility>

#include "compare/humane.h"
#include "compare/metrics.h"

namespace spate::compare::html {
namespace {

// As many cells as a chart has rows, and lines: more can't be told apart.
constexpr std::size_t kMaxRows = 60;
constexpr std::size_t kMaxLines = 12;
// Up to so many cells have their percentiles in one figure.
constexpr std::size_t kFewCells = 6;

bool starts_with_any(std::string_view word, std::initializer_list<std::string_view> starts) {
  return std::any_of(starts.begin(), starts.end(),
                     [&](std::string_view start) { return word.starts_with(start); });
}

std::string joined(std::string_view first, std::string_view second) {
  return first.empty() || second.empty() ? fmt::format("{}{}", first, second)
                                         : fmt::format("{}, {}", first, second);
}

std::string chaos_of(const ShownCell& cell) {
  return unquoted(cell.definition->at("chaos").at("profile"));
}

// Lines that differ in their word (a mode) get another hue, and so on.
class Places {
 public:
  std::size_t of(const std::string& word) {
    return places_.emplace(word, places_.size()).first->second;
  }

 private:
  std::map<std::string, std::size_t> places_;
};

std::string mode_of(const ShownCell& cell, std::size_t side) {
  return cell.rows.at(side).empty() ? "" : cell.rows[side].front()->delivery->mode;
}

std::vector<const ShownCell*> deliveries_among(std::span<const ShownCell> cells) {
  std::vector<const ShownCell*> result;
  for (const ShownCell& cell : cells) {
    if (cell.definition != nullptr) {
      result.push_back(&cell);
    }
  }
  return result;
}

// Closed loops, which have no rate, stand last.
std::vector<double> rates_of(const std::vector<const ShownCell*>& cells) {
  std::set<double> rates;
  for (const ShownCell* cell : cells) {
    rates.insert(cell->definition->at("rate").get<double>());
  }
  std::vector<double> result(rates.begin(), rates.end());
  if (!result.empty() && result.front() == 0) {
    std::rotate(result.begin(), result.begin() + 1, result.end());
  }
  return result;
}

Line asked_line(const std::vector<double>& rates) {
  Line line{"asked for", 7, 5, true, {}};
  for (std::size_t i = 0; i < rates.size(); ++i) {
    if (rates[i] > 0) {
      line.points.push_back({static_cast<double>(i), rates[i], std::nullopt});
    }
  }
  return line;
}

Figure rate_figure(const std::vector<const ShownCell*>& cells, const std::string& chaos) {
  Figure figure;
  figure.kind = FigureKind::steps;
  figure.quantity = Quantity::per_second;
  figure.title = fmt::format("Messages a second, asked for and achieved: chaos {}", chaos);
  figure.hint =
      "A line below the dashed one could not keep up with the rate. A closed loop has none: it "
      "shows how much there is room for.";
  const std::vector<double> rates = rates_of(cells);
  for (const double rate : rates) {
    figure.labels.push_back(rate == 0 ? "closed loop" : fmt::format("{}/s", rate));
  }
  figure.lines.push_back(asked_line(rates));
  Places hues;
  Places shapes;
  std::map<std::string, std::size_t> known;  // the line of each name
  for (const ShownCell* cell : cells) {
    const std::string label = label_of(*cell, [](std::string_view word) {
      return !starts_with_any(word, {"chaos:", "rate:"});
    });
    const double rate = cell->definition->at("rate").get<double>();
    const auto at =
        static_cast<double>(std::find(rates.begin(), rates.end(), rate) - rates.begin());
    for (std::size_t i = 0; i < cell->sides.size(); ++i) {
      const std::string name = joined(label, cell->sides[i].name);
      const auto [found, is_new] = known.emplace(name, figure.lines.size());
      if (is_new) {
        figure.lines.push_back({name,
                                hues.of(mode_of(*cell, i)),
                                shapes.of(unquoted(cell->definition->at("agents"))),
                                cell->sides.size() == 2 && i == 0,
                                {}});
      }
      figure.lines[found->second].points.push_back(
          {at, median_of(cell->sides[i], "messages_per_second"), std::nullopt});
    }
  }
  for (Line& line : figure.lines) {
    std::stable_sort(line.points.begin(), line.points.end(),
                     [](const Point& a, const Point& b) { return a.x < b.x; });
  }
  return figure;
}

Figure percentile_group(const std::vector<const ShownCell*>& cells, const std::string& title) {
  Figure figure;
  figure.kind = FigureKind::percentiles;
  figure.title = joined("Response time by percentile", title);
  const std::set<std::string> common = common_words(cells);
  Places hues;
  Places shapes;
  std::size_t left_out = 0;
  for (const ShownCell* cell : cells) {
    const std::string label =
        label_of(*cell, [&](std::string_view word) { return !common.contains(std::string(word)); });
    for (std::size_t i = 0; i < cell->sides.size(); ++i) {
      Line line = response_line(cell->sides[i], joined(label, cell->sides[i].name));
      line.hue = hues.of(cells.size() <= kFewCells ? label : mode_of(*cell, i));
      line.shape = shapes.of(label);
      line.dashed = cell->sides.size() == 2 ? i == 0 : chaos_of(*cell) != "off";
      if (line.points.empty()) {
        continue;
      }
      if (figure.lines.size() == kMaxLines) {
        ++left_out;
      } else {
        figure.lines.push_back(std::move(line));
      }
    }
  }
  if (left_out > 0) {
    figure.hint = fmt::format("{} more are left out: see the cells.", plural(left_out, "line"));
  }
  return figure;
}

std::string left_out_hint(std::size_t all, std::string_view why) {
  return all <= kMaxRows ? std::string(why)
                         : fmt::format("{} The first {} of {}.", why, kMaxRows, all);
}

}  // namespace

Figure latency_figure(std::span<const ShownCell> cells) {
  Figure figure;
  figure.kind = FigureKind::rows;
  figure.title = "Response time of every cell";
  const std::vector<const ShownCell*> deliveries = deliveries_among(cells);
  figure.hint =
      left_out_hint(deliveries.size(),
                    "Half of the deliveries took less than p50, one in a hundred more than p99.");
  const std::size_t sides = deliveries.empty() ? 0 : deliveries.front()->sides.size();
  constexpr std::array<std::pair<std::string_view, std::string_view>, 3> kShown{
      {{"p50", kResponseP50}, {"p99", kResponseP99}, {"max", "response_ns_max"}}};
  for (std::size_t side = 0; side < sides; ++side) {
    for (std::size_t i = 0; i < kShown.size(); ++i) {
      Line line{joined(kShown[i].first, deliveries.front()->sides[side].name),
                i,
                3 * side + i,
                side == 0 && sides == 2,
                {}};
      for (std::size_t at = 0; at < std::min(deliveries.size(), kMaxRows); ++at) {
        line.points.push_back({static_cast<double>(at),
                               median_of(deliveries[at]->sides[side], kShown[i].second),
                               std::nullopt});
      }
      figure.lines.push_back(std::move(line));
    }
  }
  for (std::size_t at = 0; at < std::min(deliveries.size(), kMaxRows); ++at) {
    figure.labels.push_back(deliveries[at]->label);
  }
  return figure;
}

std::vector<Figure> rate_figures(std::span<const ShownCell> cells) {
  std::map<std::string, std::vector<const ShownCell*>> by_chaos;
  for (const ShownCell* cell : deliveries_among(cells)) {
    by_chaos[chaos_of(*cell)].push_back(cell);
  }
  std::vector<Figure> figures;
  figures.reserve(by_chaos.size());
  for (const auto& [chaos, of_chaos] : by_chaos) {
    figures.push_back(rate_figure(of_chaos, chaos));
  }
  return figures;
}

std::vector<Figure> percentile_figures(std::span<const ShownCell> cells) {
  const std::vector<const ShownCell*> deliveries = deliveries_among(cells);
  if (deliveries.size() <= kFewCells) {
    return {percentile_group(deliveries, "")};
  }
  std::vector<std::pair<std::string, std::vector<const ShownCell*>>> groups;
  for (const ShownCell* cell : deliveries) {
    const std::string title = label_of(*cell, [](std::string_view word) {
      return starts_with_any(word, {"rate:", "agents:"});
    });
    auto found = std::find_if(groups.begin(), groups.end(),
                              [&](const auto& group) { return group.first == title; });
    if (found == groups.end()) {
      found = groups.insert(groups.end(), {title, {}});
    }
    found->second.push_back(cell);
  }
  std::vector<Figure> figures;
  figures.reserve(groups.size());
  for (const auto& [title, group] : groups) {
    figures.push_back(percentile_group(group, title));
  }
  return figures;
}

Figure time_figure(std::span<const ShownCell> cells) {
  Figure figure;
  figure.kind = FigureKind::bars;
  figure.title = "Time of the other benchmarks";
  std::vector<const ShownCell*> plain;
  for (const ShownCell& cell : cells) {
    if (cell.definition == nullptr && !cell.is_answer) {
      plain.push_back(&cell);
    }
  }
  figure.hint = left_out_hint(plain.size(), "Of one iteration, the median of the repetitions.");
  const std::size_t sides = plain.empty() ? 0 : plain.front()->sides.size();
  for (std::size_t side = 0; side < sides; ++side) {
    for (const auto& [title, key] :
         {std::pair{"real time", kRealTime}, std::pair{"cpu time", kCpuTime}}) {
      Line line{joined(title, plain.front()->sides[side].name),
                figure.lines.size(),
                0,
                key == kCpuTime,
                {}};
      for (std::size_t at = 0; at < std::min(plain.size(), kMaxRows); ++at) {
        line.points.push_back(
            {static_cast<double>(at),
             median(plain_values(values_of(plain[at]->rows[side], key, Replication::repetition))),
             std::nullopt});
      }
      figure.lines.push_back(std::move(line));
    }
  }
  for (std::size_t at = 0; at < std::min(plain.size(), kMaxRows); ++at) {
    figure.labels.push_back(plain[at]->label);
  }
  return figure;
}

}  // namespace spate::compare::html
