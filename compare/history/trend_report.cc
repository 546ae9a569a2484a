#include "compare/history/trend_report.h"

#include <fmt/format.h>

#include <iterator>
#include <nlohmann/json.hpp>
#include <utility>

#include "compare/history/trend_phrases.h"
#include "compare/humane.h"
#include "compare/ink.h"
#include "compare/markdown_escape.h"
#include "compare/phrases.h"
#include "compare/terminal/columns.h"

namespace spate::compare {
namespace {

using nlohmann::ordered_json;

constexpr int kSchemaVersion = 1;
constexpr std::size_t kColumns = 80;
constexpr std::size_t kBesideSparkline = 42;  // title, first and last value, and blanks
constexpr std::size_t kMarkdownColumns = 24;

template <class... Args>
void print(std::string& out, fmt::format_string<Args...> format, Args&&... args) {
  fmt::format_to(std::back_inserter(out), format, std::forward<Args>(args)...);
}

Ink ink_of(const TrendStep& step) {
  return step.acknowledged ? Ink::none : step.step.is_worse ? Ink::red : Ink::green;
}

std::string value_phrase(const TrendLine& line, const LinePoint& point) {
  return humane(line.metric.unit, point.value);
}

// The word in colour, and the rest as it fits.
void print_step(const Trend& trend, const TrendLine& line, const TrendStep& step,
                std::string_view word, std::string_view coloured, std::string& out) {
  std::string text = wrapped(
      fmt::format("      {} {}", word, one_line(step_phrase(trend, line, step))), kColumns, 8);
  print(out, "{}\n", text.replace(text.find(word), word.size(), coloured));
}

void print_line(const Trend& trend, const TrendLine& line, const TextStyle& style, Script script,
                std::string& out) {
  print(out, "  {:<12.28}{:>11} {} {:<11}  {}\n", one_line(line.metric.title),
        value_phrase(line, line.points.front()), script == Script::blocks ? "\u2192" : ">",
        value_phrase(line, line.points.back()),
        sparkline_of(line, kColumns - kBesideSparkline, script));
  for (const TrendStep& step : line.steps) {
    const std::string_view word = direction_phrase(step);
    print_step(trend, line, step, word, inked(word, ink_of(step), style.color), out);
  }
  for (const TrendStep& step : line.doubtful) {
    const std::string_view word = "cannot tell";
    print_step(trend, line, step, word, inked(word, Ink::yellow, style.color), out);
  }
}

std::string heading_of(const TrendSeries& series) {
  return series.setup_phrase.empty() ? "" : fmt::format("  on {}\n", one_line(series.setup_phrase));
}

std::string span_of(const Trend& trend) {
  return trend.points.empty() ? ""
                              : fmt::format(": {} to {}", point_phrase(trend.points.front()),
                                            point_phrase(trend.points.back()));
}

ordered_json or_null(const std::optional<std::string>& text) {
  return text ? ordered_json(*text) : ordered_json(nullptr);
}

ordered_json step_json(const TrendLine& line, const TrendStep& step) {
  const std::optional<Interval>& interval = step.step.interval;
  return {{"point", line.points[step.step.at].point},
          {"verdict", step.step.is_worse ? "worse" : "better"},
          {"change", step.step.change ? ordered_json(*step.step.change) : ordered_json(nullptr)},
          {"low", interval ? ordered_json(interval->low) : ordered_json(nullptr)},
          {"high", interval ? ordered_json(interval->high) : ordered_json(nullptr)},
          {"p", step.step.p},
          {"new", step.is_new},
          {"acknowledged", or_null(step.acknowledged)}};
}

ordered_json steps_json(const TrendLine& line, const std::vector<TrendStep>& steps) {
  ordered_json all = ordered_json::array();
  for (const TrendStep& step : steps) {
    all.push_back(step_json(line, step));
  }
  return all;
}

ordered_json line_json(const TrendLine& line) {
  ordered_json points = ordered_json::array();
  for (const LinePoint& point : line.points) {
    points.push_back({{"point", point.point},
                      {"value", point.value},
                      {"low", point.low},
                      {"high", point.high},
                      {"processes", point.processes}});
  }
  return {{"class", class_name(line.metric.metric_class)},
          {"better", direction_name(line.metric.direction)},
          {"unit", unit_name(line.metric.unit)},
          {"effect", line.metric.effect},
          {"points_needed",
           line.points_needed == 0 ? ordered_json(nullptr) : ordered_json(line.points_needed)},
          {"points", std::move(points)},
          {"steps", steps_json(line, line.steps)},
          {"doubtful", steps_json(line, line.doubtful)}};
}

ordered_json series_json(const TrendSeries& series) {
  ordered_json metrics = ordered_json::object();
  for (const TrendLine& line : series.lines) {
    metrics[line.metric.key] = line_json(line);
  }
  return {{"cell", series.cell}, {"setup", series.setup}, {"metrics", std::move(metrics)}};
}

}  // namespace

std::string trend_text(const Trend& trend, const TextStyle& style, Script script) {
  std::string out = fmt::format("history {}{}\n", one_line(trend.folder), span_of(trend));
  for (const std::string& remark : remarks(trend, style.all)) {
    print(out, "{}\n", wrapped(fmt::format("note {}", one_line(remark)), kColumns, 5));
  }
  for (const TrendSeries& series : trend.series) {
    if (!is_shown(series, style.all)) {
      continue;
    }
    print(out, "\n{}  ({})\n{}", one_line(series.cell), points_phrase(series), heading_of(series));
    for (const TrendLine& line : series.lines) {
      if (is_shown(line, style.all)) {
        print_line(trend, line, style, script, out);
      }
    }
  }
  print(out, "\n{}\n",
        inked(wrapped(summary(trend), kColumns, 2), ink_of(trend.exit_code), style.color));
  return out;
}

std::string trend_markdown(const Trend& trend, bool all) {
  std::string out = fmt::format("**{}**\n", escaped(summary(trend)));
  out += "\n| cell | metric | first | last | trend | steps |\n|---|---|---:|---:|---|---|\n";
  for (const TrendSeries& series : trend.series) {
    const std::string setup =
        series.setup_phrase.empty() ? "" : fmt::format(" on {}", code(series.setup_phrase));
    for (const TrendLine& line : series.lines) {
      if (!is_shown(line, all)) {
        continue;
      }
      print(out, "| {}{} | {} | {} | {} | {} |", code(series.cell), setup, code(line.metric.title),
            value_phrase(line, line.points.front()), value_phrase(line, line.points.back()),
            code(sparkline_of(line, kMarkdownColumns, Script::blocks)));
      for (const TrendStep& step : line.steps) {
        print(out, "{}{} {} {}", &step == &line.steps.front() ? " " : "<br>",
              step.acknowledged    ? ":information_source:"
              : step.step.is_worse ? ":x:"
                                   : ":rocket:",
              direction_phrase(step), escaped(step_phrase(trend, line, step)));
      }
      for (const TrendStep& step : line.doubtful) {
        print(out, "{}:grey_question: cannot tell {}",
              line.steps.empty() && &step == &line.doubtful.front() ? " " : "<br>",
              escaped(step_phrase(trend, line, step)));
      }
      out += " |\n";
    }
  }
  out += '\n';
  for (const std::string& remark : remarks(trend, all)) {
    print(out, "- {}\n", escaped(remark));
  }
  return out;
}

std::string trend_json(const Trend& trend) {
  ordered_json points = ordered_json::array();
  for (const TrendPoint& point : trend.points) {
    points.push_back(
        {{"commit", point.commit.empty() ? ordered_json(nullptr) : ordered_json(point.commit)},
         {"date", point.date},
         {"results", point.results}});
  }
  ordered_json series = ordered_json::array();
  for (const TrendSeries& one : trend.series) {
    series.push_back(series_json(one));
  }
  ordered_json bounds = ordered_json::array();
  for (const TrendBounds& one : trend.bounds) {
    bounds.push_back({{"cell", one.cell}, {"points", one.points}});
  }
  const ordered_json document = {{"schema_version", kSchemaVersion},
                                 {"form", "history"},
                                 {"history", trend.folder},
                                 {"alpha", trend.settings.settings.alpha},
                                 {"recent", trend.settings.recent},
                                 {"points", std::move(points)},
                                 {"series", std::move(series)},
                                 {"unreadable", trend.unreadable},
                                 {"broken", trend.broken},
                                 {"unclassified", trend.unclassified},
                                 {"ended", trend.ended},
                                 {"bounds", std::move(bounds)},
                                 {"summary", summary(trend)},
                                 {"verdict", outcome_name(trend)},
                                 {"exit_code", static_cast<int>(trend.exit_code)}};
  // A path need not be UTF-8.
  return document.dump(2, ' ', false, ordered_json::error_handler_t::replace) + "\n";
}

}  // namespace spate::compare
