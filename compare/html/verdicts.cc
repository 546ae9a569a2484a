#include "compare/html/verdicts.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <utility>

#include "compare/humane.h"
#include "compare/phrases.h"

namespace spate::compare::html {
namespace {

constexpr std::size_t kMaxModeCells = 60;

struct Judged {
  const ShownCell* cell = nullptr;
  const MetricResult* metric = nullptr;
};

struct Shown {
  Verdict verdict;
  std::string_view name;
  std::size_t hue;
  std::size_t shape;
};

// In the order in which they are shown.
constexpr std::array<Shown, 4> kVerdicts{{{Verdict::worse, "worse", 1, 1},
                                          {Verdict::better, "better", 0, 2},
                                          {Verdict::cannot_tell, "cannot tell", 4, 4},
                                          {Verdict::same, "same", 7, 0}}};

std::size_t place_of(Verdict verdict) {
  const auto* const found = std::find_if(kVerdicts.begin(), kVerdicts.end(),
                                         [&](const Shown& one) { return one.verdict == verdict; });
  return static_cast<std::size_t>(found - kVerdicts.begin());
}

bool is_by_points(const MetricResult& metric) {
  return metric.metric.metric_class == MetricClass::proportion;
}

std::vector<Judged> judged_metrics(std::span<const ShownCell> cells, bool by_points) {
  std::vector<Judged> result;
  for (const ShownCell& cell : cells) {
    if (cell.result == nullptr) {
      continue;
    }
    for (const MetricResult& metric : cell.result->metrics) {
      if (metric.judgement.verdict != Verdict::not_judged && is_by_points(metric) == by_points) {
        result.push_back({&cell, &metric});
      }
    }
  }
  std::stable_sort(result.begin(), result.end(), [](const Judged& a, const Judged& b) {
    return place_of(a.metric->judgement.verdict) < place_of(b.metric->judgement.verdict);
  });
  return result;
}

// Of a ratio what it is to 1.
std::optional<double> placed(std::optional<double> change, bool by_points) {
  return change && !by_points ? std::optional(*change + 1) : change;
}

Point change_point(std::size_t at, const MetricResult& metric, bool by_points) {
  const Evidence& evidence = metric.judgement.evidence;
  Point point{static_cast<double>(at), placed(evidence.change, by_points), std::nullopt};
  if (evidence.interval && !std::isinf(evidence.interval->low)) {
    point.interval =
        Interval{*placed(evidence.interval->low, by_points),
                 *placed(evidence.interval->high, by_points), evidence.interval->level};
  }
  return point;
}

Figure verdict_figure(const std::vector<Judged>& all, bool by_points) {
  Figure figure;
  figure.kind = FigureKind::rows;
  figure.quantity = by_points ? Quantity::points : Quantity::change;
  figure.title = by_points ? "Changes of shares, in points" : "Changes";
  figure.hint =
      "New against base, with the interval of 95 %. Within the grey band a change does not matter.";
  if (all.size() > kMaxVerdicts) {
    figure.hint += fmt::format(" The first {} of {} verdicts; --format json has all.", kMaxVerdicts,
                               all.size());
  }
  for (const Shown& verdict : kVerdicts) {
    figure.lines.push_back({std::string(verdict.name), verdict.hue, verdict.shape, false, {}});
  }
  figure.before = {{"base", {}}, {"new", {}}};
  figure.behind = {{"verdict", {}}};
  figure.shared_column = "change (95 % interval)";
  for (std::size_t at = 0; at < std::min(all.size(), kMaxVerdicts); ++at) {
    const auto& [cell, metric] = all[at];
    figure.labels.push_back(fmt::format("{}: {}", cell->label, metric->metric.title));
    figure.lines[place_of(metric->judgement.verdict)].points.push_back(
        change_point(at, *metric, by_points));
    const double effect = metric->metric.effect;
    figure.bands.push_back(by_points ? effect : 1 + effect);
    figure.before[0].texts.push_back(humane(metric->metric.unit, metric->reference));
    figure.before[1].texts.push_back(humane(metric->metric.unit, metric->other));
    figure.behind[0].texts.push_back(verdict_phrase(*metric));
  }
  return figure;
}

using Ratio = std::pair<std::string, RatioPair>;

std::vector<Ratio> ratios_of(const ModeComparison& cell) {
  std::vector<Ratio> result{{"throughput", cell.throughput}, {"mean response", cell.mean_ns}};
  for (const QuantilePair& pair : cell.quantiles) {
    result.emplace_back(fmt::format("p{:.6g} response", pair.quantile * 100), pair);
  }
  return result;
}

}  // namespace

std::vector<Figure> verdict_figures(std::span<const ShownCell> cells) {
  std::vector<Figure> figures;
  for (const bool by_points : {false, true}) {
    const std::vector<Judged> judged = judged_metrics(cells, by_points);
    if (!judged.empty()) {
      figures.push_back(verdict_figure(judged, by_points));
    }
  }
  return figures;
}

Table verdict_table(const CellResult& cell) {
  Table table{"Verdicts", {"metric", "base", "new", "change", "95 % interval", "verdict"}, {}, 5};
  for (const MetricResult& metric : cell.metrics) {
    if (metric.judgement.verdict != Verdict::not_judged) {
      table.rows.push_back({metric.metric.title, humane(metric.metric.unit, metric.reference),
                            humane(metric.metric.unit, metric.other),
                            humane_change(metric.metric, metric.judgement.evidence.change),
                            humane_interval(metric), verdict_phrase(metric)});
    }
  }
  return table;
}

Figure mode_figure(const Comparison& comparison) {
  Figure figure;
  figure.kind = FigureKind::rows;
  figure.quantity = Quantity::ratio;
  figure.title = fmt::format("{} against {}", comparison.sides[1], comparison.sides[0]);
  figure.hint = fmt::format("Ratios: right of the middle line {} has more of it, or takes longer.",
                            comparison.sides[1]);
  const std::size_t shown = std::min(comparison.cells.size(), kMaxModeCells);
  if (shown < comparison.cells.size()) {
    figure.hint += fmt::format(" The first {} of {} cells.", shown, comparison.cells.size());
  }
  for (std::size_t at = 0; at < shown; ++at) {
    const CellResult& cell = comparison.cells[at];
    figure.labels.push_back(spoken_name(cell.name));
    const std::vector<Ratio> ratios = ratios_of(*cell.modes);
    for (std::size_t i = 0; i < ratios.size(); ++i) {
      if (at == 0) {
        figure.lines.push_back({ratios[i].first, i, i, false, {}});
      }
      figure.lines[i].points.push_back(
          {static_cast<double>(at), ratios[i].second.ratio, ratios[i].second.interval});
    }
  }
  return figure;
}

}  // namespace spate::compare::html
